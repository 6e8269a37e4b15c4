"""A certificate authority on the Internet: Let's Encrypt's test server Pebble, behind a front of the cloud's.

The front has the name and the certificate that clients trust, refuses what Let's Encrypt refuses and Pebble
does not, notes every call and lets faults strike. Pebble has accounts, orders and keys, and validates from a
host of its own.
"""
