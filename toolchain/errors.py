"""Errors of this package."""


class ToolchainError(Exception):
    """Something stops `pulumi` from being made ready; the message tells the fault and the next command."""


class UnavailableError(ToolchainError):
    """A source of `pulumi` cannot be used here; the next one may."""
