"""Questions on a terminal that have a few answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wikitools.cli.terminal import write

if TYPE_CHECKING:
    from collections.abc import Sequence


def ask(question: str, choices: Sequence[str], default: str) -> str:
    """Return one of the choices. Raises `EOFError` at the end of the input."""
    while True:
        write(f"{question} [{default}] ")
        sys.stdout.flush()
        answer = input().strip().lower() or default
        if answer in choices:
            return answer
        write(f"Please answer {', '.join(choices)}.\n")
