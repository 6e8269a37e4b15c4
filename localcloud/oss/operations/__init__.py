"""What the service can do, one subject per module, and the table that finds the operation of a request."""
