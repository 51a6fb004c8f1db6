"""Makes docs/formats.md: what each output format is for, with an example as the program writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Severity
from wikitools.lint.run import Diagnostic
from wikitools.report.formats import FORMATS, GROUPINGS, renderer
from wikitools.report.report import Report
from wikitools.report.summary import summarise
from wikitools.text import Edit, Fix, Safety, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = "# Training\n\nSee [[Inner Alignmnt]] and ...\n"
_FOUND = Diagnostic(
    rule="broken-wikilink",
    group="links",
    severity=Severity.ERROR,
    path="training.md",
    span=Span("training.md", 16, 34),
    line=3,
    column=5,
    end_line=3,
    end_column=23,
    message='no page is named "Inner Alignmnt"; did you mean "Inner alignment"?',
    subject="Inner Alignmnt",
    fix=Fix('link to "Inner alignment"', (Edit(Span("training.md", 18, 32), "Inner alignment"),), Safety.UNSAFE),
    reason="no-such-page",
)

ABOUT = """\
# Output formats

`wikitools lint` and `wikitools bib check` write their findings to standard output in the format of `--output-format`.
With `--report FORMAT=PATH`, which you can repeat, they write them to files as well:

    wikitools lint --output-format github --report sarif=wikitools.sarif --report junit=wikitools.xml

A report is written completely or not at all; its folder must exist. Devices and pipes such as `/dev/stdout` work like
files. Symbolic links in a repository (or in the wiki, if there is none) are not followed, because strangers may have
put them there: name the file itself. Links elsewhere are yours. `--report FORMAT=-` is standard output, unless
`--output-format` uses it. No report overwrites a page of the wiki. The exit code is the same in every format. Standard
output contains only the report; warnings, errors and progress go to standard error. `-q` omits summaries, and
`--statistics` counts by rule instead of listing (in formats for people, and `markdown`).

Lines and columns start at 1, and columns are code points unless the format's section says otherwise. Formats for people
and the two JSON formats show paths relative to the current folder and to the wiki's root; the others, which forges
read, relative to the root of the git repository. Text of pages can control neither a terminal nor the program that runs
a CI job: control characters and bidi marks become pictures or U+FFFD, and `##[` and a leading `::` are broken up.
Formats for programs are UTF-8 whatever the terminal's encoding is.

`cite` and `bib list` have their own formats: a table, JSON, JSON lines and CSV. Their schemas:
[cite](schemas/cite.json), [a line of it](schemas/cite-line.json), [bib list](schemas/sources.json), [a line of
it](schemas/source-line.json).
"""

_NOTES = {
    "full": "For people; the default. Long lines of pages are cropped around the finding to the width of the terminal, "
    "or to 120 columns.",
    "concise": "For `grep`, `sort` and editors that read compilers' messages. One line per finding, never wrapped.",
    "grouped": "For people with many findings. `--group-by` sets the groups: "
    + "; ".join(f"`{name}`: {about}" for name, about in GROUPINGS.items())
    + ". It implies this format. A wiki that a language model wrote can have tens of thousands of dangling links to a "
    "few hundred targets: `--group-by target` lists the pages to write.",
    "json": "For programs. The [schema](schemas/lint.json) describes each field. `version` increases when a field is "
    "removed or changes its meaning, not when one is added. `start` and `end` are offsets in code points of the file.",
    "json-lines": "For `jq`, and for programs that read while wikitools runs: first the run, then the findings, then "
    "the summary, which `kind` distinguishes. [Schema](schemas/lint-line.json) of each line.",
    "github": "For GitHub Actions without code scanning: annotations on the changed files. Errors come first, because "
    "GitHub keeps ten errors, ten warnings and ten notices of a step. When `GITHUB_STEP_SUMMARY` is set, a table of "
    "all findings is added to the job's summary, as many as fit into its 1 MiB.",
    "gitlab": "For merge requests on GitLab: `artifacts:reports:codequality`. Fingerprints consist of path, rule, "
    "subject and a number among equal findings, so they stay the same when lines move.",
    "junit": "For CI servers that show tests. Each page is a suite. Findings that fail the run are failed tests, other "
    "findings are skipped tests, and a page without findings is a passed test, so no report is empty. A rule that "
    "crashes is an error.",
    "sarif": "For GitHub's code scanning and for IDEs. It lists all rules with their docs; repairs are `fixes`; "
    "`primaryLocationLineHash` is the one that GitHub computes. GitHub accepts 25,000 results: if there are more, "
    "errors are kept first, and a notification counts the omitted ones. Skipped rules are notifications too.",
    "rdjson": "For Reviewdog, which comments on pull requests on any host. Columns count bytes of the file. Repairs "
    "with a single edit are suggestions.",
    "markdown": "For comments and wikis. Text of pages is shown literally: no markup, no mentions. The first line is a "
    "comment that identifies the report. Do not write it into the wiki's folder: it would be a page of the next run.",
}

_VALIDATORS = {
    "json": "the schema",
    "json-lines": "the schema",
    "github": "a reader that follows the runner's rules",
    "gitlab": "a schema of GitLab's documented fields",
    "junit": "`junit-10.xsd`, and junitparser",
    "sarif": "the standard's schema, and SARIF Multitool with GitHub's rules (`--rule-kind 'Sarif;Ghas'`)",
    "rdjson": "rdformat-validator, strict",
    "markdown": "a reader that knows GitHub's marks and mentions",
}

_LANGUAGES = {"json": "json", "gitlab": "json", "rdjson": "json", "junit": "xml", "markdown": "markdown"}


def render() -> Iterator[str]:
    """Yield the lines of the page."""
    yield from (ABOUT, "| format | for | checked by |", "|---|---|---|")
    for name, each in FORMATS.items():
        yield f"| [`{name}`](#{name}) | {each.about} | {_VALIDATORS.get(name, 'tests on a real terminal')} |"
    yield ""
    yield "The tests read every format back, for ordinary and for hostile pages."
    for name in FORMATS:
        yield from ("", f"## {name}", "", _NOTES[name], "", f"```{_LANGUAGES.get(name, 'text')}")
        yield from (*_example(name), "```")


def _example(name: str) -> list[str]:
    report = Report(
        (_FOUND,),
        summarise((_FOUND,), pages=214),
        text_of=lambda _: _TEXT,
        shown=lambda path: f"wiki/{path}".rstrip("/"),
        placed=lambda path: f"wiki/{path}",
        pages=("training.md", "alignment.md"),
    )
    lines = "".join(renderer(name)(report)).splitlines()
    if name == "sarif":
        # The list of rules is long, and the same in every report.
        lines = [lines[0], "{…", *lines[2:]]
    return lines
