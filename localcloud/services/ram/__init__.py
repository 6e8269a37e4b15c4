"""RAM: roles and custom policies."""
