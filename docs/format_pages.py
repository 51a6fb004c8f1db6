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

`wikitools lint` and `wikitools bib check` write their findings to standard output in the format that `--output-format`
names, and with `--report FORMAT=PATH`, given as often as you like, to files as well:

    wikitools lint --output-format github --report sarif=wikitools.sarif --report junit=wikitools.xml

A report is written whole or not at all; its folder must exist. Devices and pipes such as `/dev/stdout` work as files
do. Symbolic links in a repository (in the wiki, where there is none) are not followed, because strangers may have laid
them: name the file itself. Links elsewhere are yours. `--report FORMAT=-` is standard output, when
`--output-format` does not want it. No report takes the place of a page of the wiki. The exit code is the same in every
format. Standard output holds nothing but the report; warnings, errors and progress go to standard error. `-q` leaves
out summaries, `--statistics` counts by rule instead of listing (in formats for people, and `markdown`).

Lines and columns count from 1, columns in code points; what counts otherwise says so below. Formats for people and the
two JSON formats name files as they are seen from here and from the wiki's root; the others, which forges read, from
the root of the git repository. Text of pages is written so that it steers neither a terminal nor the program that
runs a job in CI: control characters and bidi marks become pictures or U+FFFD, `##[` and a leading `::` are broken.
Formats for programs are UTF-8 whatever the terminal's encoding is.

`cite` and `bib list` have formats of their own: a table, JSON, JSON lines and CSV. Their schemas:
[cite](schemas/cite.json), [a line of it](schemas/cite-line.json), [bib list](schemas/sources.json),
[a line of it](schemas/source-line.json).
"""

_NOTES = {
    "full": "For people; the default. Lines of pages are cropped around the place to the width of the terminal, or to "
    "120 columns.",
    "concise": "For `grep`, `sort` and editors that read compilers' messages. One line a finding, never broken.",
    "grouped": "For people with many findings. `--group-by` says by what: "
    + "; ".join(f"`{name}`: {about}" for name, about in GROUPINGS.items())
    + ". It implies this format. A wiki whose pages were written by a language model can have tens of thousands of "
    "dangling links to a few hundred targets: `--group-by target` is the list of pages to write.",
    "json": "For programs. The [schema](schemas/lint.json) says what each field is; `version` is raised when one goes "
    "or changes its meaning, not when one is added. `start` and `end` are offsets in code points of the file.",
    "json-lines": "For programs that read as they go, and for `jq`: first the run, then findings, then the summary; "
    "`kind` tells them apart. [Schema](schemas/lint-line.json) of each line.",
    "github": "For GitHub Actions without code scanning: annotations on the changed files. Errors come first, because "
    "GitHub keeps ten errors, ten warnings and ten notices of a step. When `GITHUB_STEP_SUMMARY` is set, a table of "
    "all findings is added to the job's summary, as many as fit into its 1 MiB.",
    "gitlab": "For merge requests on GitLab: `artifacts:reports:codequality`. Fingerprints are made of path, rule, "
    "subject and which of several equal ones it is, so findings keep theirs when lines move.",
    "junit": "For CI servers that show tests. A suite for each page; findings that fail the run are failed tests, the "
    "others skipped ones; a page without findings is a passed test, so that no report is empty. A rule that fails is "
    "an error.",
    "sarif": "For GitHub's code scanning and for IDEs. All rules are listed with their docs; repairs are `fixes`; "
    "`primaryLocationLineHash` is the one GitHub computes itself. GitHub takes 25,000 results: of more, the errors are "
    "kept, and a notification says how many were left out. Rules that were skipped are notifications too.",
    "rdjson": "For Reviewdog, which comments on pull requests anywhere. Columns count bytes of the file. Repairs "
    "that are one edit are suggestions.",
    "markdown": "For comments and wikis. Text of pages is shown as it is: no markup, no mentions. The first line is a "
    "comment by which a report is known again. A file in the wiki's folder would be a page of the wiki the next time.",
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
    yield "Every format is read back in the tests, on ordinary pages and on hostile ones."
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
