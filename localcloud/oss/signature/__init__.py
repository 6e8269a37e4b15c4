"""Request signatures V1 and V4, in a header or in the query."""
