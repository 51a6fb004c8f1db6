"""Adds works to a bibliography: each in its place, and proven before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wikitools.lint.fix.proof import check_edits
from wikitools.markdown.parse import parse
from wikitools.sources.identifiers import doi_address, doi_in
from wikitools.sources.names import folded, words
from wikitools.sources.readers import read_bibliography
from wikitools.sources.readers.notes import read_note
from wikitools.sources.writers import completion, insertion
from wikitools.sources.writers.key_style import Work, next_key
from wikitools.sources.writers.note import Note, new_note
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Span, apply, line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wikitools.markdown.page import Problem
    from wikitools.sources.names import Name
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source
    from wikitools.text import Edit


class AdditionProofError(Exception):
    """A new entry is not read back as intended, or another entry reads differently: a bug in wikitools."""


@dataclass(frozen=True, slots=True)
class Bibliography:
    """The text of a bibliography file, before or after a change."""

    path: str
    text: str

    def read(self) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
        """Return its sources and problems."""
        return read_bibliography(self.path, self.text)


def with_work(file: Bibliography, record: Record, taken: Collection[str], key: str = "") -> tuple[Bibliography, str]:
    """Return the file with one more entry, and that entry's key; raises the same as `adding`."""
    _edit, new, made = adding(file, record, taken, key)
    return new, made


def adding(file: Bibliography, record: Record, taken: Collection[str], key: str = "") -> tuple[Edit, Bibliography, str]:
    """Return the edit that adds an entry, the file after it, and the key: the given one, or one like the others.

    `taken` are keys in use elsewhere. Raises `CannotWriteError`, and `AdditionProofError` if the new text is not read
    as intended.
    """
    _refuse_odd_doi(record)
    sources, problems = file.read()
    known = [(source.key, _work(source)) for source in sources]
    work = Work(record.names or record.editors, record.year, record.title, record.doi, _first_page(record.pages))
    key = key or next_key(known, work, {*taken, *(source.key for source in sources)})
    edit = insertion(file.path, file.text, sources, record, key)
    _refuse_unclosed(file, sources, problems, edit.span.start)
    text = apply(file.text, [edit])
    check_edits(file.path, file.text, text, [edit])
    new = Bibliography(file.path, text)
    return edit, new, _prove(new, sources, problems, record, key)


def _refuse_unclosed(file: Bibliography, sources: Sequence[Source], problems: Sequence[Problem], at: int) -> None:
    """Raise `CannotWriteError` if the entry before a place is not closed: it may take in what is added behind it."""
    begin = max((each.span.start for each in sources if each.span.start <= at), default=0)
    end = min((each.span.start for each in sources if each.span.start >= at), default=len(file.text))
    for each in problems:
        if begin <= each.span.start <= end and "is not closed" in each.message:
            line, column = line_and_column(line_starts(file.text), each.span.start)
            raise CannotWriteError(f"{file.path}:{line}:{column}: {each.message}")


def _refuse_odd_doi(record: Record) -> None:
    """Raise `CannotWriteError` if the DOI of a record would be read as another one.

    A DOI may contain any character; entries and prose end before a blank, and braces are marks of BibTeX.
    """
    if record.doi and (doi_in(record.doi) != record.doi or _BRACES & {*record.doi}):
        raise CannotWriteError(
            f"entries cannot hold all characters of its DOI; write one with {doi_address(record.doi)} as its URL"
        )


_BRACES = frozenset("{}\\")


def with_completed(file: Bibliography, source: Source, record: Record) -> Bibliography:
    """Return the file with the entry of a source, a stub or a preprint, made that of the record; it keeps its key.

    Raises `CannotWriteError`, and `AdditionProofError` if anything else would read differently.
    """
    _refuse_odd_doi(record)
    before, problems = file.read()
    at = next((place for place, each in enumerate(before) if each.key == source.key), None)
    if at is None:
        raise CannotWriteError(f'"{source.key}" is not there any more')
    edit = completion(file.path, file.text, before, before[at], record)
    text = apply(file.text, [edit])
    check_edits(file.path, file.text, text, [edit])
    new = Bibliography(file.path, text)
    after, now_wrong = new.read()
    now, was = list(map(_placeless, after)), list(map(_placeless, before))
    if now[:at] + now[at + 1 :] != was[:at] + was[at + 1 :] or len(now) != len(was) or now[at].key != source.key:
        raise AdditionProofError(f'{file.path}: other entries would read differently with "{source.key}" completed')
    if sorted(each.kind for each in now_wrong) != sorted(each.kind for each in problems):
        raise AdditionProofError(f'{file.path}: the entry "{source.key}" would not be well-formed')
    _check(now[at], record, file.path, source.key)
    return new


def _work(source: Source) -> Work:
    page = _first_page(source.fields.get("pages") or source.fields.get("page", ""))
    return Work(
        source.names, next((year for year in source.years if year.isdigit()), ""), source.title, source.doi, page
    )


def _first_page(pages: str) -> str:
    return re.split(r"[-–—]", pages.strip(), maxsplit=1)[0].strip()


def _prove(new: Bibliography, before: Sequence[Source], problems: Sequence[Problem], record: Record, key: str) -> str:
    """Return the key of the new entry, made from the work if the format has no keys.

    Raises `AdditionProofError` unless the new text has one more entry, which reads as the work, and nothing else.
    """
    after, now_wrong = new.read()
    now, was = list(map(_placeless, after)), list(map(_placeless, before))
    at = next((place for place, (one, other) in enumerate(zip(now, was, strict=False)) if one != other), len(was))
    if now[:at] + now[at + 1 :] != was or len(now) != len(was) + 1:
        raise AdditionProofError(f'{new.path}: other entries would read differently next to "{key}"')
    if sorted(each.kind for each in now_wrong) != sorted(each.kind for each in problems):
        raise AdditionProofError(f'{new.path}: the entry "{key}" would not be well-formed')
    found = now[at]
    _check(found, record, new.path, key)
    return found.key


def _placeless(source: Source) -> Source:
    return replace(source, span=Span("", 0, 0))


def _first(source: Source) -> tuple[str, ...]:
    return folded(source.names[0]).core if source.names else ()


def with_note(
    notes: Sequence[Note], record: Record, paths: Collection[str], known: Sequence[Source], key: str = ""
) -> tuple[Note, str]:
    """Return a new source note about a work, in the form of the existing ones, and its key.

    `paths` are those in use, `known` the sources of the wiki. Raises `CannotWriteError`, and `AdditionProofError` if
    the note would not be read as the work.
    """
    if record.note:
        raise CannotWriteError("an entry from a citation alone can be marked as such in BibTeX files only")
    _refuse_odd_doi(record)
    works = [(source.key, _work(source)) for source in known]
    work = Work(record.names or record.editors, record.year, record.title)
    key = key or next_key(works, work, {source.key for source in known})
    path, text = new_note(notes, record, key, paths)
    found, problems = read_note(parse(path, text))
    if len(found) != 1 or problems:
        raise AdditionProofError(f"{path}: the new note would not read as a source")
    _check(found[0], record, path, key)
    return Note(path, text, found[0]), found[0].key


def with_dois(path: str, text: str, edits: Sequence[Edit], *, is_page: bool) -> tuple[str, tuple[Edit, ...]]:
    """Return a bibliography or source note with edits that each add a DOI to an entry, and those that were made.

    An edit is left out if any entry would read differently after it, apart from its new DOI.
    """

    def read(text: str) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
        return read_note(parse(path, text)) if is_page else read_bibliography(path, text)

    before, problems = read(text)

    def is_proven(made: Sequence[Edit]) -> bool:
        new = apply(text, made)
        check_edits(path, text, new, made)
        after, now_wrong = read(new)
        pairs = [(_placeless(one), _placeless(other)) for one, other in zip(before, after, strict=False)]
        changed = [(one, other) for one, other in pairs if one != other]
        return (
            len(before) == len(after)
            and len(changed) == len(made)
            and sorted(each.kind for each in now_wrong) == sorted(each.kind for each in problems)
            and all(not one.doi and other == replace(one, doi=other.doi) for one, other in changed)
            and all(any(other.doi in edit.text.lower() for edit in made) for _one, other in changed)
        )

    def proven(made: Sequence[Edit]) -> tuple[Edit, ...]:
        if not made or is_proven(made):
            return tuple(made)
        if len(made) == 1:
            return ()
        half = len(made) // 2
        both = (*proven(made[:half]), *proven(made[half:]))
        return both if is_proven(both) else ()

    kept = proven(edits)
    return apply(text, kept), kept


def read_as_persons(found: Source, record: Record) -> list[str]:
    """Return the organisations among a work's authors that its entry has as persons.

    Tables and front matters have no sign for organisations: "Panel, The Big" looks like Ms Panel.
    """
    pairs = zip(record.as_source().names, found.names, strict=False)
    return [wanted.family for wanted, name in pairs if _is_read_as_person(wanted, name)]


def _is_read_as_person(wanted: Name, found: Name) -> bool:
    if not wanted.literal or folded(found).core == folded(wanted).core:
        return False
    return sorted(words(wanted.family)) == sorted(words(f"{found.family} {found.given} {found.suffix}"))


def _check(found: Source, record: Record, path: str, key: str) -> None:
    """Raise `AdditionProofError` unless an entry is read as the work that it is about.

    Raises `CannotWriteError` if the form of the file cannot hold its first author.
    """
    wanted = record.as_source()
    says = {
        "title": words(found.title) == words(wanted.title),
        "first author": _first(found) == _first(wanted)
        or bool(found.names and wanted.names and _is_read_as_person(wanted.names[0], found.names[0])),
        "year": not record.year or record.year in found.years,
        "DOI": not found.doi or found.doi == wanted.doi,
        "arXiv id": found.arxiv == wanted.arxiv,
        "identifier": bool(found.doi or found.arxiv or found.url) or not (wanted.doi or wanted.arxiv),
    }
    if wanted.names and wanted.names[0].literal and not says["first author"]:
        name = wanted.names[0].family
        raise CannotWriteError(f'{path}: in this form of file the organisation "{name}" would be read as several names')
    if wrong := [name for name, is_so in says.items() if not is_so]:
        raise AdditionProofError(f'{path}: the {wrong[0]} of "{key}" would not be that of the work')
