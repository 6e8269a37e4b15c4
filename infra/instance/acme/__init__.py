"""Gets certificates from an ACME authority and renews them: one program on the instance.

`infra.instance_files` makes one file of these modules. Beside the standard library they need Debian's
python3-acme, certbot's own library, and what it stands on. Of Debian 13's clients dehydrated 0.7.2 takes
an address for a name where it is given a signing request, and makes requests of its own that Let's Encrypt
refuses (the address is their common name); acme.sh 3.1.1 and lego 4.9 know no profiles, and certbot 4.0's
command line no addresses.
"""
