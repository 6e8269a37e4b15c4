"""Alidns: the domains of an account and the records in them, which the cloud's name servers answer."""
