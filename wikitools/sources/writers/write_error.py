"""The error that ends the writing of an entry before anything is written."""

from __future__ import annotations


class CannotWriteError(ValueError):
    """Nothing can be added to a file of this form; the message says why."""
