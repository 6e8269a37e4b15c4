"""What localcloud raises for people to read: the fault, its consequence, and how to fix it."""


class LocalcloudError(Exception):
    """Something that the caller can act upon; the message says how."""
