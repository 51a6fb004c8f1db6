"""`wikitools rename`: renames a page, an attachment or a heading, and rewrites every link to it."""

# Typer reads the annotations when the program runs, so they are not postponed here.

import os
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from wikitools import interrupts
from wikitools.cli import options
from wikitools.cli.moved_paths import ConfigTexts, rename_in_settings
from wikitools.cli.request import Request
from wikitools.cli.startup import AskedWiki, open_wiki, or_fail
from wikitools.cli.terminal import fail, note, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.wiki.rename import RenamePlan, Renaming

Old = Annotated[
    str,
    typer.Argument(metavar="OLD", help="A page, attachment or folder by path or name, or a heading: `Page#Heading`."),
]
New = Annotated[
    str,
    typer.Argument(metavar="NEW", help="The new path, or a name to stay in the folder; for a heading, the new text."),
]


def rename(  # typer turns the parameters into options; nobody passes them by position
    asked: Request,
    old: Old,
    new: New,
    diff: options.Diff = False,
) -> None:
    """Rename a page, folder or heading, with every link to it.

    Each link keeps its author's style, and all other links keep their targets. All or nothing: if one link would break,
    nothing is written. Exits with 1 if --diff shows a change.
    """
    wiki = open_wiki(asked)
    from wikitools.wiki.rename import RenameError, plan_rename

    renaming, folder = _read_request(wiki, old, new)
    try:
        plan = plan_rename(wiki.workspace.facts.wiki, renaming)
    except RenameError as error:
        fail(f"nothing was renamed: {error}")
    plan = replace(plan, texts=_with_hashes(wiki, plan))
    _check(wiki, plan)
    moves = {**plan.moves, **({} if folder is None else folder.others)}
    named = rename_in_settings(wiki, moves, {} if folder is None else {folder.old: folder.new})
    if diff:
        from wikitools.cli.writing import write_diff

        write_diff(wiki, {**plan.texts, **named.new}, moves, old_texts=named.old)
    # An interrupt after everything is done waits until that is printed.
    with interrupts.Held():
        if not diff:
            _write(wiki, renaming, plan, folder, named)
        if not asked.quiet:
            (note if diff else _say)(_summary(wiki, renaming, plan, folder, written=not diff))
            for path in named.new:
                note(f"renamed in {wiki.shown(path)}")
            for sentence in named.notes:
                note(sentence)
            for link in plan.revived:
                note(f"was broken before and now works: {link}")
    raise typer.Exit(int(diff))


def _with_hashes(wiki: AskedWiki, plan: "RenamePlan") -> dict[str, str]:
    """Return the new texts of pages, with "Sources cited" blocks that still count as generated."""
    from wikitools.block.ownership import renew_hash

    facts = wiki.workspace.facts
    return {
        path: renew_hash(facts.wiki.pages[path], plan.wiki.pages[plan.moves.get(path, path)], facts.style)
        for path in plan.texts
    }


def _say(line: str) -> None:
    write(f"{line}\n")


def _write(
    wiki: AskedWiki, renaming: "Renaming", plan: "RenamePlan", folder: "_Folder | None", named: ConfigTexts
) -> None:
    from wikitools.moves import write_and_move

    old_texts = {path: wiki.workspace.text_of(path) for path in plan.texts} | dict(named.old)
    texts = {**plan.texts, **named.new}
    # A folder is moved as a whole, in a single step.
    moves = plan.moves if folder is None else {folder.old: folder.new}
    last = {*named.new, *(path for path, _index in renaming.headings)}
    try:
        or_fail(
            lambda: write_and_move(
                wiki.settings.root, old_texts, texts, moves, last=last, follow_links=wiki.settings.follow_links
            )
        )
    except KeyboardInterrupt:
        note("nothing was renamed")
        raise


def _summary(
    wiki: AskedWiki, renaming: "Renaming", plan: "RenamePlan", folder: "_Folder | None", *, written: bool
) -> str:
    pages = len({link.path for link in plan.rewritten})
    links = len(plan.rewritten)
    counted = f"{links} link{'s' * (links != 1)} on {pages} page{'s' * (pages != 1)}"
    named = [f"{wiki.shown(old)} to {wiki.shown(new)}" for old, new in plan.moves.items()]
    if folder is not None:
        count = len(plan.moves) + len(folder.others)
        named = [f"{wiki.shown(folder.old)}/ to {wiki.shown(folder.new)}/ ({count} file{'s' * (count != 1)})"]
    for (path, index), text in renaming.headings.items():
        named.append(f'"{wiki.workspace.facts.wiki.pages[path].headings[index].text}" to "{text}"')
    return f"{'renamed' if written else 'would rename'} {', '.join(named)}; {counted} rewritten"


def _check(wiki: AskedWiki, plan: "RenamePlan") -> None:
    """End the run with exit code 2 if more than links depends on the old names, or if a page cannot be written."""
    from wikitools.lint.facts import own_bibliography_paths

    pages = wiki.workspace.facts.wiki.pages
    root = os.fspath(wiki.settings.root)
    for path in sorted(wiki.workspace.facts.wiki.attachments):
        place = os.path.join(root, path)
        if path not in plan.moves and os.path.islink(place):
            real = os.path.relpath(os.path.realpath(place), os.path.realpath(root)).replace(os.sep, "/")
            if real in plan.moves:
                fail(f"nothing was renamed: {path} is a symbolic link to {real}", "change it first")
    for path in plan.texts:
        if any(problem.kind == "unreadable-page" for problem in pages[path].problems):
            fail(f"nothing was renamed: {path} has links to rewrite, and is not valid UTF-8")
    for path, page in pages.items():
        before = own_bibliography_paths(page)
        after = own_bibliography_paths(plan.wiki.pages[plan.moves.get(path, path)])
        if tuple(plan.moves.get(each, each) for each in before) != after:
            named = ", ".join(before)
            fail(
                f"nothing was renamed: the front matter of {path} names {named} as its bibliography", "change it first"
            )


# What is asked for


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is renamed."""

    old: str
    new: str
    others: "Mapping[str, str]"
    """Files in it that are not part of the wiki; they move along."""


def _read_request(wiki: AskedWiki, old: str, new: str) -> "tuple[Renaming, _Folder | None]":
    """Return what to rename, and the folder if it is one."""
    from wikitools.wiki.rename import Renaming

    # A path means the file there; only if there is none, OLD is a name, or a path without its ".md".
    exact = _exact_file(wiki, old)
    folder = None if exact is not None else _find_folder(wiki, old)
    if folder is not None:
        beside = None if old.endswith("/") else _exact_file(wiki, f"{folder}.md")
        if beside is not None and not wiki.request.quiet:
            note(f"{beside} is another page and stays")
        return _move_folder(wiki, folder, new)
    path = exact if exact is not None or old.endswith("/") else _find_file(wiki, old)
    if path is not None:
        return Renaming(moves={path: _new_path(wiki, path, new)}), None
    if old.endswith("/"):
        fail(f"{old}: no such folder in the wiki")
    # A name may have a "#" in it.
    places = [place for place, char in enumerate(old) if char == "#"]
    found = [(path, old[place + 1 :]) for place in places if (path := _find_file(wiki, old[:place])) is not None]
    if not found:
        fail(f"{old}: no such page", _near_page(wiki, old.partition("#")[0] if places else old))
    path, heading = found[-1]
    index = _find_heading(wiki, path, heading)
    text = _new_heading(wiki, path, new)
    if text == wiki.workspace.facts.wiki.pages[path].headings[index].text:
        fail(f'the heading is "{text}" already')
    return Renaming(headings={(path, index): text}), None


def _exact_file(wiki: AskedWiki, name: str) -> str | None:
    """Return the file of the wiki at exactly this path, from the current folder or the root.

    `None` if there is none.
    """
    known = wiki.workspace.facts.wiki
    starts = (_inside(wiki, name), name.removeprefix("/"))
    return next(
        (path for path in starts if path is not None and (path in known.pages or path in known.attachments)), None
    )


def _find_folder(wiki: AskedWiki, name: str) -> str | None:
    """Return the folder of the wiki at this path, from the current folder or the root; `None` if there is none."""
    known = wiki.workspace.facts.wiki
    for start in (_inside(wiki, name), name.strip("/")):
        if start and any(path.startswith(f"{start}/") for path in (*known.pages, *known.attachments)):
            return start
    return None


def _move_folder(wiki: AskedWiki, folder: str, new: str) -> "tuple[Renaming, _Folder | None]":
    """Return the moves of all files in a folder; ends the run if it cannot be moved there."""
    from wikitools.moves import files_below
    from wikitools.wiki.rename import Renaming

    above = folder.rpartition("/")[0]
    alone = "/" not in new.rstrip("/")
    named = f"{above}/{new}".strip("/") if alone else _inside(wiki, new)
    if not new.strip("/ "):
        fail("the new name is empty")
    named = named and _behind_links(wiki, named)
    if named is None:
        fail(f"{new}: outside the wiki {wiki.settings.root}")
    if named == folder:
        fail(f"{folder}/: already has that name")
    if f"{named}/".startswith(f"{folder}/"):
        fail(f"{named}/: a folder cannot move into itself")
    _check_name(wiki, folder, named)
    if os.path.lexists(os.path.join(wiki.settings.root, named)) and named.lower() != folder.lower():
        fail(f"{named}/: already exists", "move its pages one by one, or choose another name")
    known = wiki.workspace.facts.wiki
    mine = {*known.pages, *known.attachments}
    below = or_fail(lambda: files_below(wiki.settings.root, folder, follow_links=wiki.settings.follow_links))
    moves = {path: f"{named}{path[len(folder) :]}" for path in below}
    inside = {path: place for path, place in moves.items() if path in mine}
    others = {path: place for path, place in moves.items() if path not in mine}
    return Renaming(moves=inside, folders={folder: named}), _Folder(folder, named, others)


_WINDOWS = frozenset('<>:"\\|?*')
_WINDOWS_NAMES = frozenset("con prn aux nul".split()) | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)
}


def _check_name(wiki: AskedWiki, old: str, new: str) -> None:
    """End the run, with the reason, if the engine could not link to a name, or if Windows could not store it."""
    kept = frozenset(old.split("/"))
    for part in new.split("/"):
        if part in kept:
            continue
        for char in part:
            if char in _WINDOWS or ord(char) < ord(" ") or ord(char) == _DELETE:
                fail(f"{part}: a name with {_shown(char)} in it cannot be stored on Windows")
            if not _can_link(wiki, char):
                engine = wiki.settings.engine
                fail(f'{part}: no link can reach a name with {_shown(char)} in it (engine = "{engine}")')
        if part.endswith((".", " ")):
            fail(f"{part}: a name that ends with {_shown(part[-1])} cannot be stored on Windows")
        if part.partition(".")[0].strip().lower() in _WINDOWS_NAMES:
            fail(f'{part}: "{part.partition(".")[0]}" is the name of a device on Windows')


_DELETE = 0x7F


def _shown(char: str) -> str:
    return "a blank" if char == " " else f'"{char}"' if char.isprintable() else f"the character U+{ord(char):04X}"


def _can_link(wiki: AskedWiki, char: str) -> bool:
    from wikitools.wiki.engines.missing import can_be_written

    # Plain Markdown has no wikilinks, and its paths are percent-encoded. In Obsidian ^ starts a block id.
    engine = wiki.workspace.facts.wiki.engine
    if engine.name == "markdown" or char not in "#^[]|":
        return True
    return can_be_written(engine, f"a{char}b") and not (char == "^" and engine.name == "obsidian")


def _find_file(wiki: AskedWiki, name: str) -> str | None:
    """Return the page or attachment with this path or name; ends the run if there are several."""
    from wikitools.wiki.names_index import fold, loosen
    from wikitools.wiki.paths import base_name, without_suffix
    from wikitools.wiki.resolution import Ambiguous, Found

    known = wiki.workspace.facts.wiki
    files = {*known.pages, *known.attachments}
    if not name.strip("/"):
        return None
    for start in (_inside(wiki, name), name.removeprefix("/")):
        for path in (start, f"{start}.md", f"{start}.markdown"):
            if path in files:
                return path
    found = known.resolve_name(name, "")
    if (
        isinstance(found, Found)
        and found.target in files
        # Not by alias or title, which are not names of the file.
        and loosen(base_name(without_suffix(found.target))) == loosen(base_name(without_suffix(name)))
    ):
        return found.target
    candidates = found.candidates if isinstance(found, Ambiguous) else ()
    wanted = fold(without_suffix(name))
    several = candidates or tuple(sorted(each for each in files if fold(base_name(without_suffix(each))) == wanted))
    if len(several) > 1:
        fail(f"{name}: {len(several)} files have that name", f"name one by its path: {', '.join(several[:5])}")
    return several[0] if several else None


def _inside(wiki: AskedWiki, path: str) -> str | None:
    """Return a path from the current folder relative to the wiki's root; `None` if it is outside."""
    from wikitools import files

    inside = files.below_root(path, os.fspath(wiki.settings.root))
    return None if inside == "." else inside


def _behind_links(wiki: AskedWiki, path: str) -> str | None:
    """Return the path that a file at `path` will have in the wiki; `None` if it will not be part of the wiki.

    A file behind a symbolic link has its real path if that is in the wiki, and otherwise the path of the link.
    """
    from wikitools.files import behind_links

    root, folder = wiki.settings.root, path.rpartition("/")[0]
    while folder:
        place = os.path.join(root, folder)
        if os.path.lexists(place):
            real = or_fail(partial(behind_links, root, folder, follow_links=wiki.settings.follow_links))
            if real is not None and real.partition("/")[0] != "..":
                return os.path.normpath(f"{real}{path[len(folder) :]}").replace(os.sep, "/")
            if any(each.startswith(f"{folder}/") for each in wiki.workspace.facts.wiki.pages):
                return path
            if os.path.islink(place):
                return None
        folder = folder.rpartition("/")[0]
    return path


def _near_page(wiki: AskedWiki, name: str) -> str:
    from wikitools.wiki.paths import base_name, without_suffix
    from wikitools.wiki.resolution import nearest

    named = {base_name(without_suffix(path)): path for path in sorted(wiki.workspace.inventory.pages, reverse=True)}
    near = nearest(base_name(without_suffix(name)), list(named), limit=1)
    return f'did you mean "{named[near[0]]}"?' if near else ""


def _new_path(wiki: AskedWiki, path: str, new: str) -> str:
    """Return the path that `new` means; ends the run if nothing can be moved there."""
    from wikitools.moves import is_free

    page_suffixes = tuple(each.lower() for each in wiki.settings.suffixes)

    if "\0" in new or "\n" in new or "\r" in new or not new.strip():
        fail("the new name is empty or has a line break in it")
    base, folder = path.rpartition("/")[2], path.rpartition("/")[0]
    page = path.lower().endswith(page_suffixes)
    suffix = os.path.splitext(base)[1]
    if new.endswith("/") or os.path.isdir(new):
        named = _inside(wiki, os.path.join(new, base))
    else:
        ended = new.lower().endswith(page_suffixes if page else suffix.lower())
        if not ended and (page or not os.path.splitext(new)[1]):
            new += suffix
        alone = "/" not in new
        named = f"{folder}/{new}".removeprefix("/") if alone else _inside(wiki, new)
    named = named and _behind_links(wiki, named)
    if named is None:
        fail(f"{new}: outside the wiki {wiki.settings.root}")
    if named == path:
        fail(f"{path}: already has that name")
    if named.lower().endswith(page_suffixes) != page:
        fail(f"{named}: a page cannot become an attachment, nor the other way round")
    if any(part.startswith(".") for part in named.split("/")):
        fail(f"{named}: hidden files are not part of the wiki")
    _check_name(wiki, path, named)
    if not or_fail(lambda: is_free(wiki.settings.root, named, path, follow_links=wiki.settings.follow_links)):
        fail(f"{named}: already exists")
    return named


def _find_heading(wiki: AskedWiki, path: str, name: str) -> int:
    """Return the index of the heading with this text or anchor; ends the run unless there is exactly one."""
    from wikitools.wiki.anchors import linkable, obsidian_text
    from wikitools.wiki.resolution import nearest

    anchors = wiki.workspace.facts.wiki.anchors_of(path)
    if anchors is None:
        fail(f"{path}: not a page, so it has no headings")
    name = name.strip()
    headings = anchors.page.headings
    for same in (
        [index for index, heading in enumerate(headings) if heading.text == name],
        [index for index, slug in enumerate(anchors.slugs) if slug == name or name in headings[index].ids],
        [index for index, texts in enumerate(anchors.texts) if obsidian_text(name) in texts],
    ):
        if len(same) == 1:
            return same[0]
        if same:
            named = ", ".join(f'"#{anchors.slugs[index]}"' for index in same[:5])
            fail(f'{path} has {len(same)} headings "{name}"', f"name one by its anchor: {named}")
    near = nearest(name, [linkable(heading.text) for heading in headings], limit=1)
    fail(f'{path} has no heading "{name}"', f'did you mean "{near[0]}"?' if near else "")


def _new_heading(wiki: AskedWiki, path: str, new: str) -> str:
    """Return the heading's new text, which may follow the page's name."""
    name, hash_sign, text = new.partition("#")
    if hash_sign and name and _find_file(wiki, name) != path:
        fail(f"{new}: a heading stays on its page, {path}", "write a text with # as #TEXT")
    text = (text if hash_sign else name).strip()
    if not text or "\n" in text or "\r" in text:
        fail("the new heading is empty or has a line break in it")
    return text
