"""CloudMonitor: alert rules for metrics, and the contact groups that they tell."""
