"""What a command opened and has to close, however it ends: a program that runs several commands keeps no files open."""

from __future__ import annotations

import contextlib

at_end = contextlib.ExitStack()
"""`run` in `wikitools.cli.app` closes all that was put on it."""
