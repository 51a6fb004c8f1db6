"""Errors about files, as one line for the user."""

from __future__ import annotations


class FileError(Exception):
    """A file cannot be read or written; the message is one line for the user and names the file.

    `hint` says what to do about it, if anything.
    """

    def __init__(self, message: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class OutsideError(FileError):
    """A path leads out of the wiki."""


class TooLargeError(FileError):
    """A file is larger than the limit."""


class ChangedError(FileError):
    """The file has changed since it was read."""


class DiskFullError(FileError):
    """Nothing more can be written on that disk."""


def reason(error: OSError | ValueError) -> str:
    """Return the system's error message, without the path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error)


def as_megabytes(count: int) -> str:
    """Return a number of bytes in megabytes, for people."""
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{count} bytes"
