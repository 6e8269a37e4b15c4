"""Location: which host serves a product in a region."""
