"""Closes what a command opened, however it ends, so that a process with several commands keeps no files open."""

from __future__ import annotations

import contextlib

at_end = contextlib.ExitStack()
"""`run` in `wikitools.cli.app` closes everything on this stack."""
