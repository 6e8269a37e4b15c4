"""Benchmarks: numbers measured side by side in one run, on the machine that prints them."""
