"""The output formats of findings: one table from which the command line, the docs and the tests take them."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wikitools.report.report import Report


@dataclass(frozen=True, slots=True)
class Format:
    """One output format."""

    module: str
    """The module of `wikitools.report` whose `render` makes it; imported only when it is asked for."""
    about: str
    """What it is for, in a few words."""
    for_people: bool = False
    """Whether it is text to be read: then it has colours, a summary and, when asked for, statistics."""


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "full": Format("full", "each finding with its line, marked", for_people=True),
        "concise": Format("concise", "one line per finding, for grep and editors", for_people=True),
        "grouped": Format("grouped", "findings by page, by target or by rule, with counts", for_people=True),
        "json": Format("json", "all data as one object"),
        "json-lines": Format("json_lines", "the same, one object per line"),
        "github": Format("github", "annotations and the job summary of GitHub Actions"),
        "gitlab": Format("gitlab", "GitLab's code quality report"),
        "junit": Format("junit", "test results for CI servers, a suite for each page"),
        "sarif": Format("sarif", "SARIF 2.1.0, for GitHub code scanning and IDEs"),
        "rdjson": Format("rdjson", "Reviewdog's diagnostic format, with suggestions"),
        "markdown": Format("markdown", "a table for comments and job summaries"),
    }
)
"""All formats by name, in the order in which they are offered."""

GROUPINGS: Mapping[str, str] = MappingProxyType(
    {
        "page": "the findings of each page",
        "target": "missing targets and sources, the most wanted first",
        "rule": "the findings of each rule, the most frequent first",
    }
)
"""What the format `grouped` can group by."""

COUNTING = frozenset(name for name, each in FORMATS.items() if each.for_people or name == "markdown")
"""The formats that can count instead of listing."""


def renderer(name: str) -> Callable[[Report], Iterable[str]]:
    """Return the function that renders a format, in pieces; raises `KeyError` for a name that is none."""
    module = importlib.import_module(f"wikitools.report.{FORMATS[name].module}")
    return cast("Callable[[Report], Iterable[str]]", module.render)
