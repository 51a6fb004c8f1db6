"""Bibliographies of all formats, each read by a module of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wikitools.markdown.page import Problem
    from wikitools.sources.source import Source

BIBLIOGRAPHY_SUFFIXES: tuple[str, ...] = (
    ".bib",
    ".bibtex",
    ".biblatex",
    ".csl.json",
    ".csljson",
    ".csl.yaml",
    ".csl.yml",
    ".ris",
    "references.json",
    "references.yaml",
    "references.yml",
    "bibliography.json",
    "bibliography.yaml",
    "bibliography.yml",
)
"""Ends of lower-case file names that say "bibliography": what may be discovered. A file that is named explicitly may be
any `.json`, `.yaml`, `.yml`, `.csv`, `.tsv` or `.cff` as well; those endings alone say nothing."""


def read_bibliography(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a bibliography file, in its order, and the problems ("malformed-source", "duplicate-key").

    The format follows from the file's name; for `.yaml` from what it holds. An unknown name is read by its looks. Never
    raises. A file that may be another, in which no entry names a work, has no sources, and its problems quote nothing.
    """
    sources, problems = _read(path, text)
    if may_be_another(path) and not any(each.title or each.names or each.doi or each.arxiv for each in sources):
        return (), _without_quotes(path, problems, nameless=bool(sources))
    return sources, problems


_SAY_LITTLE = (".json", ".csljson", ".jsonl", ".ndjson", ".yaml", ".yml", ".csv", ".tsv", ".tab")


def may_be_another(path: str) -> bool:
    """Say whether the suffix is one that files of all kinds have, such as those that hold passwords."""
    return path.lower().endswith(_SAY_LITTLE)


def blanked(text: str) -> str:
    """Return a text of equal length with the same line ends and nothing else, for places in what must not be shown."""
    import re

    return re.sub(r"[^\r\n]", " ", text)


def _without_quotes(path: str, problems: tuple[Problem, ...], *, nameless: bool) -> tuple[Problem, ...]:
    """Return the problems of a file without what their messages quote of it; a single sign is no secret."""
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
    name = path.lower()
    if name.endswith((".json", ".csljson", ".jsonl", ".ndjson")):
        from wikitools.sources.readers.csl import read_csl_json

        return read_csl_json(path, text)
    if name.endswith((".yaml", ".yml")):
        return _read_yaml(path, _with_line_feeds(text))
    if name.endswith(".cff"):
        from wikitools.sources.readers.cff import read_cff

        return read_cff(path, _with_line_feeds(text))
    if name.endswith((".csv", ".tsv", ".tab")):
        from wikitools.sources.readers.table import read_table

        return read_table(path, text)
    if name.endswith(".ris") or (
        not name.endswith((".bib", ".bibtex", ".biblatex")) and text.lstrip("\ufeff\r\n ")[:5] == "TY  -"
    ):
        from wikitools.sources.readers.ris import read_ris

        return read_ris(path, text)
    if not name.endswith((".bib", ".bibtex", ".biblatex")) and text.lstrip("\ufeff\r\n ")[:1] in ("[", "{"):
        from wikitools.sources.readers.csl import read_csl_json

        return read_csl_json(path, text)
    from wikitools.sources.readers.bibtex import read_bibtex

    return read_bibtex(path, text)


def _with_line_feeds(text: str) -> str:
    """Return a text at equal length in which carriage returns that end lines by themselves are line feeds."""
    import re

    return re.sub("\r(?!\n)", "\n", text) if "\r" in text else text


def yaml_form(path: str, text: str) -> str:
    """Return what a YAML file holds: `cff`, `csl` (a list, or `references:`) or `hayagriva` (a mapping of keys)."""
    import re

    if re.search(r"^cff-version[ \t]*:", text, re.MULTILINE):
        return "cff"
    if (
        re.search(r"^\ufeff?(?:\"?(?:references|items)\"?[ \t]*:|- )", text, re.MULTILINE)
        or path.lower().endswith((".csl.yaml", ".csl.yml"))
        or text.lstrip("\ufeff\r\n ")[:1] in ("[", "{")
    ):
        return "csl"
    return "hayagriva"


def _read_yaml(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    match yaml_form(path, text):
        case "cff":
            from wikitools.sources.readers.cff import read_cff

            return read_cff(path, text)
        case "csl":
            from wikitools.sources.readers.csl import read_csl_yaml

            return read_csl_yaml(path, text)
    from wikitools.sources.readers.hayagriva import read_hayagriva

    return read_hayagriva(path, text)
