"""The house has one direction: no file needs, by any way round, a file that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import grimp

if TYPE_CHECKING:
    from collections.abc import Iterator


def circles(graph: grimp.ImportGraph) -> Iterator[tuple[str, ...]]:
    """Yield the circles of files: modules each of which is behind and before all others, after Tarjan."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []

    def visit(module: str) -> Iterator[tuple[str, ...]]:
        number[module] = lowest[module] = len(number)
        path.append(module)
        for other in sorted(graph.find_modules_directly_imported_by(module)):
            if other not in number:
                yield from visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in path:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            circle = path[path.index(module) :]
            del path[path.index(module) :]
            if len(circle) > 1:
                yield tuple(sorted(each.removeprefix("wikitools.") for each in circle))

    for module in sorted(graph.modules):
        if module not in number:
            yield from visit(module)


def test_no_circle_of_files() -> None:
    # What is imported for types only counts as well: who reads one file of a circle has to read them all.
    assert list(circles(grimp.build_graph("wikitools"))) == []


def test_no_file_is_longer_than_a_sitting() -> None:
    folder = Path(__file__).parent.parent / "wikitools"
    files = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}
    assert [path for path, text in files.items() if text.count("\n") > 500] == []
