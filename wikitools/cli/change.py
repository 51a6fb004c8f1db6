"""Changed pages on their way out: shown as a diff, or written."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.cli.terminal import complain, is_terminal, output_style, write
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wikitools.cli.start import Wiki


def write_pages(wiki: Wiki, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Write the new texts and return the paths that could not be written; each was complained about."""
    refused: list[str] = []
    for path in sorted(texts):
        try:
            files.write_atomic(wiki.settings.root, path, wiki.workspace.text_of(path).encode("utf-8"), texts[path])
        except files.FileError as error:
            complain(str(error))
            refused.append(path)
    return tuple(refused)


def write_diff(wiki: Wiki, texts: Mapping[str, str]) -> None:
    """Print what would change as a unified diff that `git apply` takes."""
    for path in sorted(texts):
        if texts[path] != wiki.workspace.text_of(path):
            write(_diff(wiki.shown(path), wiki.workspace.text_of(path), texts[path]))


def _diff(path: str, old: str, new: str) -> Iterator[str]:
    """Yield the lines of the diff of one page, with their line ends."""
    style = output_style()
    # A patch must carry the bytes of the page; a terminal must not be steered by them.
    screen = is_terminal(sys.stdout)
    before, after = _lines(old), _lines(new)
    # Most changes are local: what is the same at both ends need not be compared.
    head = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    keep = max(head - 3, 0)
    name = visible(path)
    yield style.paint("bold", f"--- a/{name}") + "\n"
    yield style.paint("bold", f"+++ b/{name}") + "\n"
    for group in difflib.SequenceMatcher(None, before[keep:], after[keep:], autojunk=False).get_grouped_opcodes(3):
        first, last = group[0], group[-1]
        span = (_range(first[1] + keep, last[2] + keep), _range(first[3] + keep, last[4] + keep))
        yield style.paint("info", f"@@ -{span[0]} +{span[1]} @@") + "\n"
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (_line(" ", line, screen=screen) for line in before[keep + i1 : keep + i2])
                continue
            for sign, look, lines in (
                ("-", "bad", before[keep + i1 : keep + i2]),
                ("+", "good", after[keep + j1 : keep + j2]),
            ):
                yield from (style.paint(look, _line(sign, line, screen=screen)) for line in lines)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _range(start: int, end: int) -> str:
    """Return a range of lines as a diff's hunk header has it."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _line(sign: str, line: str, *, screen: bool) -> str:
    ended = line.endswith("\n")
    body = line[:-1] if ended else line
    shown = visible(body.removesuffix("\r")) if screen else body
    return f"{sign}{shown}\n" if ended else f"{sign}{shown}\n\\ No newline at end of file\n"
