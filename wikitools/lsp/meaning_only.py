"""What to insert where authors and year fit several works: a citation that means the one that was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.cite.disambiguate import letter_of_key
from wikitools.lint.facts import cite
from wikitools.lint.fix.spell_out import means, spell_out
from wikitools.markdown.parse import parse
from wikitools.sources.names import words
from wikitools.sources.same_work import distinct_works
from wikitools.wiki.resolution import Ambiguous, Found

if TYPE_CHECKING:
    from wikitools.cite.citation import Cited
    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import Page
    from wikitools.sources.source import Source


def meaning_only(source: Source, written: str, path: str, facts: Facts, usual: list[str], *, narrative: bool) -> str:
    """Return what to write instead of `written` so that it means this source; "" if `written` does, or nothing else.

    What the page says elsewhere is left out of account, because it may change. Written with a letter, by key or as a
    link, as `spell_out` does in the manner of the page, else in the `usual` one; at last by key, which is always read.
    """
    if not _has_namesake(source, path, facts):
        return ""
    before, after = ("", "") if narrative else ("(", ")")

    def read(at: str, text: str) -> Page:
        return parse(at, text, facts.wiki.dialect)

    def cited_in(text: str) -> tuple[Page, tuple[Cited, ...]]:
        page = read(path, f"{before}{text}{after}")
        return page, cite(page, facts)

    page, cited = cited_in(written)
    if len(cited) != 1 or not _means_another(cited[0], source):
        return ""
    year = cited[0].citation.year
    forms = [f"@{source.key}"]
    if (made := spell_out(page, cited[0], source, facts, read, usual=lambda: usual)) is not None:
        forms.insert(0, made[0].text[len(before) : len(made[0].text) - len(after)])
    if (letter := letter_of_key(source.key, year)) and not source.suffix:
        forms.insert(0, (year + letter).join(written.rsplit(year, 1)))
    for form in forms:
        again = cited_in(form)[1]
        if len(again) == 1 and means(again[0], source):
            return form
    return ""


def _has_namesake(source: Source, path: str, facts: Facts) -> bool:
    """Say whether another work is by a first author of this name and from the same year: a quick look at the index."""
    names = words(source.names[0].family) if source.names else words(source.title)
    return any(
        other is not source
        for layer in facts.bibliography_of(path).layers
        for word in names
        for year in source.years or ("",)
        for other in layer.by_author_and_year(word, year)
    )


def _means_another(cited: Cited, source: Source) -> bool:
    match cited.resolution:
        case Ambiguous():
            return True
        case Found(target=found):
            return len(distinct_works((found, source))) > 1
        case _:
            return False
