"""Records of comma-separated values (RFC 4180, but with plain line feeds), for spreadsheets and programs.

A spreadsheet runs a cell that starts like a formula, whoever wrote it; an apostrophe before it makes it a text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_QUOTED = re.compile('[",\r\n]|^[\\s:]|\\s$')


def record(cells: Iterable[str | int]) -> str:
    r"""Return a record with its line end.

    >>> record(("a.md", 3, "=1+1", 'said "so", twice', "-x"))
    'a.md,3,\'=1+1,"said ""so"", twice",\'-x\n'
    """
    return ",".join(str(each) if isinstance(each, int) else _cell(each) for each in cells) + "\n"


def _cell(text: str) -> str:
    if _FORMULA.match(text):
        text = f"'{text}"
    # Also quote text that a CI job's runner could take for a command at the start of a line.
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
