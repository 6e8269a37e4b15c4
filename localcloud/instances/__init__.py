"""Instances: the image they boot from, the machine that runs them, and their metadata."""
