"""The base of errors that a person is shown: the message says what, where, why and what to do."""

from __future__ import annotations


class ShownError(Exception):
    """An error whose message is for the person at the screen; the command line shows it without a traceback."""
