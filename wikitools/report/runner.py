"""Text of pages as it may reach the log of a CI job, where some lines are commands to the program that runs it.

GitHub's runner and Azure's agent take `::name::` at the start of a line, and `##[name]` or `##vso[name]` anywhere in
one, for commands, whoever wrote them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_AT_START = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_ANYWHERE = re.compile(r"(##(?:vso)?)\[")


def listens(environment: Mapping[str, str]) -> bool:
    """Say whether such a program reads the output."""
    return bool(environment.get("GITHUB_ACTIONS") or environment.get("TF_BUILD"))


def tame(text: str) -> str:
    """Return text without commands: look-alikes of equal width stand in their place, so that carets still fit.

    >>> tame("::add-mask::x"), tame("see ##[error]x")
    ('∶:add-mask::x', 'see ##⁅error]x')
    """
    if "::" in text:
        text = _AT_START.sub("\\1\u2236", text)
    return _ANYWHERE.sub("\\1\u2045", text) if "##" in text else text
