"""BSS: billing, of which clients only ask what kind of account they have."""
