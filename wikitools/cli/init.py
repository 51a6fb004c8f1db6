"""`wikitools init`: writes a configuration file from what it finds in a wiki."""

# Typer reads the annotations when the program runs, so they are not postponed here.

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools.cli import options
from wikitools.cli.terminal import choose_colour, columns, fail, note, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wikitools.block.block import BlockState
    from wikitools.block.listing_habits import BlockHabit
    from wikitools.lint.facts import Facts
    from wikitools.wiki.wiki import Wiki

NAME = "wikitools.toml"


def init(  # noqa: PLR0917  # typer turns the parameters into options; nobody passes them by position
    folder: Annotated[
        str, typer.Argument(metavar="[FOLDER]", help="The wiki's root. Default: the current folder.")
    ] = ".",
    force: Annotated[bool, typer.Option("--force", help="Replace an existing configuration.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the file and write nothing.")] = False,
    color: options.Color = "auto",
    jobs: options.Jobs = None,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Write a commented wikitools.toml from what the wiki contains.

    Tries every engine on the wiki's links and proposes one, with figures; lists the bibliographies that it found. Says
    what it chose and why. Existing lists of sources determine the block's heading and form. Replaces an existing file
    only with --force.
    """
    import os
    import sys
    from pathlib import Path

    from wikitools import files
    from wikitools.cli.startup import refuse_disk
    from wikitools.report.screen import fold, visible

    choose_colour(color)
    try:
        files.check_given(folder)
    except files.FileError as error:
        fail(str(error))
    root = Path(folder).resolve()
    if not root.is_dir():
        fail(f"{folder}: no such folder")
    refuse_disk(root)
    place = root / NAME
    if not dry_run:
        try:
            files.refuse_links(str(place), root)
        except files.FileError as error:
            fail(str(error), "delete the link first")
    if os.path.lexists(place) and not (force or dry_run):
        fail(f"{place} already exists", "--force replaces it, --dry-run prints what would be written")
    text, decisions = _propose(root, jobs=jobs, progress=not (no_progress or quiet))
    if dry_run:
        write(text)
    else:
        try:
            files.make_file(str(place), [text], root=root)
        except files.FileError as error:
            fail(str(error))
        if not quiet:
            write(f"Wrote {place}\n")
    if not quiet:
        if dry_run and columns(0) and columns(0, sys.stderr):
            note("")  # on a terminal, the file and what is said about it stand together
        if not dry_run:
            decisions.append(
                'next: "wikitools lint --statistics"; "wikitools baseline create" records the current findings'
            )
        wide = columns(0, sys.stderr)
        for decision in decisions:
            note("\n  ".join(fold(visible(decision), wide, indent=2)))


def _propose(root: "Path", *, jobs: int | None, progress: bool) -> tuple[str, list[str]]:
    """Return the text of the file, and one line about each decision."""
    from collections import Counter

    from wikitools import api
    from wikitools.block.block import BlockState
    from wikitools.block.listing_habits import find_block_habit
    from wikitools.block.style import BlockStyle
    from wikitools.cli.engine_marks import find_marks
    from wikitools.cli.progress import ProgressBar
    from wikitools.cli.startup import or_fail
    from wikitools.config import Settings, load_settings
    from wikitools.files.walk import PAGE_SUFFIXES
    from wikitools.project import loading
    from wikitools.report.heavy import find_heavy, share_of
    from wikitools.report.summary import count, other_kinds
    from wikitools.wiki.engine_counts import broken_by_page, choose_engine

    with ProgressBar(wanted=progress) as bar:
        wiki, inventory = or_fail(lambda: loading.load_wiki(Settings(root=root), jobs=jobs, progress=bar))
        suffixes: tuple[str, ...] = ()
        if kinds := other_kinds(inventory.attachments):
            usual = (end for end in PAGE_SUFFIXES if any(path.lower().endswith(end) for path in wiki.pages))
            suffixes = (*usual, *kinds)
            settings = Settings(root=root, suffixes=suffixes)
            wiki, inventory = or_fail(lambda: loading.load_wiki(settings, jobs=jobs, progress=bar))
    marks = find_marks(root, wiki.pages)
    choice = choose_engine(wiki, marks.engines, marks.hints)
    anchors = marks.anchors[0] if marks.anchors is not None and choice.engine in _RENDERED_ELSEWHERE else ""
    dead = broken_by_page(wiki, choice.engine)
    heavy = find_heavy(dead, wiki.pages, least=_DEAD_LINKS)
    shares = tuple((each, share_of(each, sum(dead.values()), len(wiki.pages), "dead links")) for each in heavy)
    aside = tuple(each.pattern for each in heavy if each.named_aside or not _is_linked(each.path, wiki))
    bibliographies = inventory.bibliographies
    notes = _source_notes(wiki)
    habit = find_block_habit(wiki.pages.values())
    left_out = [path for path in sorted(wiki.pages) if not BlockStyle().wants_block(path)]
    by_type = _without_block(wiki)
    text = _text(
        Found(
            suffixes=suffixes,
            engine=choice.engine,
            anchors=anchors,
            references=marks.references,
            figures=choice.lines(),
            bibliographies=bibliographies,
            pages=_pages(wiki),
            front_matter=_front_matter(wiki),
            templates=_folders(wiki, _TEMPLATES),
            archives=_folders(wiki, _ARCHIVES),
            heavy=tuple(f"{each.path} has {words}" for each, words in shares),
            aside=aside,
            habit=habit,
            source_notes=notes,
            left_out=len(left_out),
            without_block=tuple(by_type),
        )
    )
    # This version must be able to read what it writes.
    settings = load_settings(str(root), [(str(root / NAME), text)])
    with ProgressBar(wanted=progress) as bar:
        opened = api.Wiki(settings, jobs=jobs, progress=bar)
        blocks = or_fail(lambda: Counter(_planned_blocks(opened.workspace.facts)))
    named = "; ".join(filter(None, (", ".join(bibliographies), notes))) or "none found"
    pages = _pages(wiki) if wiki.pages else f"none; is {root} the folder of the wiki?"
    decisions = [f"pages: {pages}", f"engine: {choice.engine} ({choice.why})", f"bibliographies: {named}"]
    decisions += (f"suffixes: {kind} as well ({count(number, 'file')})" for kind, number in kinds.items())
    if marks.anchors is not None and anchors:
        decisions.append(f"anchors: {anchors}, because of {marks.anchors[1]}{_UNLIKE_ENGINES.get(anchors, '')}")
    if marks.references:
        decisions.append(f"ignore: undefined-reference, as {marks.references} loads a plugin that defines references")
    if marks.site is not None:
        name, docs = marks.site
        decisions.append(f"{name} makes the site of {docs}/: run `wikitools init {docs}`, so that /paths start there")
    decisions += (f"most dead links: {each.path} has {words}" for each, words in shares)
    if aside:
        decisions.append(f"exclude = {toml(aside)} leaves {'these' if len(aside) > 1 else 'it'} out; not set")
    if habit is not None:
        form = "a numbered list" if habit.numbered else "a list"
        decisions.append(f'block: "{habit.heading}", level {habit.level}, {form}, as on {count(habit.pages, "page")}')
    if by_hand := blocks[BlockState.LISTED_BY_HAND]:
        decisions.append(f"no block on {count(by_hand, 'page')} with a hand-written list of sources")
    if left_out:
        named = f"{', '.join(left_out[:3])}{' …' if len(left_out) > 3 else ''}"
        decisions.append(f"no block on {count(len(left_out), 'page')} about the wiki itself: {named}")
    decisions += (f'no block on {pattern}: its pages say "type: {kind}"' for pattern, kind in by_type.items())
    if new := blocks[BlockState.ADDED]:
        decisions.append(f'"wikitools backfill --init" would add a block to {count(new, "page")}')
    return text, decisions


def _planned_blocks(facts: "Facts") -> "Iterator[BlockState]":
    """Yield what `backfill --init` would do about each page."""
    from wikitools.lint.fix.source_blocks import regenerate

    return (regenerate(facts, path, init=True).plan.state for path in facts.wiki.pages)


def _pages(wiki: "Wiki") -> str:
    """Return a description of where the pages are: "214 in 9 folders, most in notes/"."""
    from collections import Counter

    folders = Counter(path.partition("/")[0] + "/" if "/" in path else "the root" for path in wiki.pages)
    most = ", ".join(f"{count:,} in {name}" for name, count in sorted(folders.items(), key=lambda each: -each[1])[:4])
    return f"{len(wiki.pages):,}" + (f" ({most})" if most else "")


_RENDERED_ELSEWHERE = frozenset({"foam", "markdown", "obsidian", "slug"})
"""Engines whose pages another program may turn into a site, with its own anchors."""
_UNLIKE_ENGINES = {
    "hugo": "; no engine reads all links as Hugo does: those from a page's own address "
    '("../page/") and to files in static/ may be reported as broken'
}
_DEAD_LINKS = 20
"""A folder is named if it has at least this many dead links."""
_TEMPLATES = frozenset({"archetypes", "template", "templates"})
_ARCHIVES = frozenset({"archive", "archives", "archived", "attic", "old"})


def _folders(wiki: "Wiki", names: frozenset[str]) -> tuple[str, ...]:
    """Return the folders with pages that have one of these names, ignoring blanks and punctuation around it."""
    found = {
        "/".join(parts[: place + 1]) + "/"
        for path in wiki.pages
        for parts in [path.split("/")]
        for place, part in enumerate(parts[:-1])
        if part.lower().strip("_- 0123456789.") in names
    }
    # A folder includes those inside it.
    return tuple(each for each in sorted(found) if not any(each != other and each.startswith(other) for other in found))


def _is_linked(path: str, wiki: "Wiki") -> bool:
    """Say whether a folder or page is for readers: pages elsewhere link to at least half of its pages."""
    inside = [page for page in wiki.pages if page.startswith(path)]
    linked = sum(any(not link.span.path.startswith(path) for link in wiki.links_to(page)) for page in inside)
    return linked * 2 >= len(inside)


def _source_notes(wiki: "Wiki") -> str:
    """Return how many pages are sources themselves: "80 source notes, most in sources/"; "" for none."""
    from collections import Counter

    from wikitools.lint.facts import read_notes
    from wikitools.report.summary import count

    sources, _problems = read_notes(wiki.pages.values())
    notes = {source.note for source in sources if source.note}
    folders = Counter(path.rpartition("/")[0] + "/" for path in notes if "/" in path)
    most = next(iter(folders.most_common(1)), None)
    where = "" if most is None else f", {'' if most[1] == len(notes) else 'most '}in {most[0]}"
    return f"{count(len(notes), 'source note')}{where}" if notes else ""


_TYPES = frozenset({"changelog", "index", "journal", "log", "map of content", "meta", "moc", "readme", "template"})
"""Values of `type` in the front matter of pages that are about the wiki itself."""


def _without_block(wiki: "Wiki") -> dict[str, str]:
    """Return patterns of pages whose front matter says that they are an index, a log or a template, each with its type.

    If all pages of a folder say so, the pattern is that folder. Pages that get no block anyway are not named.
    """
    from wikitools.block.style import BlockStyle

    style = BlockStyle()
    types = {
        path: str(entry.value).strip().lower()
        for path, page in wiki.pages.items()
        if (entry := page.front_matter.get("type")) is not None and style.wants_block(path)
    }
    named = {path: kind for path, kind in types.items() if kind in _TYPES}
    found: dict[str, str] = {}
    for path, kind in sorted(named.items()):
        folder = path.rpartition("/")[0]
        inside = [
            other for other in wiki.pages if folder and other.startswith(f"{folder}/") and style.wants_block(other)
        ]
        found[f"/{folder}/**" if len(inside) > 1 and named.keys() >= {*inside} else f"/{path}"] = kind
    return found


def _front_matter(wiki: "Wiki") -> str:
    """Return how many pages have front matter, and its most frequent fields; "" when none has."""
    from collections import Counter

    pages = [page for page in wiki.pages.values() if page.front_matter]
    fields = Counter(name for page in pages for name in page.front_matter)
    most = ", ".join(f"{name} {number:,}" for name, number in fields.most_common(6))
    return f"{len(pages):,} of {len(wiki.pages):,} pages ({most})" if pages else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a wiki."""

    suffixes: tuple[str, ...]
    """How the names of pages end, if not as usual; else nothing."""
    engine: str
    anchors: str
    """The program that makes the anchors, if it is another one than the engine; else ""."""
    references: str
    """The file that loads a plugin which defines references; else ""."""
    figures: tuple[str, ...]
    bibliographies: tuple[str, ...]
    pages: str
    front_matter: str
    templates: tuple[str, ...]
    archives: tuple[str, ...]
    heavy: tuple[str, ...]
    """The pages or folders with most of the dead links, and their numbers, in words."""
    aside: tuple[str, ...]
    """Patterns of those that are not for readers: few links lead there."""
    habit: "BlockHabit | None"
    source_notes: str
    left_out: int
    """How many pages get no block unless the configuration says so."""
    without_block: tuple[str, ...]
    """Patterns of further pages that should get no block."""


def _text(found: Found) -> str:
    from wikitools.report.screen import visible

    lines = [
        "# Configuration of wikitools; `wikitools config show` lists all keys.",
        f"# Pages: {visible(found.pages)}",
        *([f"# Front matter: {visible(found.front_matter)}"] if found.front_matter else []),
        "",
        *(["# How the names of pages end.", f"suffixes = {toml(found.suffixes)}", ""] if found.suffixes else []),
        "# The program that resolves the links. Broken links under each:",
        *(f"#   {line}" for line in found.figures),
        f"engine = {toml(found.engine)}",
        *([f"anchors = {toml(found.anchors)}"] if found.anchors else []),
        "",
        "# Where citations are looked up. Without it, wikitools searches the wiki.",
    ]
    if found.bibliographies:
        lines.append(f"bibliography = {toml(found.bibliographies)}")
    else:
        lines.append('# bibliography = ["references.bib"]')
    if found.source_notes:
        lines.append(f"# Besides files: {found.source_notes}.")
    lines += [
        "",
        "# Pages that are not part of the wiki, in .gitignore syntax. Links to them are",
        "# not broken. Hidden folders, node_modules and files that .gitignore excludes",
        "# are never part of it.",
    ]
    lines += [f"#   {visible(each)}" for each in found.heavy]
    # Proposed, not set: whether the links of a template should be checked is up to the user.
    patterns = (*found.aside, *found.templates, *found.archives)
    lines.append(f"# exclude = {toml(patterns or ('drafts/',))}")
    lines += [
        "",
        "# Rules to run besides the default ones, and rules to turn off; all rules:",
        "# `wikitools explain`.",
        '# extend-select = ["orphan-page", "case-mismatch", "untracked-target"]',
        *(
            [f"# {found.references} loads a plugin that defines references.", 'ignore = ["undefined-reference"]']
            if found.references
            else ["# ignore = []"]
        ),
        "",
        "# To fail only on new findings: `wikitools baseline create`.",
        "",
        "# [per-file-ignores]",
        *(f'# {toml(f"{each}**")} = ["links"]' for each in found.archives or ("archive/",)),
        "",
        *_block(found.habit, found.left_out, found.without_block),
    ]
    return "".join(f"{part}\n" for line in lines for part in _folded(line))


_WIDTH = 80
"""Columns of comments in the file."""


def _folded(line: str) -> list[str]:
    """Return a comment as lines that fit a terminal; settings, commented out or not, stay whole."""
    from wikitools.report.screen import fold

    if not line.startswith("# ") or line.endswith(("]", '"')):
        return [line]
    return [f"# {part}" for part in fold(line[2:], _WIDTH - 2)]


def _block(habit: "BlockHabit | None", left_out: int, without_block: tuple[str, ...]) -> "Iterator[str]":
    from wikitools.block.style import NO_BLOCK
    from wikitools.report.screen import visible

    if habit is None:
        yield "# The list of sources that `wikitools backfill` writes."
        yield from ("[block]", '# heading = "Sources cited"', "# numbered = false")
    else:
        yield f"# The list of sources that `wikitools backfill` writes, in the form of {habit.pages:,} pages."
        for text, level, pages in habit.others:
            yield f"#   other headings: {toml(visible(text))}, level {level}, on {pages:,}"
        yield "[block]"
        yield f"heading = {toml(habit.heading)}"
        yield f"heading-level = {habit.level}"
        yield f"numbered = {str(habit.numbered).lower()}"
    yield f"# Pages without such a list; README, index, log and the like ({left_out:,} here) are left out by default."
    if without_block:
        yield "exclude = ["
        yield from (f"  {toml(pattern)}," for pattern in (*NO_BLOCK, *without_block))
        yield "]"
    else:
        yield '# exclude = ["drafts/**"]'


def toml(value: str | tuple[str, ...]) -> str:
    """Return a text, or a list of texts, as a TOML value."""
    from wikitools.report.json import dumps

    # JSON strings are TOML strings if all control characters are escaped.
    if isinstance(value, str):
        return dumps(value)
    return f"[{', '.join(map(toml, value))}]"
