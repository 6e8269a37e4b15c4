"""nginx as it is rendered, against other ways to do the same, on one machine and in one run."""
