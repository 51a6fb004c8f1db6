"""Renames pages and headings with every link to them, by the engine of `rename`: proven, or refused with the reason."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types

from wikitools import files
from wikitools.block.ownership import renew_hash
from wikitools.lint.facts import own_bibliography_paths
from wikitools.lsp.documents import path_of, uri_of
from wikitools.lsp.open_wiki import inside
from wikitools.lsp.under import target_of, under
from wikitools.markdown.page import Wikilink
from wikitools.moves import is_free
from wikitools.text import Edit, Span, line_starts
from wikitools.wiki.link_parts import find_destination
from wikitools.wiki.paths import base_name, folder_of, without_suffix
from wikitools.wiki.rename import RenameError, Renaming, heading_edit, plan_rename

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wikitools.lsp.under import Link
    from wikitools.lsp.view import View
    from wikitools.wiki.rename import RenamePlan


class RefusedError(Exception):
    """Nothing is renamed; the message tells the user why."""


class _Subject(NamedTuple):
    """What would be renamed: a page or one of its headings, and the words that name it here."""

    path: str
    heading: int | None
    place: Span
    name: str


def prepare(view: View, offset: int) -> types.PrepareRenamePlaceholder | None:
    """Return what would be renamed at an offset, and its current name; `None` for nothing."""
    subject = _subject(view, offset)
    return None if subject is None else types.PrepareRenamePlaceholder(view.range(subject.place), subject.name)


def rename(view: View, offset: int, name: str) -> types.WorkspaceEdit:
    """Return the edits that rename what is at an offset. Raises `RefusedError`."""
    subject = _subject(view, offset)
    if subject is None:
        raise RefusedError("there is nothing to rename here: put the cursor on a heading or on a link to a page")
    if subject.heading is not None:
        text = name.strip()
        if not text or "\n" in text or "\r" in text:
            raise RefusedError("the new heading is empty or has a line break in it")
        return _edit(view, Renaming(headings={(subject.path, subject.heading): text}))
    if not view.client.renames_files:
        raise RefusedError('this editor cannot rename files: use "wikitools rename"')
    return _edit(view, Renaming(moves={subject.path: _new_path(view, subject.path, name)}))


def move(view: View, asked: Sequence[types.FileRename]) -> types.WorkspaceEdit | None:
    """Return the edits for files of a wiki that the editor is about to move; `None` if it moves none of them.

    Raises `RefusedError`.
    """
    if view.wiki is None:
        return None
    known = view.facts.wiki
    moves = _moved(view.wiki.root, asked, (*known.pages, *known.attachments))
    return _edit(view, Renaming(moves=moves), moved_by_editor=True) if moves else None


def _subject(view: View, offset: int) -> _Subject | None:
    here = under(view, offset)
    facts = view.facts
    if here.link is not None:
        target = target_of(here.link, facts)
        page = facts.wiki.pages.get(target.path) if target is not None else None
        if target is None or page is None:
            return None
        name, anchor = _parts(here.link, view)
        if anchor is not None and anchor.start <= offset:
            index = next((number for number, each in enumerate(page.headings) if each.span == target), None)
            return None if index is None else _Subject(page.path, index, anchor, page.headings[index].text)
        return None if name is None else _Subject(page.path, None, name, page.name)
    if here.heading is not None and view.path in facts.wiki.pages:
        heading = view.page.headings[here.heading]
        try:
            place = heading_edit(view.page, here.heading, heading.text).span
        except RenameError:
            return None
        return _Subject(view.path, here.heading, place, heading.text)
    return None


def _parts(link: Link, view: View) -> tuple[Span | None, Span | None]:
    """Return where a link names its page, and where it names the heading or block."""
    text, path = view.page.text, view.path
    if isinstance(link, Wikilink):
        target, anchor = view.facts.wiki.read(link)
        place = find_destination(link, text, target, anchor, view.facts.wiki)
        if place is None:
            return None, None
        name = Span(path, place.start, place.start + len(target)) if target else None
        at = text.find("#", place.start + len(target), place.end) if anchor else -1
        return name, Span(path, at + 1, place.end) if at >= 0 else None
    if link.url_span.path != path:
        return None, None
    span = link.url_span
    at = text.find("#", span.start, span.end)
    end = span.end if at < 0 else at
    return Span(path, span.start, end) if end > span.start else None, Span(path, at + 1, span.end) if at >= 0 else None


def _new_path(view: View, path: str, name: str) -> str:
    """Return the path that a new name means: without a slash, in the page's folder."""
    name = name.strip()
    if not name.strip("/") or any(char in name for char in "\0\n\r"):
        raise RefusedError("the new name is empty or has a line break in it")
    suffix = os.path.splitext(path)[1]
    if not name.lower().endswith((*files.PAGE_SUFFIXES, suffix.lower())):
        name += suffix
    new = name.lstrip("/") if "/" in name else f"{folder_of(path)}/{name}".lstrip("/")
    parts = new.split("/")
    if ".." in parts:
        raise RefusedError(f"{new}: write the path from the root of the wiki")
    if any(not part or part.startswith(".") for part in parts):
        raise RefusedError(f"{new}: hidden files are not part of the wiki")
    if new == path:
        raise RefusedError(f"{path}: already has that name")
    return new


def _edit(view: View, renaming: Renaming, *, moved_by_editor: bool = False) -> types.WorkspaceEdit:
    wiki = view.wiki
    if wiki is None:
        raise RefusedError("this page is in no wiki: nobody knows which pages link to it")
    settings = wiki.settings
    for old, new in renaming.moves.items():
        if files.is_left_out(wiki.root, new, settings.exclude, gitignore=settings.respect_gitignore):
            raise RefusedError(f"{new} would be left out of the wiki by .gitignore or exclude")
        if moved_by_editor and new in view.facts.wiki.pages and new not in renaming.moves:
            raise RefusedError(f"{new}: already exists, so links to it and to {old} would lead to one page")
        if not moved_by_editor and not is_free(settings.root, new, old, follow_links=settings.follow_links):
            raise RefusedError(f"{new}: already exists")
        if _is_named(old, settings.files):
            raise RefusedError(f'the configuration names {old}: use "wikitools rename", which names it anew there')
    try:
        plan = plan_rename(view.facts.wiki, renaming)
    except RenameError as error:
        raise RefusedError(str(error)) from error
    _check(view, plan)
    texts = {
        path: renew_hash(view.facts.wiki.pages[path], plan.wiki.pages[plan.moves.get(path, path)], view.facts.style)
        for path in plan.texts
    }
    edits = [edit for path in sorted(texts) for edit in changes(path, view.facts.text_of(path), texts[path])]
    made = view.edit(edits)
    if not moved_by_editor:
        for old, new in renaming.moves.items():
            place = os.path.join(wiki.root, new)
            step = types.RenameFile(view.uri(old), uri_of(place), options=types.RenameFileOptions(overwrite=False))
            made.document_changes = [*(made.document_changes or ()), step]
    return made


def _is_named(path: str, places: Sequence[os.PathLike[str]]) -> bool:
    """Say whether a configuration file contains the name of a page, perhaps only in a comment."""
    words = (base_name(path), without_suffix(base_name(path)))
    for place in places:
        try:
            text = files.read_text(os.fspath(place))
        except files.FileError:
            continue
        if any(f'"{word}"' in text or f"/{word}" in text or f"'{word}'" in text for word in words):
            return True
    return False


def _check(view: View, plan: RenamePlan) -> None:
    """Raise `RefusedError` if more than links depends on the old names, or if a page cannot be written."""
    for path in plan.texts:
        if view.facts.wiki.pages[path].is_unreadable:
            raise RefusedError(f"{path} has links to rewrite, and is not valid UTF-8")
    for path in plan.moves:
        page = view.facts.wiki.pages.get(path)
        after = plan.wiki.pages.get(plan.moves[path])
        if page is None or after is None:
            continue
        named = tuple(plan.moves.get(each, each) for each in own_bibliography_paths(page))
        if named != own_bibliography_paths(after):
            raise RefusedError(f"the front matter of {path} names {', '.join(named)} as its bibliography")


def changes(path: str, old: str, new: str) -> Iterator[Edit]:
    """Yield the edits that turn one text into the other, each within a line if both have the same number of lines.

    >>> [(each.span.start, each.span.end, each.text) for each in changes("a.md", "see [[a]]", "see [[bc]]")]
    [(6, 7, 'bc')]
    """
    if old == new:
        return
    starts, others = line_starts(old), line_starts(new)
    if len(starts) != len(others):
        yield Edit(Span(path, 0, len(old)), new)
        return
    for number, (start, other) in enumerate(zip(starts, others, strict=True)):
        end = starts[number + 1] if number + 1 < len(starts) else len(old)
        other_end = others[number + 1] if number + 1 < len(others) else len(new)
        one, two = old[start:end], new[other:other_end]
        if one != two:
            first = _common(one, two)
            last = _common(one[first:][::-1], two[first:][::-1])
            yield Edit(Span(path, start + first, end - last), two[first : len(two) - last])


def _common(one: str, other: str) -> int:
    """Return how many characters at the start of two texts are equal."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _moved(root: str, asked: Sequence[types.FileRename], paths: Sequence[str]) -> dict[str, str]:
    """Return which files of the wiki move, and where to; a folder moves with everything in it."""
    moves: dict[str, str] = {}
    for each in asked:
        was, now = path_of(each.old_uri), path_of(each.new_uri)
        old = None if was is None else inside(root, was)
        new = None if now is None else inside(root, now)
        if old is not None and new is not None:
            moves.update({path: new for path in paths if path == old})
            moves.update({path: f"{new}{path[len(old) :]}" for path in paths if path.startswith(f"{old}/")})
    return moves
