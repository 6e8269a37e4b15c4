"""HTTPS: what certificates have to be, and what clients meet."""
