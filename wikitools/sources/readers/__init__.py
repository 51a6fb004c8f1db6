"""Reads bibliographies of all formats, each in its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wikitools.markdown.page import Problem
    from wikitools.sources.source import Source


class Format(NamedTuple):
    """A format of bibliography files."""

    suffixes: tuple[str, ...]
    """Suffixes of lower-case file names."""
    module: str
    """The module in this package that reads it; imported only if there is such a file."""
    reader: str
    """The function in that module: from a path and a text to sources and problems."""
    says_bibliography: bool = False
    """Whether any file with this suffix is a bibliography; others must look like one, or be named."""
    is_exclusive: bool = False
    """Whether only bibliographies have this suffix; other files may contain secrets, which must not be shown."""


FORMATS = (
    Format((".bib", ".bibtex", ".biblatex"), "bibtex", "read_bibtex", says_bibliography=True, is_exclusive=True),
    Format((".ris",), "ris", "read_ris", says_bibliography=True, is_exclusive=True),
    Format((".cff",), "cff", "read_cff", is_exclusive=True),
    Format((".json", ".csljson", ".jsonl", ".ndjson"), "csl", "read_csl_json"),
    Format((".yaml", ".yml"), "yaml_forms", "read_yaml_bibliography"),
    Format((".csv", ".tsv", ".tab"), "table", "read_table"),
)
"""All formats. A new one is a module here and a row in this table."""

BIBLIOGRAPHY_SUFFIXES = tuple(suffix for each in FORMATS for suffix in each.suffixes)
"""The suffixes of all files that may be bibliographies."""


def read_bibliography(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a bibliography file, in its order, and the problems ("malformed-source", "duplicate-key").

    The format depends on the file's name; for `.yaml` and unknown names, on its content. Never raises. If the file may
    be something else and no entry names a work, it has no sources, and its problems quote nothing.
    """
    sources, problems = _read(path, text)
    if may_be_another(path) and not any(each.title or each.names or each.doi or each.arxiv for each in sources):
        return (), _without_quotes(path, problems, nameless=bool(sources))
    return sources, problems


def read_again(path: str, text: str, before: str, known: tuple[Source, ...]) -> tuple[Source, ...] | None:
    """Return the sources of a file that had the text `before`, and then these sources and nothing wrong with it.

    `None` if the file must be read as a whole. Then what is wrong with it is not known either.
    """
    if text == before:
        return known
    if _format_of(path.lower(), text).module != "bibtex":
        return None
    from wikitools.sources.readers.bibtex_again import read_bibtex_again

    return read_bibtex_again(path, text, before, known)


_SAY_LITTLE = tuple(suffix for each in FORMATS if not each.is_exclusive for suffix in each.suffixes)


def may_be_another(path: str) -> bool:
    """Say whether files of all kinds have this suffix, such as files with passwords."""
    return path.lower().endswith(_SAY_LITTLE)


def blanked(text: str) -> str:
    """Return a text of equal length with only the line ends, for locations in text that must not be shown."""
    import re

    return re.sub(r"[^\r\n]", " ", text)


def _without_quotes(path: str, problems: tuple[Problem, ...], *, nameless: bool) -> tuple[Problem, ...]:
    """Return the problems of a file without quotes from it; a single character is not secret."""
    import re
    from dataclasses import replace

    from wikitools.markdown.page import Problem
    from wikitools.text import Span

    found = tuple(
        replace(each, message=re.sub(r"""["'](?:.{2,}|\w)["']""", "…", each.message, flags=re.DOTALL))
        for each in problems
        if each.kind == "malformed-source"
    )
    if nameless and not found:
        reason = "no work in this file: no entry has a title, an author or a DOI"
        return (Problem(Span(path, 0, 0), "malformed-source", reason),)
    return found


def _read(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    from importlib import import_module

    found = _format_of(path.lower(), text)
    reader = getattr(import_module(f"wikitools.sources.readers.{found.module}"), found.reader)
    sources, problems = reader(path, text)
    return sources, problems


def _format_of(name: str, text: str) -> Format:
    """Return the format of a file with this name or, if the name is unknown, with this text."""
    for each in FORMATS:
        if name.endswith(each.suffixes):
            return each
    start = text.lstrip("\ufeff\r\n ")[:5]
    looks = "read_ris" if start == "TY  -" else "read_csl_json" if start[:1] in ("[", "{") else "read_bibtex"
    return next(each for each in FORMATS if each.reader == looks)
