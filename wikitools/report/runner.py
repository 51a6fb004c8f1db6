"""Makes text of pages harmless for logs of CI jobs, where some lines are commands to the runner.

GitHub's runner takes `::name::` at the start of a line for a command. Like Azure's agent and TeamCity it does the same
with `##[name]`, `##vso[name]` or `##teamcity[name]` anywhere in a line, whoever wrote them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# The runner is a .NET program: it trims all Unicode white space, and in comparisons that depend on the language it
# ignores characters without width.
_NOTHING = "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u2060-\u2064\ufeff"
_AT_START = re.compile(rf"(?:^|(?<=[\n\r]))([\s{_NOTHING}]*):(?=[{_NOTHING}]*:)")
_ANYWHERE = re.compile(rf"(#[{_NOTHING}]*#[{_NOTHING}]*(?:(?:vso|teamcity)[{_NOTHING}]*)?)\[", re.IGNORECASE)


def listens(environment: Mapping[str, str]) -> bool:
    """Say whether such a program reads the output."""
    return any(environment.get(name) for name in ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"))


def can_be_stopped(environment: Mapping[str, str]) -> bool:
    """Say whether the program can be told to ignore commands for a while (GitHub's can)."""
    return bool(environment.get("GITHUB_ACTIONS")) and not environment.get("TF_BUILD")


def has_commands(text: str) -> bool:
    """Say whether such a program would find a command in the text."""
    return _AT_START.search(text) is not None or _ANYWHERE.search(text) is not None


def tame(text: str) -> str:
    """Return text without commands: look-alike characters of equal width replace theirs, so that carets still match.

    >>> tame("::add-mask::x"), tame("see ##[error]x")
    ('∶:add-mask::x', 'see ##⁅error]x')
    """
    if ":" in text:
        text = _AT_START.sub("\\1\u2236", text)
    return tame_inside(text)


def tame_inside(text: str) -> str:
    """Return a part of a line without commands.

    >>> tame_inside("file=##vso[x]")
    'file=##vso⁅x]'
    """
    return tame_escaped(text, "\u2045")


def tame_escaped(text: str, bracket: str) -> str:
    r"""Return text of a format that has an escape for brackets: it means the same and contains no command.

    >>> tame_escaped('{"title": "##[error]x"}', "\\u005b")
    '{"title": "##\\u005berror]x"}'
    """
    return _ANYWHERE.sub(lambda match: match[1] + bracket, text) if "#" in text else text
