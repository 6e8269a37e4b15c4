"""The fabric made of network namespaces and booted instances."""
