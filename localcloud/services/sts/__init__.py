"""STS: who is calling."""
