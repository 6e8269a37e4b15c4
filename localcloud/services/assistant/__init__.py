"""Cloud Assistant, the part of ECS that runs commands inside instances."""
