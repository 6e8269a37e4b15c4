"""Names by which clients come: their records in Alibaba Cloud DNS."""
