"""Where certificates of an ACME authority are, and what is wanted of it."""

from __future__ import annotations

# The deployer's order; names and address are in it, so no first boot has it.
WANTED = "/etc/oss-proxy/acme.json"
STATE = "/var/lib/oss-proxy/acme"
# What nginx reads: one folder with a certificate, its key, and what nginx is told of them.
LIVE = f"{STATE}/live"
# Answers to challenges. nginx's workers read them, which may not look into the folder of the state.
CHALLENGES = "/run/oss-proxy-acme"
PROGRAM = "/usr/local/libexec/oss-proxy-acme"
# Debian's: certbot's own library.
PACKAGE = "python3-acme"
