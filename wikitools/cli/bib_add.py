"""`wikitools bib add`: look a work up by identifier, page or title, and write its entry as the others are written."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import os
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools import interrupts
from wikitools.cli import options
from wikitools.cli.asked_paths import relative
from wikitools.cli.request import Request
from wikitools.cli.session import Wiki, open_wiki
from wikitools.cli.terminal import complain, fail, note, warn, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.project.additions import Bibliography
    from wikitools.sources.named_work import NamedWork
    from wikitools.sources.record import Record
    from wikitools.web.lookup import Choice, LookedUp
    from wikitools.web.session import Web

Works = Annotated[
    list[str],
    typer.Argument(
        metavar="WORK...",
        help='A DOI, arXiv id, ISBN or PubMed id; the address of a page; or a title: "Deep learning".',
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="FILE", help="The bibliography to add to, where the wiki has several.", show_default=False
    ),
]
Author = Annotated[
    str | None, typer.Option("--author", metavar="NAME", help="Of a work given by its title: who wrote it.")
]
Year = Annotated[str | None, typer.Option("--year", metavar="YEAR", help="Of a work given by its title: when.")]
Key = Annotated[
    str | None, typer.Option("--key", metavar="KEY", help="Its key. Default: made as most of those that are there.")
]
Preprint = Annotated[bool, typer.Option("--preprint", help="Add a preprint as such, although it was published since.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be added, and write nothing.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Ask nobody: take what was answered before, however long ago.")
]


def add(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    works: Works,
    to: To = None,
    author: Author = None,
    year: Year = None,
    key: Key = None,
    preprint: Preprint = False,
    diff: options.Diff = False,
    dry_run: DryRun = False,
    offline: Offline = False,
) -> None:
    """Add works to the bibliography, in its own hand: keys, fields and order as in the entries that are there.

    Asks Crossref, DataCite, arXiv, PubMed, Open Library and doi.org; they learn which work you look for, and nothing of
    your pages. A work that already exists is named instead, and a published preprint is added as published. Exits
    with 1 when --diff shows a change, with 2 when a work could not be added.
    """
    named = _read(works)
    if key is not None and len(named) > 1:
        fail("--key names one work, and there are several")
    wiki = open_wiki(asked)
    target = _target(wiki, to)
    found = _looked_up(wiki, named, author or "", year or "", offline=offline, as_preprint=preprint)
    done = _Additions(wiki, target, key or "")
    for each in named:
        done.take(each, found[each])
    texts = {target.path: done.file.text} if done.added else {}
    verb = "would add" if diff or dry_run else "added"
    if diff:
        from wikitools.cli.writing import write_diff

        write_diff(wiki, texts)
    elif not dry_run and texts:
        _write(wiki, texts)
    for made, record in done.added:
        _say(asked, f"{verb} {made} to {wiki.shown(target.path)}: {_named(record)}", diff)
        for line in _remarks(record):
            warn(f"{made}: {line}")
    if texts and not (diff or dry_run or asked.quiet):
        _tell_effect(wiki)
    raise typer.Exit(2 if done.failed else int(bool(texts) and diff))


def _say(asked: Request, line: str, diff: bool) -> None:
    if diff:
        # Standard output holds the patch.
        note(line)
    elif not asked.quiet:
        write(f"{line}\n")


def _read(works: list[str]) -> "tuple[NamedWork, ...]":
    from wikitools.sources.named_work import NotAWorkError, read_named_work

    try:
        return tuple(dict.fromkeys(map(read_named_work, works)))
    except NotAWorkError as error:
        fail(str(error))


# Where to


def _target(wiki: Wiki, to: str | None) -> "Bibliography":
    """Return the bibliography to add to; ends the run where it is a question which one that is."""
    from wikitools.project.additions import Bibliography

    paths = wiki.workspace.inventory.bibliographies
    if to is not None:
        root = os.fspath(wiki.settings.root)
        inside = relative(to, root)
        path = inside if inside is not None and inside in paths else os.path.abspath(to)
        if path not in paths:
            listed = ", ".join(map(wiki.shown, paths)) or "none"
            fail(f"{to}: not a bibliography of this wiki", f"there is {listed}")
    elif not paths:
        fail("the wiki has no bibliography to add to", "make one: an empty references.bib is enough")
    elif len(paths) > 1:
        fail(f"the wiki has {len(paths)} bibliographies", f"choose one: --to {wiki.shown(paths[0])}")
    else:
        path = paths[0]
    text = wiki.workspace.text_of(path)
    if wiki.data_of(path) != text.encode("utf-8", "replace"):
        fail(f"{wiki.shown(path)}: not UTF-8, or changed while it was read; nothing is added")
    return Bibliography(path, text)


# Which works


def _looked_up(
    wiki: Wiki, named: "Sequence[NamedWork]", author: str, year: str, *, offline: bool, as_preprint: bool
) -> "Mapping[NamedWork, LookedUp]":
    from wikitools.cli.network import ask_web
    from wikitools.web.found import Here
    from wikitools.web.lookup import look_up, published

    async def question(web: "Web") -> "dict[NamedWork, LookedUp]":
        found = await look_up(web, named, author=author, year=year)
        if not as_preprint:
            for each, said in found.items():
                if isinstance(said, Here):
                    found[each] = Here(await published(web, said.what), said.asked)
        return found

    return ask_web(wiki.request, wiki.settings, question, offline=offline, insist=True)


class _Additions:
    """The works that are added to one bibliography, one after the other."""

    def __init__(self, wiki: Wiki, file: "Bibliography", key: str) -> None:
        self.file = file
        self.added: list[tuple[str, Record]] = []
        """Key and work of each new entry."""
        self.failed = False
        self._wiki = wiki
        self._key = key
        self._known = wiki.workspace.facts.bibliography.sources

    def take(self, named: "NamedWork", said: "LookedUp") -> None:
        """Add the work that was found, or say why not."""
        from wikitools.web.found import Here, Nothing
        from wikitools.web.lookup import Choice

        shown = named.value if named.kind in {"title", "url"} else named.subject
        match said:
            case Here(record, _asked) if record.title:
                self._add(record)
                return
            case Here():
                complain(f"{shown}: the registry gives it no title")
            case Choice():
                _list(shown, said)
            case Nothing():
                word = "does not exist" if named.kind in {"doi", "arxiv", "pmid"} else "not found"
                complain(f"{shown}: {word}, says {said.by}")
            case _:
                complain(f"{shown}: nobody could say: {said.why}")
        self.failed = True

    def _add(self, record: "Record") -> None:
        from wikitools.project.additions import AdditionProofError, with_work
        from wikitools.sources.same_work import same_work
        from wikitools.sources.writers.failure import CannotWriteError

        new = record.as_source()
        there = next((each for each in (*self._known, *self.file.read()[0]) if same_work(each, new)), None)
        if there is not None:
            write(f"already there: {there.key} in {self._wiki.shown(there.span.path)}: {_named(record)}\n")
            return
        taken = {source.key for source in self._known}
        if self._key in taken:
            fail(f'the key "{self._key}" is taken')
        try:
            self.file, made = with_work(self.file, record, taken, self._key)
        except CannotWriteError as error:
            fail(f"{self._wiki.shown(self.file.path)}: {error}")
        except AdditionProofError as error:
            complain(f"{error}; nothing is added", "this is a bug in wikitools, please report it")
            self.failed = True
            return
        self.added.append((made, record))


def _list(shown: str, choice: "Choice") -> None:
    complain(f'"{shown}": several works may be meant; add one by its identifier, or say --author')
    for work in choice.works:
        write(f"  {_identifier(work):<28}  {_named(work)}\n")
    if choice.silent:
        warn(f"not all could be asked: {choice.silent}")


# What is said


def _identifier(record: "Record") -> str:
    if record.doi:
        return record.doi
    return f"arXiv:{record.arxiv}" if record.arxiv else f"ISBN {record.isbn[0]}" if record.isbn else ""


def _named(record: "Record") -> str:
    """Return a work in a few words: "LeCun, Bengio, Hinton 2015. Deep learning"."""
    families = [name.family for name in record.names or record.editors]
    shown = ", ".join(families[:4]) + (" et al." if len(families) > 4 else "")
    return f"{shown} {record.year}. {record.title}".strip()


def _remarks(record: "Record") -> "list[str]":
    """Return what a reader has to know of a work before it is relied on."""
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


# Writing


def _write(wiki: Wiki, texts: "Mapping[str, str]") -> None:
    from wikitools.cli.writing import write_texts

    with interrupts.Held():
        written = write_texts(wiki.workspace, texts)
    for path in written.changed:
        complain(f"{wiki.shown(path)}: changed on disk while wikitools ran; nothing is added")
    if written.changed or written.refused:
        raise typer.Exit(2)


def _tell_effect(wiki: Wiki) -> None:
    """Say how many citations resolve now that did not, and which became ambiguous."""
    from dataclasses import replace

    from wikitools.report.summary import count

    before = _open_ends(wiki)
    after = _open_ends(open_wiki(replace(wiki.request, quiet=True, verbose=False, progress=False)))
    resolved = sum(max(0, number - after.get(each, 0)) for each, number in before.items() if each[1] == "Missing")
    doubtful = sum(max(0, number - before.get(each, 0)) for each, number in after.items() if each[1] == "Ambiguous")
    if resolved:
        note(f"{count(resolved, 'citation')} {'resolves' if resolved == 1 else 'resolve'} now")
    if doubtful:
        warn(f'{count(doubtful, "citation")} may now mean several sources: see "wikitools cite --ambiguous"')


def _open_ends(wiki: Wiki) -> "dict[tuple[str, str], int]":
    """Return how many citations of each page have no source, or several."""
    from collections import Counter

    found: Counter[tuple[str, str]] = Counter()
    for path, cited in wiki.workspace.facts.cited.items():
        for each in cited:
            found[path, type(each.resolution).__name__] += 1
    return found
