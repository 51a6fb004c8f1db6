"""Makes docs/formats.md: what each output format is for, with an example as the program writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.lint.rule import Severity
from wikitools.lint.run import Diagnostic
from wikitools.report.formats import FORMATS, renderer
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
it](schemas/source-line.json), [bib verify --by-page](schemas/doubts.json).
"""


def render() -> Iterator[str]:
    """Yield the lines of the page."""
    yield from (ABOUT, "| format | for | checked by |", "|---|---|---|")
    for name, each in FORMATS.items():
        yield f"| [`{name}`](#{name}) | {each.about} | {each.checked_by} |"
    yield ""
    yield "The tests read every format back, for ordinary and for hostile pages."
    for name in FORMATS:
        yield from ("", f"## {name}", "", FORMATS[name].notes, "", f"```{FORMATS[name].language}")
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
