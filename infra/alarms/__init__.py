"""Alarms of CloudMonitor on the proxy: what is watched, who is told, and the resources."""
