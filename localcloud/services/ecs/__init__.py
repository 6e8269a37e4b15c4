"""ECS: instances, their disks and interfaces, security groups, images and instance types."""
