"""What is said of a link that leads nowhere, and its repair: the same for every kind of link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.lint.left_out import WhyLeftOut
from wikitools.lint.rewrite import repath, retarget
from wikitools.lint.rule import Finding, quoted
from wikitools.text import Edit, Fix, Safety
from wikitools.wiki.engines import is_asset_path
from wikitools.wiki.index import base_name, fold, folder_of, join, without_suffix
from wikitools.wiki.resolution import Missing, Reason, nearest
from wikitools.wiki.wiki import split_url

if TYPE_CHECKING:
    from wikitools.lint.facts import Facts
    from wikitools.text import Span
    from wikitools.wiki.page import MarkdownLink, Wikilink

IGNORED = "ignored"
UNTRACKED = "untracked"
"""The reason of a link whose target is there, but only here: git ignores it."""

HIDDEN = "hidden"
"""The reason of a link whose target is there, but where this engine never looks."""
NO_ADDRESS = "no-address"
"""The reason of an image without an address."""

_IMAGES = frozenset("apng avif bmp gif heic ico jfif jpeg jpg png svg tif tiff webp".split())
_WIKILINK_FACTS = {
    Reason.ALIAS_ONLY: "no page is named {target}; it is an alias of {near}, and links here do not follow aliases",
    Reason.TITLE_ONLY: "no page is named {target}; it is the title of {near}, and links go by file names",
    Reason.CASE_DIFFERS: "no page is named {target}; only the case of {near} differs",
    Reason.SPACE_OR_DASH: "no page is named {target}; did you mean {near}?",
    Reason.WRONG_FOLDER: "there is no {target}; did you mean {near}?",
    Reason.PERCENT_ENCODED: "no page is named {target}: wikilinks are not percent-encoded; did you mean {near}?",
    Reason.LOOKS_REVERSED: "no page is named {target}, but the label {near} is one; are target and label swapped?",
    Reason.OUTSIDE_ROOT: "{target} leads out of the wiki",
    Reason.DEAD_DEFINITION: "{target} is defined on this page as {near}, which does not exist",
    Reason.NOT_LINKABLE: "no wikilink can lead to {near}: for {target} this engine looks for another file name",
    Reason.WEB_ADDRESS: "{target} is a web address, and a wikilink leads to pages only",
}
_PATH_FACTS = {
    Reason.ALIAS_ONLY: "there is no {target}; it is an alias of {near}, and links go by file names",
    Reason.TITLE_ONLY: "there is no {target}; it is the title of {near}, and links go by file names",
    Reason.CASE_DIFFERS: "there is no {target}; only the case of {near} differs",
    Reason.OUTSIDE_ROOT: "{target} leads out of the wiki",
    Reason.NO_SUCH_BLOCK: "no block has the id {target}",
}
_NOT_NEAR = (Reason.DEAD_DEFINITION, Reason.NOT_LINKABLE)
"""Of these `near` is no spelling for the link."""
_NEARLY_SURE = (Reason.ALIAS_ONLY, Reason.TITLE_ONLY)
_SURE = (Reason.CASE_DIFFERS, Reason.SPACE_OR_DASH, Reason.WRONG_FOLDER, Reason.PERCENT_ENCODED)
# Nearly every folder may have one of these: that there is only one elsewhere does not say that it is meant.
_DIGITS = re.compile(r"\d+")
# A host in place of the first folder: `example.org/page`.
_HOST = re.compile(r"\(?(?:https?:|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,6}(?:/|\Z))", re.IGNORECASE)
_COMMON_NAMES = frozenset({"index", "_index", "readme", "home", "license", "changelog", "contributing"})


def is_image(path: str) -> bool:
    """Say whether a path ends like that of an image."""
    return base_name(path).rpartition(".")[2].lower() in _IMAGES


def dead_wikilink(link: Wikilink, facts: Facts) -> Finding | None:
    """Return the finding for a wikilink that leads nowhere; `None` when it leads somewhere, or must be left alone.

    Left alone are placeholders, links into vaults that are not here, and files that are there without being part of
    the wiki (hidden, or excluded by the configuration).
    """
    answer = facts.wiki.resolve(link)
    if not isinstance(answer, Missing) or answer.why in (Reason.PLACEHOLDER, Reason.OTHER_WIKI):
        return None
    target, _anchor = facts.wiki.read(link)
    if (why := facts.left_out.by_name(target, link.span.path)) is not None:
        if facts.wiki.engine.name == "obsidian" and _hidden_folder(target):
            return _not_indexed(link.span, target)
        return _left_out(link.span, target, why)
    return Finding(
        span=link.span,
        message=_message(
            answer, target, _WIKILINK_FACTS, "no {kind} is named {target}", link_is_image=is_image(target)
        ),
        subject=target,
        fix=_wikilink_fix(link, target, answer, facts),
        help=_NOT_LINKABLE_HELP if answer.why == Reason.NOT_LINKABLE else _others(answer),
        reason=answer.why,
    )


_NOT_LINKABLE_HELP = "rename the file, or write a Markdown link"


def dead_path(link: MarkdownLink, facts: Facts) -> Finding | None:
    """Return the finding for a Markdown link or image that leads nowhere; `None` as for `dead_wikilink`."""
    if link.image and not link.url.strip():
        return Finding(span=link.span, message="the image has no address", subject=link.text, reason=NO_ADDRESS)
    answer = facts.wiki.resolve_link(link)
    if not isinstance(answer, Missing) or answer.why in (Reason.PLACEHOLDER, Reason.OTHER_WIKI, Reason.WEB_ADDRESS):
        return None
    target = unquote(split_url(link.url)[0].partition("?")[0])
    if (why := facts.left_out.by_path(target, link.span.path)) is not None:
        if facts.wiki.engine.name == "obsidian" and _hidden_folder(target) in _OBSIDIANS_OWN:
            return _not_indexed(link.span, target)
        return _left_out(link.span, target, why)
    if answer.why == Reason.ASSET_MISSING:
        # A file that is named otherwise and lies elsewhere is not near.
        from_folder = facts.wiki.base_of(link.span.path)
        here = folder_of(join(from_folder, target) or "")
        answer = Missing(tuple(path for path in answer.near if _folder(path, from_folder) == here), answer.why)
    image = link.image or is_image(target)
    return Finding(
        span=link.span,
        message=_message(answer, target, _PATH_FACTS, "there is no {kind} {target}", link_is_image=image),
        subject=target,
        fix=_path_fix(link, target, answer, facts),
        help=_others(answer) or _address_help(target),
        reason=answer.why,
    )


_OBSIDIANS_OWN = (".obsidian", ".trash")
"""Folders that no other reader of the pages shows either; a Markdown link to `.github/` may be for Git's host."""


def _hidden_folder(target: str) -> str:
    """Return the first step of a path that is hidden; "" when none is."""
    return next((step for step in target.split("/") if step.startswith(".") and step.strip(".")), "")


def _not_indexed(span: Span, target: str) -> Finding:
    message = f"{quoted(target)} is in {quoted(_hidden_folder(target))}; hidden folders are not indexed by Obsidian"
    return Finding(span=span, message=message, subject=target, reason=HIDDEN)


def _left_out(span: Span, target: str, why: WhyLeftOut) -> Finding | None:
    if why is WhyLeftOut.UNREAD:
        return None
    if why is WhyLeftOut.UNTRACKED:
        message = f"{quoted(target)} is here, but git does not track it, so nobody else has it"
        return Finding(span=span, message=message, subject=target, help='"git add" the file', reason=UNTRACKED)
    message = f"{quoted(target)} is here, but git ignores it, so nobody else has it"
    return Finding(span=span, message=message, subject=target, reason=IGNORED)


def _message(answer: Missing[str], target: str, facts: dict[Reason, str], plain: str, *, link_is_image: bool) -> str:
    near = quoted(answer.near[0]) if answer.near else ""
    fact = next((words for why, words in facts.items() if why == answer.why), "")
    if fact and (near or "{near}" not in fact):
        return fact.format(target=quoted(target), near=near)
    is_file = answer.why == Reason.ASSET_MISSING or is_asset_path(target)
    kind = "image" if link_is_image else "file" if is_file else "page"
    return plain.format(kind=kind, target=quoted(target)) + (f"; did you mean {near}?" if near else "")


def _others(answer: Missing[str]) -> str:
    return f"other candidates: {', '.join(map(quoted, answer.near[1:]))}" if len(answer.near) > 1 else ""


def _folder(path: str, from_folder: str) -> str:
    return folder_of(join(from_folder, path) or "")


def _address_help(target: str) -> str:
    is_file = is_asset_path(target.partition("/")[0]) or target.lower().endswith(".md")
    return "an address on the web begins with https://" if not is_file and _HOST.match(target) else ""


def _wikilink_fix(link: Wikilink, target: str, answer: Missing[str], facts: Facts) -> Fix | None:
    if answer.why == Reason.LOOKS_REVERSED:
        return _swapped(link, facts)
    safety = _safety(answer, target, path=False)
    if safety is None:
        return None
    best = answer.near[0]
    edit = retarget(link, best, facts, label=target if answer.why in _NEARLY_SURE else None)
    return Fix(f"link to {quoted(best)}", (edit,), safety) if edit is not None else None


def _path_fix(link: MarkdownLink, target: str, answer: Missing[str], facts: Facts) -> Fix | None:
    safety = _safety(answer, target, path=True)
    if safety is None:
        return None
    best = answer.near[0]
    meant = join(facts.wiki.base_of(link.span.path), best)
    if meant == link.span.path:
        # The page itself is hardly meant by a link with a path.
        return None
    if target.startswith("/") and fold(folder_of(target.strip("/"))) != fold(folder_of(meant or "")):
        # It may be an address of the published site, `/wiki/page/`, which a path of this wiki would destroy.
        safety = Safety.UNSAFE
    edit = repath(link, best, facts)
    return Fix(f"link to {quoted(best)}", (edit,), safety) if edit is not None else None


def _safety(answer: Missing[str], target: str, *, path: bool) -> Safety | None:
    """Return how sure it is that the first of the near names is meant; `None`: not sure enough for any repair."""
    if not answer.near or answer.why in _NOT_NEAR:
        return None
    if answer.why in (*_SURE, *_NEARLY_SURE):
        if len(answer.near) > 1:
            return None
        return Safety.SAFE if _is_certain(answer, target, path=path) else Safety.UNSAFE
    if _DIGITS.findall(base_name(target)) != _DIGITS.findall(base_name(answer.near[0])):
        # Of names that differ in a number, one is rarely a misspelling of the other.
        return None
    if len(answer.near) == 1 or len(nearest(base_name(target), map(base_name, answer.near), cutoff=85.0)) == 1:
        return Safety.UNSAFE
    return None


def _is_certain(answer: Missing[str], target: str, *, path: bool) -> bool:
    """Say whether the only near name is surely what the author meant, so that the reader misses nothing."""
    if answer.why in _NEARLY_SURE:
        # In a path an alias or a title is hardly meant as one.
        return not path
    if answer.why == Reason.WRONG_FOLDER:
        # The name of a page tells what it is about; other files are named alike, `images/img_001.png` in each folder.
        name = base_name(target)
        return not is_asset_path(name) and fold(without_suffix(name)) not in _COMMON_NAMES
    if answer.why == Reason.SPACE_OR_DASH:
        # When the folder is another one as well, it may be another page.
        return "/" not in target or base_name(folder_of(target)) == base_name(folder_of(answer.near[0]))
    return True


def _swapped(link: Wikilink, facts: Facts) -> Fix | None:
    raw = link.span.of(facts.text_of(link.span.path))
    if link.label is None or link.anchor is not None or link.in_front_matter:
        return None
    for bar in (r"\|", "|"):
        if raw == f"[[{link.target}{bar}{link.label}]]":
            edit = Edit(link.span, f"[[{link.label}{bar}{link.target}]]")
            return Fix("swap target and label", (edit,), Safety.UNSAFE)
    return None
