"""Recognises which of three formats a YAML bibliography has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wikitools.sources.readers.yaml_entries import with_line_feeds

if TYPE_CHECKING:
    from wikitools.markdown.page import Problem
    from wikitools.sources.source import Source


def yaml_form(path: str, text: str) -> str:
    """Return what a YAML file holds: `cff`, `csl` (a list, or `references:`) or `hayagriva` (a mapping of keys)."""
    if re.search(r"^cff-version[ \t]*:", text, re.MULTILINE):
        return "cff"
    if (
        re.search(r"^\ufeff?(?:\"?(?:references|items)\"?[ \t]*:|- )", text, re.MULTILINE)
        or path.lower().endswith((".csl.yaml", ".csl.yml"))
        or text.lstrip("\ufeff\r\n ")[:1] in ("[", "{")
    ):
        return "csl"
    return "hayagriva"


def read_yaml_bibliography(path: str, text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Return the sources of a YAML file, in its order, and the problems."""
    text = with_line_feeds(text)
    match yaml_form(path, text):
        case "cff":
            from wikitools.sources.readers.cff import read_cff

            return read_cff(path, text)
        case "csl":
            from wikitools.sources.readers.csl import read_csl_yaml

            return read_csl_yaml(path, text)
    from wikitools.sources.readers.hayagriva import read_hayagriva

    return read_hayagriva(path, text)
