"""``make sizing``: from what clients ask for to instances, bandwidth, and what is full first."""
