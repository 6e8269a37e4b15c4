"""What holds for all tests."""

from hypothesis import settings

# A busy machine is no fault of the code: examples may take as long as they like, and none is a timed test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
