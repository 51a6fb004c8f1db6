"""`wikitools bib add`: looks up a work by identifier, page or title, and writes an entry in the style of the others."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import os
import re
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools import interrupts
from wikitools.cli import options
from wikitools.cli.added_works import Additions, Made, identifier, named, remarks
from wikitools.cli.request import Request
from wikitools.cli.startup import AskedWiki, open_wiki, or_fail
from wikitools.cli.terminal import complain, fail, note, warn, write
from wikitools.report.screen import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.project.additions import Bibliography
    from wikitools.sources.named_work import NamedWork
    from wikitools.sources.record import Record
    from wikitools.sources.writers.note import Note
    from wikitools.web.asking import Web
    from wikitools.web.lookup import LookedUp

Works = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WORK]...",
        show_default=False,
        help='A DOI, arXiv id, ISBN or PubMed id; the address of a page; or a title: "Deep learning".',
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help='Add the works with "take = true" in a file of "wikitools cite --unmatched --lookup -o FILE".',
    ),
]
FromWiki = Annotated[
    bool,
    typer.Option(
        "--from-wiki", help="Look up the works that unmatched citations need, and ask about one after the other."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="With --from-wiki: add what is certain, and ask nothing.")]
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="FILE|FOLDER",
        help="The bibliography, or folder of source notes.",
        show_default=False,
    ),
]
Author = Annotated[str | None, typer.Option("--author", metavar="NAME", help="Author of a work given by its title.")]
Year = Annotated[str | None, typer.Option("--year", metavar="YEAR", help="Year of a work given by its title.")]
Key = Annotated[
    str | None, typer.Option("--key", metavar="KEY", help="The key. Default: in the form of most existing keys.")
]
Preprint = Annotated[bool, typer.Option("--preprint", help="Add a preprint as a preprint, even if it was published.")]
Stub = Annotated[
    bool,
    typer.Option("--stub", help="Make entries from citations alone, without the network, and mark them. BibTeX only."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be added; write nothing.")]


def add(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    works: Works = None,
    to: To = None,
    proposals: From = None,
    from_wiki: FromWiki = False,
    yes: Yes = False,
    author: Author = None,
    year: Year = None,
    key: Key = None,
    preprint: Preprint = False,
    stub: Stub = False,
    diff: options.Diff = False,
    dry_run: DryRun = False,
    offline: options.Offline = False,
) -> None:
    """Add works to the bibliography in its own style: keys, fields and order as in existing entries.

    Asks Crossref, DataCite, arXiv, PubMed, Open Library and doi.org; they learn which work you look for, and nothing
    about your pages. If the bibliography already has the work, its entry is named instead; a published preprint is
    added as published. A stub, or an entry with only the preprint of this work, is completed and keeps its key. Exits
    with 1 when --diff shows a change, with 2 when a work could not be added, or got no answer.
    """
    works = [*(works or ()), *(_taken(proposals) if proposals is not None else ())]
    if from_wiki and (works or stub or key):
        fail("--from-wiki goes without works, --from, --stub and --key")
    if yes and not from_wiki:
        fail("--yes goes with --from-wiki")
    if not works and not from_wiki:
        fail("no work is given", "a DOI, arXiv id, ISBN, address or title, or --from FILE with a work to take")
    _refuse_files(works)
    stubs = _stubs(works) if stub else {}
    wanted = tuple(stubs) or _read(works)
    if key is not None and len(wanted) > 1:
        fail("--key names one work, and there are several")
    wiki = open_wiki(asked)
    target = _target(wiki, to)
    all_answered = True
    if from_wiki:
        from wikitools.cli.bib_from_wiki import choose

        chosen, all_answered = choose(wiki, sure=yes, offline=offline)
        wanted = _read(chosen)
    wanted = tuple(each for each in wanted if not _is_there(wiki, each))
    found = stubs or _looked_up(wiki, wanted, author or "", year or "", offline=offline, as_preprint=preprint)
    done = Additions(wiki, target, key or "")
    for each in wanted:
        done.take(each, found[each])
    if diff:
        from wikitools.cli.writing import write_diff

        write_diff(wiki, done.texts, created=done.created)
    elif done.made and not dry_run:
        _write(wiki, done)
    for made in done.made:
        _say(asked, _told(wiki, made, done=not (diff or dry_run)), diff)
        for line in remarks(made.record):
            warn(f"{made.key}: {line}")
    if done.made and not (diff or dry_run or asked.quiet):
        _tell_effect(wiki)
    raise typer.Exit(2 if done.failed or not all_answered else int(bool(done.made) and diff))


def _told(wiki: AskedWiki, made: Made, *, done: bool) -> str:
    path = wiki.shown(made.path)
    if made.completed:
        verb = "completed" if done else "would complete"
        return f"{verb} {made.key} in {path}, so far {made.completed}: {named(made.record)}"
    return f"{'added' if done else 'would add'} {made.key} to {path}: {named(made.record)}"


def _say(asked: Request, line: str, diff: bool) -> None:
    if diff:
        # Standard output holds the patch.
        note(line)
    elif not asked.quiet:
        write(f"{visible(line)}\n")


def _taken(path: str) -> list[str]:
    """Return the identifiers of the works that the user chose in a file of proposals."""
    import tomllib

    from wikitools import files

    try:
        listed = tomllib.loads(or_fail(lambda: files.read_text(path))).get("work", [])
    except tomllib.TOMLDecodeError as error:
        fail(f"{path}: {error}")
    works = listed if isinstance(listed, list) else []
    return [
        str(each["identifier"])
        for each in works
        if isinstance(each, dict) and each.get("take") is True and "identifier" in each
    ]


def _refuse_files(works: "Sequence[str]") -> None:
    """End the run if a file is given in place of a work.

    Asked for it as a title, services would propose anything, and names of files do not leave the machine.
    """
    for work in works:
        if _is_file(work):
            fail(f"{work}: a file, not a work", "--to FILE names the bibliography, --from FILE a list of works to take")


def _is_file(work: str) -> bool:
    """Say whether a work is named by a path, or by an address that is not of the web."""
    from wikitools import files
    from wikitools.sources.named_work import NotAWorkError, read_named_work

    try:
        if read_named_work(work).kind != "title":
            return False
    except NotAWorkError:
        # It is reported when the works are read.
        return False
    suffixes = (*files.BIBLIOGRAPHY_SUFFIXES, *_DOCUMENTS)
    return bool(_PATH.match(work)) or work.rstrip().lower().endswith(suffixes) or os.path.isfile(work)


_PATH = re.compile(r"\s*(?:\.{0,2}[/\\]|~[/\\]|[a-z][a-z0-9+.-]*:[/\\]|(?:file|mailto):\S)", re.IGNORECASE)
_DOCUMENTS = tuple(
    ".md .markdown .txt .pdf .ps .djvu .epub .htm .html .tex .rtf .doc .docx .odt .xls .xlsx .ods .ppt .pptx .odp .eml"
    " .zip .png .jpg .jpeg .toml".split()
)
"""Suffixes of files in which people keep works, and notes on them; no title ends in one."""


def _stubs(works: list[str]) -> "dict[NamedWork, LookedUp]":
    """Return what citations say about works, without using the network."""
    from wikitools.sources.named_work import NamedWork, NotAWorkError, read_stub
    from wikitools.web.lookup_result import Here

    try:
        return {NamedWork("stub", each): Here(read_stub(each), 0.0) for each in works}
    except NotAWorkError as error:
        fail(str(error))


def _read(works: list[str]) -> "tuple[NamedWork, ...]":
    from wikitools.sources.named_work import NotAWorkError, read_named_work

    try:
        return tuple(dict.fromkeys(map(read_named_work, works)))
    except NotAWorkError as error:
        fail(str(error))


def _is_there(wiki: AskedWiki, named: "NamedWork") -> bool:
    """Say whether a source has exactly this identifier, and name it: then there is no need to ask a registry."""
    known = wiki.workspace.facts.bibliography.by_url(named.subject) if named.kind in {"doi", "arxiv"} else ()
    # A key leaves out what may be a view of the work: "/full".
    found = [source for source in known if named.value in {source.doi, source.arxiv}]
    for source in found[:1]:
        year = next(iter(source.years), "")
        families = ", ".join(name.family for name in source.names[:4])
        where = wiki.shown(source.span.path)
        write(visible(f"already there: {source.key} in {where}: {families} {year}. {source.title}") + "\n")
    return bool(found)


# Where to


def _target(wiki: AskedWiki, to: str | None) -> "Bibliography | tuple[Note, ...]":
    """Return the bibliography to add to, or the source notes to add one next to.

    Ends the run if it is not clear which one that is.
    """
    from wikitools.project.additions import Bibliography

    paths = wiki.workspace.inventory.bibliographies
    from wikitools import files

    inside = None if to is None else files.below_root(to, os.fspath(wiki.settings.root))
    if to is None and not paths:
        if notes := _notes(wiki, ""):
            return notes
        fail("the wiki has no bibliography to add to", "create one; an empty references.bib is enough")
    if to is None and len(paths) > 1:
        fail(f"the wiki has {len(paths)} bibliographies", f"choose one: --to {wiki.shown(paths[0])}")
    path = paths[0] if to is None else inside if inside in paths else os.path.abspath(to)
    if path not in paths:
        if inside is not None and (notes := _notes(wiki, "" if inside == "." else f"{inside}/")):
            return notes
        listed = ", ".join(map(wiki.shown, paths)) or "none"
        fail(f"{to}: neither a bibliography of this wiki nor a folder with source notes", f"there is {listed}")
    text = wiki.workspace.text_of(path)
    if wiki.data_of(path) != text.encode("utf-8", "replace"):
        fail(f"{wiki.shown(path)}: not UTF-8, or changed while it was read; nothing was added")
    return Bibliography(path, text)


def _notes(wiki: AskedWiki, folder: str) -> "tuple[Note, ...]":
    """Return the source notes in a folder, and below it."""
    from wikitools.sources.writers.note import Note

    found = (source for source in wiki.workspace.facts.bibliography.sources if source.note == source.span.path)
    return tuple(
        Note(source.note, wiki.workspace.text_of(source.note), source)
        for source in found
        if source.note.startswith(folder)
    )


# Which works


def _looked_up(
    wiki: AskedWiki, named: "Sequence[NamedWork]", author: str, year: str, *, offline: bool, as_preprint: bool
) -> "Mapping[NamedWork, LookedUp]":
    from wikitools.cli.network import ask_web
    from wikitools.web.lookup import look_up, published
    from wikitools.web.lookup_result import Here

    async def question(web: "Web") -> "dict[NamedWork, LookedUp]":
        found = await look_up(web, named, author=author, year=year)
        if not as_preprint:
            for each, said in found.items():
                if isinstance(said, Here) and said.what.published:
                    whole = await published(web, said.what)
                    found[each] = Here(whole, said.asked)
                    tell_published(said.what, found=whole is not said.what)
        return found

    def tell_published(preprint: "Record", *, found: bool) -> None:
        if wiki.request.quiet:
            return
        name = f"arXiv:{preprint.arxiv}" if preprint.arxiv else identifier(preprint)
        was = f"{name} was published as {preprint.published}"
        if found:
            note(f"{was}; --preprint takes the preprint")
        else:
            warn(f"{was}, but no registry described that: the preprint is taken")

    return ask_web(wiki.request, wiki.settings, question, offline=offline, insist=True)


# Writing


def _write(wiki: AskedWiki, done: Additions) -> None:
    from wikitools import files
    from wikitools.cli.writing import write_texts

    root = wiki.settings.root
    with interrupts.Held():
        written = write_texts(wiki.workspace, done.texts)
        for path, text in done.created.items():
            place = os.path.join(root, path)
            if os.path.lexists(place):
                fail(f"{wiki.shown(path)} already exists; not written")
            or_fail(partial(files.make_file, place, [text], root=root))
    for path in written.changed:
        complain(f"{wiki.shown(path)}: changed on disk while wikitools ran; nothing was added")
    if written.changed or written.refused:
        raise typer.Exit(2)


def _tell_effect(wiki: AskedWiki) -> None:
    """Say how many citations are newly resolved, and how many became ambiguous."""
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


def _open_ends(wiki: AskedWiki) -> "dict[tuple[str, str], int]":
    """Return how many citations on each page have no source, or several."""
    from collections import Counter

    found: Counter[tuple[str, str]] = Counter()
    for path, cited in wiki.workspace.facts.cited.items():
        for each in cited:
            found[path, type(each.resolution).__name__] += 1
    return found
