"""The output formats of findings: one table for the command line, the docs and the tests."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from wikitools.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wikitools.report.report import Report


@dataclass(frozen=True, slots=True)
class Format:
    """One output format."""

    module: str
    """The module of `wikitools.report` whose `render` writes it; imported only when it is needed."""
    about: str
    """What it is for, in a few words."""
    notes: str
    """What the docs say about it besides."""
    for_people: bool = False
    """Whether it is for people: then it has colours, a summary and, with `--statistics`, counts."""
    suffixes: tuple[str, ...] = ()
    """The suffixes that mean this format after `-o`."""
    checked_by: str = "tests on a real terminal"
    """What checks it in the tests."""
    language: str = "text"
    """The language in which the docs highlight an example."""


GROUPINGS: Mapping[str, str] = MappingProxyType(
    {
        "page": "the findings of each page",
        "target": "missing targets and sources, the most wanted first",
        "host": "the hosts of web addresses, as `urls` does by default",
        "rule": "the findings of each rule, the most frequent first",
    }
)
"""What the format `grouped` can group by."""

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "full": Format(
            "full",
            "each finding with its line, marked",
            notes=(
                "For people; the default. Long lines of pages are cropped around the finding to the width of the "
                "terminal, or to 120 columns. Of a rule with more than 50 findings, or groups of equal ones, only the "
                "ten largest groups are shown. A terminal shows 15 of more than 50, some of each rule, and below "
                "them the number of all findings of each rule. `-v` shows all."
            ),
            for_people=True,
            suffixes=(".txt",),
        ),
        "concise": Format(
            "concise",
            "one line per finding, for grep and editors",
            notes=(
                "For `grep`, `sort` and editors that read compilers' messages. One line per finding, never wrapped."
            ),
            for_people=True,
        ),
        "grouped": Format(
            "grouped",
            "findings by page, by target or by rule, with counts",
            notes=(
                "For people with many findings. `--group-by` sets the groups: "
                + "; ".join(f"`{name}`: {about}" for name, about in GROUPINGS.items())
                + ". It implies this format. A wiki that a language model wrote can have tens of thousands of dangling"
                " links to a few hundred targets: `--group-by target` lists the pages to write."
            ),
            for_people=True,
        ),
        "json": Format(
            "json",
            "all data as one object",
            notes=(
                "For programs. The [schema](schemas/lint.json) describes each field. `version` increases when a "
                "field is removed or changes its meaning, not when one is added. `start` and `end` are offsets in "
                "code points of the file."
            ),
            suffixes=(".json",),
            checked_by="the schema",
            language="json",
        ),
        "json-lines": Format(
            "json_lines",
            "the same, one object per line",
            notes=(
                "For `jq`, and for programs that read while wikitools runs: first the run, then the findings, then "
                "the summary, which `kind` distinguishes. [Schema](schemas/lint-line.json) of each line."
            ),
            suffixes=(
                ".jsonl",
                ".ndjson",
            ),
            checked_by="the schema",
        ),
        "github": Format(
            "github",
            "annotations and the job summary of GitHub Actions",
            notes=(
                "For GitHub Actions without code scanning: annotations on the changed files. Errors come first, "
                "because GitHub keeps ten errors, ten warnings and ten notices of a step. When `GITHUB_STEP_SUMMARY`"
                " is set, a table of all findings is added to the job's summary, as many as fit into its 1 MiB."
            ),
            checked_by="a reader that follows the runner's rules",
        ),
        "gitlab": Format(
            "gitlab",
            "GitLab's code quality report",
            notes=(
                "For merge requests on GitLab: `artifacts:reports:codequality`. Fingerprints consist of path, rule, "
                "subject and a number among equal findings, so they stay the same when lines move."
            ),
            checked_by="a schema of GitLab's documented fields",
            language="json",
        ),
        "junit": Format(
            "junit",
            "test results for CI servers, a suite for each page",
            notes=(
                "For CI servers that show tests. Each page is a suite. Findings that fail the run are failed tests, "
                "other findings are skipped tests, and a page without findings is a passed test, so no report is "
                "empty. A rule that crashes is an error."
            ),
            suffixes=(".xml",),
            checked_by="`junit-10.xsd`, and junitparser",
            language="xml",
        ),
        "sarif": Format(
            "sarif",
            "SARIF 2.1.0, for GitHub code scanning and IDEs",
            notes=(
                "For GitHub's code scanning and for IDEs. It lists all rules with their docs; repairs are `fixes`; "
                "`primaryLocationLineHash` is the one that GitHub computes. GitHub accepts 25,000 results: if there "
                "are more, errors are kept first, and a notification counts the omitted ones. Skipped rules are "
                "notifications too."
            ),
            suffixes=(".sarif",),
            checked_by="the standard's schema, and SARIF Multitool with GitHub's rules (`--rule-kind 'Sarif;Ghas'`)",
        ),
        "rdjson": Format(
            "rdjson",
            "Reviewdog's diagnostic format, with suggestions",
            notes=(
                "For Reviewdog, which comments on pull requests on any host. Columns count bytes of the file. "
                "Repairs with a single edit are suggestions."
            ),
            checked_by="rdformat-validator, strict",
            language="json",
        ),
        "markdown": Format(
            "markdown",
            "a table for comments and job summaries",
            notes=(
                "For comments and wikis. Text of pages is shown literally: no markup, no mentions. The first line is"
                " a comment that identifies the report. Do not write it into the wiki's folder: it would be a page "
                "of the next run."
            ),
            suffixes=(".md",),
            checked_by="a reader that knows GitHub's marks and mentions",
            language="markdown",
        ),
    }
)
"""All formats by name, in the order in which they are offered."""

COUNTING = frozenset(name for name, each in FORMATS.items() if each.for_people or name == "markdown")
"""The formats that can count instead of listing."""


def renderer(name: str) -> Callable[[Report], Iterable[str]]:
    """Return the function that renders a format, in pieces; raises `KeyError` for an unknown name."""
    module = importlib.import_module(f"wikitools.report.{FORMATS[name].module}")
    return cast("Callable[[Report], Iterable[str]]", module.render)
