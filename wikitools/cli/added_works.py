"""Puts the works that `bib add` found into a bibliography, one after the other, and says what became of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from wikitools.cli.terminal import complain, fail, warn, write
from wikitools.report.screen import visible
from wikitools.sources.named_work import STUB
from wikitools.sources.names import folded
from wikitools.sources.same_version import is_preprint_of
from wikitools.sources.same_work import same_work
from wikitools.sources.writers.write_error import CannotWriteError

if TYPE_CHECKING:
    from wikitools.cli.startup import AskedWiki
    from wikitools.project.additions import Bibliography
    from wikitools.sources.named_work import NamedWork
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source
    from wikitools.sources.writers.note import Note
    from wikitools.web.lookup import Choice, LookedUp


class Made(NamedTuple):
    """An entry that was added, or completed."""

    key: str
    path: str
    record: Record
    completed: str = ""
    """What it was before: "a stub", "a preprint"; "" for a new entry."""


class Additions:
    """The works that are added to one bibliography, or as source notes, one after the other."""

    def __init__(self, wiki: AskedWiki, target: Bibliography | tuple[Note, ...], key: str) -> None:
        self.made: list[Made] = []
        self.texts: dict[str, str] = {}
        """The new texts of bibliographies, by their paths."""
        self.created: dict[str, str] = {}
        """The texts of new notes, by their paths."""
        self.failed = False
        self._wiki = wiki
        self._target = target
        self._key = key
        self._known = list(wiki.workspace.facts.bibliography.sources)

    def take(self, named: NamedWork, said: LookedUp) -> None:
        """Add the work that was found, or say why it cannot be added."""
        from wikitools.web.lookup import Choice
        from wikitools.web.lookup_result import Here, Nothing

        shown = named.value if named.kind in {"title", "url", "stub"} else named.subject
        match said:
            case Here(record, _asked) if record.title or record.note:
                self._add(shown, record)
                return
            case Here():
                complain(f"{shown}: the registry has no title for it")
            case Choice():
                self._list(shown, said)
            case Nothing():
                word = "does not exist" if named.kind in {"doi", "arxiv", "pmid"} else "not found"
                complain(f"{shown}: {word}, says {said.by}")
            case _:
                complain(f"{shown}: no service could answer: {said.why}")
        self.failed = True

    def _list(self, shown: str, choice: Choice) -> None:
        if len(choice.works) == 1:
            complain(f'"{shown}": one work may be meant; if it is, add it by its identifier')
        else:
            more = "add one by its identifier, or narrow it down with --author"
            complain(f'"{shown}": several works may be meant; {more}')
        for work in choice.works:
            there = next((each.key for each in self._known if same_work(each, work.as_source())), "")
            known = f" (already there: {there})" if there else ""
            write(visible(f"  {identifier(work):<28}  {named(work)}{known}") + "\n")
        if choice.silent:
            warn(f"not all services could be asked: {choice.silent}")

    def _add(self, shown: str, record: Record) -> None:
        from wikitools.project.additions import AdditionProofError

        new = record.as_source()
        same = [each for each in self._known if same_work(each, new) or (record.note and may_mean(new, each))]
        if not same and not self._key:
            # A key of one's own keeps a work apart from the stub that may mean it.
            same = [each for each in self._known if is_stub(each) and may_mean(each, new, all_named=True)]
        entries = {each.key for each in same if each.note != each.span.path}
        # A note on an entry is no further source.
        same = [each for each in same if each.note != each.span.path or each.key not in entries]
        unfinished = [(each, kind) for each in same if (kind := self._lacking(each, record))]
        try:
            if len(unfinished) == len(same) == 1:
                self._complete(*unfinished[0], record)
                return
            if same:
                self._tell(next((each for each in same if not self._lacking(each, record)), same[0]), record)
                return
            if any(source.key == self._key for source in self._known):
                fail(f'the key "{self._key}" is taken')
            path, made = self._put(record)
        except CannotWriteError as error:
            complain(f"{shown}: {error}")
            self.failed = True
        except AdditionProofError as error:
            complain(f"{error}; nothing was added", "this is a bug in wikitools, please report it")
            self.failed = True
        else:
            self._known.append(record.as_source(made))
            self.made.append(Made(made, path, record))

    @staticmethod
    def _lacking(source: Source, record: Record) -> str:
        """Return what an entry is, if it is less than that of a work: "a stub", "a preprint"."""
        if record.note:
            return ""
        return "a stub" if is_stub(source) else "a preprint" if is_preprint_of(source, record) else ""

    def _tell(self, there: Source, record: Record, kind: str = "") -> None:
        where = f" in {self._wiki.shown(there.span.path)}" if there.span.path else ""
        write(visible(f"already there{f' as {kind}' * bool(kind)}: {there.key}{where}: {named(record)}") + "\n")

    def _complete(self, there: Source, kind: str, record: Record) -> None:
        """Make an entry that of the whole work; says so if only a person can."""
        from wikitools.project.additions import Bibliography, with_completed

        if self._key and self._key != there.key:
            fail(f"{there.key} is {kind} of this work, and keeps its key", "leave out --key")
        path = there.span.path
        whole = replace(record, arxiv=record.arxiv or there.arxiv)
        work = identifier(record)
        by_hand = f'to replace it, delete it, then: wikitools bib add "{work}" --key {there.key}'
        try:
            if path not in self._wiki.workspace.inventory.bibliographies:
                by_hand = "change its front matter yourself"
                raise CannotWriteError("source notes are not completed")
            new = with_completed(self._file(path), there, whole)
        except CannotWriteError as error:
            self._tell(there, record, kind)
            warn(f"{there.key} was not completed with {work}: {error} ({by_hand})")
            return
        self.texts[path] = new.text
        if isinstance(self._target, Bibliography) and self._target.path == path:
            self._target = new
        self._known[self._known.index(there)] = whole.as_source(there.key)
        self.made.append(Made(there.key, path, record, kind))

    def _file(self, path: str) -> Bibliography:
        """Return a bibliography with what was changed in it so far. Raises `CannotWriteError`."""
        from wikitools.project.additions import Bibliography

        if path in self.texts:
            return Bibliography(path, self.texts[path])
        text = self._wiki.workspace.text_of(path)
        if self._wiki.data_of(path) != text.encode("utf-8", "replace"):
            raise CannotWriteError("the file is not UTF-8, or changed while it was read")
        return Bibliography(path, text)

    def _put(self, record: Record) -> tuple[str, str]:
        """Add a work, and return its path and key. Raises `CannotWriteError` and `AdditionProofError`."""
        from wikitools.project.additions import Bibliography, with_note, with_work

        if isinstance(self._target, Bibliography):
            keys = {source.key for source in self._known}
            self._target, made = with_work(self._target, record, keys, self._key)
            entry = next(source for source in self._target.read()[0] if source.key == made)
            self._tell_persons(self._target.path, entry, record)
            self.texts[self._target.path] = self._target.text
            return self._target.path, made
        inventory = self._wiki.workspace.inventory
        paths = {*inventory.pages, *inventory.attachments, *self.created}
        note, made = with_note(self._target, record, paths, self._known, self._key)
        self.created[note.path] = note.text
        self._tell_persons(note.path, note.source, record)
        return note.path, made

    def _tell_persons(self, path: str, entry: Source, record: Record) -> None:
        from wikitools.project.additions import read_as_persons

        for name in read_as_persons(entry, record):
            warn(f'{self._wiki.shown(path)}: the organisation "{name}" looks like a person in this form of file')


def is_stub(source: Source) -> bool:
    """Say whether an entry was made from a citation alone."""
    return source.fields.get("note") == STUB


def may_mean(stub: Source, work: Source, *, all_named: bool = False) -> bool:
    """Say whether a citation, of which nothing but names and year is known, may mean a work.

    The work has all names that the citation prints, in this order, and more behind "et al."; with `all_named` no more
    than these without it.
    """
    if not stub.names or not work.names or {*stub.years}.isdisjoint(work.years):
        return False
    is_open = bool(stub.fields.get("others"))
    left = len(work.names) - len(stub.names)
    if (left < is_open and not work.fields.get("others")) or (all_named and left and not is_open):
        return False
    return all(folded(its).core == folded(printed).core for its, printed in zip(work.names, stub.names, strict=False))


# Messages


def identifier(record: Record) -> str:
    """Return an identifier with which a work can be named; "" if it has none."""
    if record.doi:
        return record.doi
    return f"arXiv:{record.arxiv}" if record.arxiv else f"ISBN {record.isbn[0]}" if record.isbn else ""


def named(record: Record) -> str:
    """Return a short description of a work: "LeCun, Bengio, Hinton 2015. Deep learning"."""
    families = [name.family for name in record.names or record.editors]
    shown = ", ".join(families[:4]) + (" et al." if len(families) > 4 or record.others else "")
    return f"{shown} {record.year}. {record.title}".strip() if record.title else f"{shown} {record.year} (stub)"


def remarks(record: Record) -> list[str]:
    """Return warnings about a work: retracted, withdrawn, or under an expression of concern."""
    from wikitools.sources.record import CONCERN, RETRACTED, WITHDRAWN, gravest

    said = {
        RETRACTED: "this work is retracted",
        CONCERN: "the publisher has expressed concern",
        WITHDRAWN: "withdrawn by its authors",
    }
    found = []
    for kind, words in said.items():
        notice = gravest(record.notices, (kind,))
        if notice is not None:
            more = ", ".join(part for part in (notice.date, notice.doi) if part)
            found.append(f"{words}{f' ({more})' if more else ''}")
    return found
