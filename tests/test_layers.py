"""Imports have one direction: no file needs, by any way round, a file that needs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import grimp

FOLDER = Path(__file__).parent.parent / "wikitools"

if TYPE_CHECKING:
    from collections.abc import Iterator


def circles(graph: grimp.ImportGraph) -> Iterator[tuple[str, ...]]:
    """Yield the import cycles: modules that all import each other, directly or through others (Tarjan's algorithm)."""
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


def _files() -> dict[str, str]:
    return {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")}


def test_no_file_is_longer_than_a_sitting() -> None:
    assert [path for path, text in _files().items() if text.count("\n") > 500] == []


FROM_OUTSIDE = {
    "block/csl_references.py": "the JSON of pandoc",
    "lint/example.py": "TOML in the docs of a rule",
    "markdown/events.py": "the events of pyromark",
    "markdown/safe_yaml.py": "the nodes of PyYAML",
    "project/cache.py": "what msgpack reads: callers say at once which record it is",
}
"""The files of the pipeline that turn something without a type into something with one."""


def test_what_passes_from_one_pass_to_the_next_has_a_type() -> None:
    pipeline = ("markdown/", "wiki/", "cite/", "block/", "lint/", "project/", "api.py")
    untyped = {
        path
        for path, text in _files().items()
        if re.search(r"^from typing import .*\bAny\b|^    from typing import Any", text, re.MULTILINE)
    }
    assert sorted(path for path in untyped if path.startswith(pipeline)) == sorted(FROM_OUTSIDE)
