"""VPC: networks, vSwitches, route tables and elastic IP addresses."""
