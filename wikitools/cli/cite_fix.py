"""`wikitools cite --ambiguous --fix`: asks which sources citations mean, and writes the answers."""

from __future__ import annotations

import os
import sys
from collections import Counter
from functools import cached_property, partial
from typing import TYPE_CHECKING

from wikitools import files
from wikitools.cli.cite_query import described
from wikitools.cli.question import ask
from wikitools.cli.startup import AskedWiki, or_fail
from wikitools.cli.terminal import columns, complain, fail, is_terminal, note, output_style, write
from wikitools.cli.writing import write_texts
from wikitools.report.screen import crop, fold, visible
from wikitools.report.summary import count

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from wikitools.cite.citation import Cited
    from wikitools.markdown.page import Page
    from wikitools.report.citations import Row
    from wikitools.report.wanted import Wanted
    from wikitools.sources.source import Source
    from wikitools.text import Edit

_SHOWN = 3
_WIDE = 100
"""Columns where the terminal does not say how many it has."""
_PAGES, _CONFIGURATION = "p", "c"


def settle(wiki: AskedWiki, groups: Sequence[Wanted]) -> None:
    """Ask once for each form of citation, and write what was answered: on the pages, or into the configuration."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        fail(
            "--fix asks which sources are meant, and needs a terminal",
            'without one, write it into the configuration: [citations.means] "Smith 2020" = "smith-pears"',
        )
    open_ones = [group for group in groups if group.first.kind == "author-year"]
    if not open_ones:
        write("No citation by author and year fits several sources.\n")
        return
    answers = _Answers(wiki)
    try:
        for number, group in enumerate(open_ones, 1):
            if not answers.ask(group, f"{number} of {len(open_ones)}"):
                break
    except EOFError:
        write("\n")
    answers.write()


class _Answers:
    """What was answered so far, and what it changes. Nothing is written before the last answer."""

    def __init__(self, wiki: AskedWiki) -> None:
        self.wiki = wiki
        self.means: dict[str, str] = {}
        self.pages: dict[str, Page] = {}
        """The pages as they would be, by path."""
        self.edits: dict[str, list[Edit]] = {}
        """The edits of each page, each of the page as the ones before left it."""
        self.place = _PAGES
        self.settled: Counter[str] = Counter()
        """How many citations were settled on each page, by its path."""
        self.settled_by_configuration = 0

    @cached_property
    def usual(self) -> list[str]:
        """How sources are named in the whole wiki beside their authors' names, the usual way first."""
        from wikitools.block.manner import pointers_in

        cited = self.wiki.workspace.facts.cited
        return pointers_in(each for path in cited for each in cited[path])

    def ask(self, group: Wanted, number: str) -> bool:
        """Ask what the citations of a group mean; false when the user wants to stop."""
        if group.label in self.means:
            return True
        write(_shown(self.wiki, group, number))
        sources = _candidates(self.wiki, group)
        numbers = [str(each) for each in range(1, len(sources) + 1)]
        for each, source in zip(numbers, sources, strict=True):
            lines = fold(f"{visible(source.key)}  {visible(described(source))}", columns(_WIDE) - 5)
            write(f"{each:>3}  " + "\n     ".join(lines) + "\n")
        answer = ask(f"Which one is meant? {', '.join(numbers)}; s: skip, q: stop", (*numbers, "s", "q"), "s")
        if answer in numbers:
            self.take(group, sources[int(answer) - 1])
        return answer != "q"

    def take(self, group: Wanted, source: Source) -> None:
        """Record the answer for the place where the user wants it written."""
        where = "Write it on the pages (p), or into the configuration, for the whole wiki (c)?"
        self.place = ask(where, (_PAGES, _CONFIGURATION), self.place)
        left = list(group.rows)
        if self.place == _PAGES:
            left = [row for row in group.rows if not self.spell_out(row, source)]
            if not left:
                return
            places = ", ".join(f"{self.wiki.shown(row.path)}:{row.line}" for row in left[:_SHOWN])
            how = "can get no letter, key or link that changes nothing else"
            write(f"{count(len(left), 'citation')} {how}: {visible(places)}\n")
            if ask("Write it into the configuration? y, n", ("y", "n"), "y") == "n":
                return
        self.means[group.label] = source.key
        self.settled_by_configuration += len(left)

    def spell_out(self, row: Row, source: Source) -> bool:
        """Change one citation on its page; false where that cannot be done without changing anything else."""
        from wikitools.lint.facts import cite
        from wikitools.lint.fix.spell_out import means, spell_out
        from wikitools.markdown.parse import parse
        from wikitools.project.loading import find_dialect

        facts = self.wiki.workspace.facts
        page = self.pages.get(row.path) or facts.wiki.pages[row.path]
        read: Callable[[str, str], Page] = partial(parse, dialect=find_dialect(self.wiki.settings))
        start = _moved(row.start, self.edits.get(row.path, ()))
        meant = next((each for each in cite(page, facts) if _is(each, start, row.text)), None)
        if meant is None:
            return False
        if means(meant, source):
            # An earlier edit of the page has settled it.
            self.settled[row.path] += 1
            return True
        changed = spell_out(page, meant, source, facts, read, usual=lambda: self.usual)
        if changed is None:
            return False
        self.pages[row.path] = changed[0]
        self.edits.setdefault(row.path, []).append(changed[1])
        self.settled[row.path] += 1
        return True

    def write(self) -> None:
        """Write the pages and the configuration, and say what was written; exit code 2 if some pages were not."""
        texts = {path: page.text for path, page in self.pages.items()}
        lost: set[str] = set()
        if texts:
            written = write_texts(self.wiki.workspace, texts)
            for path in written.changed:
                complain(f"{path}: changed on disk while you answered; not written, run again")
            lost = {*written.refused, *written.changed}
        if self.means:
            _write_means(self.wiki, self.means)
        if not self.wiki.request.quiet:
            note(self._summary(lost))
        if lost:
            fail(
                f"{len(lost)} of {count(len(texts), 'changed page')} {'was' if len(lost) == 1 else 'were'} not written"
            )

    def _summary(self, lost: Collection[str]) -> str:
        """Return a line that says what was written; `lost` are the pages that could not be written."""
        into = [count(pages, "page")] if (pages := len(self.pages.keys() - lost)) else []
        into += ["the configuration"] if self.means else []
        if not into:
            return "nothing was changed"
        settled = self.settled_by_configuration + sum(n for path, n in self.settled.items() if path not in lost)
        return f"{count(settled, 'citation')} settled, in {' and '.join(into)}"


def _is(cited: Cited, start: int, text: str) -> bool:
    return cited.citation.span.start == start and cited.citation.text == text


def _moved(offset: int, edits: Iterable[Edit]) -> int:
    """Return an offset as it is after edits that do not touch it."""
    for edit in edits:
        if edit.span.end <= offset:
            offset += len(edit.text) - (edit.span.end - edit.span.start)
    return offset


def _candidates(wiki: AskedWiki, group: Wanted) -> list[Source]:
    from wikitools.wiki.resolution import Ambiguous

    row = group.first
    for cited in wiki.workspace.facts.cited[row.path]:
        if _is(cited, row.start, row.text) and isinstance(cited.resolution, Ambiguous):
            return list(cited.resolution.candidates)
    return []


def _shown(wiki: AskedWiki, group: Wanted, number: str) -> str:
    """Return what a question is about: the citation, how often it stands where, and the first lines with it."""
    often = f"{count(len(group.rows), 'citation')} on {count(group.pages, 'page')}"
    lines = [f"\n{number}: {output_style().paint('bold', visible(group.label))}, {often}\n"]
    for row in list({(row.path, row.line): row for row in reversed(group.rows)}.values())[: -_SHOWN - 1 : -1]:
        text = wiki.workspace.text_of(row.path)
        begin, end = text.rfind("\n", 0, row.start) + 1, text.find("\n", row.end)
        line = text[begin : end if end >= 0 else len(text)].rstrip()
        window, _before, _width = crop(line, row.start - begin, row.end - begin, columns(_WIDE) - 4)
        lines += (f"  {visible(wiki.shown(row.path))}:{row.line}:\n", f"    {window.strip()}\n")
    return "".join(lines)


def _write_means(wiki: AskedWiki, means: dict[str, str]) -> None:
    """Add what citations mean to the configuration file, which is created if there is none."""
    from wikitools.cli.init import NAME
    from wikitools.config import ConfigError
    from wikitools.config.added_meanings import add_meanings

    settings = wiki.settings
    path = os.fspath(settings.config or settings.root / NAME)
    try:
        text = ""
        if settings.config is not None:
            data = files.read_bytes(
                settings.config.parent, settings.config.name, limit=1_000_000, follow_links=settings.follow_links
            )
            text = data.decode("utf-8")
        new = add_meanings(path, text, means)
    except (ConfigError, files.FileError, UnicodeDecodeError) as error:
        fail(str(error))
    or_fail(lambda: files.make_file(path, [new], root=settings.root))
