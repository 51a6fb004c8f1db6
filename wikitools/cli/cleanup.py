"""Closes what a command opened, however it ends, so that a process with several commands keeps no files open."""

from __future__ import annotations

import contextlib

at_end = contextlib.ExitStack()
"""`run` in `wikitools.cli.app` closes all that was put on it."""
