"""What clients of the bucket type, and what tells them why it does not work."""
