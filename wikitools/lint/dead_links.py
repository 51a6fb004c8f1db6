"""The findings and repairs for broken links of every kind."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from wikitools.lint.certainty import is_certain
from wikitools.lint.fix.rewritten_links import repath, retarget
from wikitools.lint.outside_files import WhyLeftOut
from wikitools.lint.rule import Finding, quoted
from wikitools.markdown.links import make_wikilink
from wikitools.text import Edit, Fix, Safety
from wikitools.wiki.engine_fit import MARKDOWN_LINKS, WIKILINKS
from wikitools.wiki.engines import is_asset_path
from wikitools.wiki.link_halves import are_forms, names_file
from wikitools.wiki.link_parts import is_label_first
from wikitools.wiki.names_index import fold
from wikitools.wiki.paths import base_name, folder_of, join
from wikitools.wiki.placeholders import is_placeholder
from wikitools.wiki.resolution import Found, Missing, Reason
from wikitools.wiki.wiki import split_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wikitools.lint.facts import Facts
    from wikitools.markdown.page import MarkdownLink, Wikilink
    from wikitools.text import Span

DEAD_LINK_RULES: Mapping[str, tuple[str, ...]] = {
    "broken-wikilink": (WIKILINKS,),
    "broken-embed": (WIKILINKS,),
    "broken-link": (MARKDOWN_LINKS,),
    "missing-image": (WIKILINKS, MARKDOWN_LINKS),
}
"""The rules about links that lead nowhere, and the kinds of links that they check. Their subject is the target as
written."""

IGNORED = "ignored"
UNTRACKED = "untracked"
"""The reason for a link whose target exists only on this machine: git ignores it."""

HIDDEN = "hidden"
"""The reason for a link whose target exists, but in a folder that this engine does not index."""
NO_ADDRESS = "no-address"
"""The reason for an image without an address."""

_IMAGES = frozenset("apng avif bmp gif heic ico jfif jpeg jpg png svg tif tiff webp".split())
_WIKILINK_FACTS = {
    Reason.ALIAS_ONLY: "no page is named {target}; it is an alias of {near}, but links here do not follow aliases",
    Reason.TITLE_ONLY: "no page is named {target}; it is the title of {near}, but links use file names",
    Reason.CASE_DIFFERS: "no page is named {target}; {near} differs only in case",
    Reason.SPACE_OR_DASH: "no page is named {target}; did you mean {near}?",
    Reason.WRONG_FOLDER: "there is no {target}; did you mean {near}?",
    Reason.PERCENT_ENCODED: "no page is named {target}: wikilinks are not percent-encoded; did you mean {near}?",
    Reason.LOOKS_REVERSED: "no page is named {target}, but the label {near} is a page; are target and label swapped?",
    Reason.OUTSIDE_ROOT: "{target} is outside the wiki",
    Reason.DEAD_DEFINITION: "{target} is defined on this page as {near}, which does not exist",
    Reason.NOT_LINKABLE: "no wikilink can reach {near}: for {target} this engine looks for a different file name",
    Reason.WEB_ADDRESS: "{target} is a web address, but a wikilink can only link to a page",
}
_PATH_FACTS = {
    Reason.ALIAS_ONLY: "there is no {target}; it is an alias of {near}, but links use file names",
    Reason.TITLE_ONLY: "there is no {target}; it is the title of {near}, but links use file names",
    Reason.CASE_DIFFERS: "there is no {target}; {near} differs only in case",
    Reason.OUTSIDE_ROOT: "{target} is outside the wiki",
    Reason.NO_SUCH_BLOCK: "no block has the id {target}",
}
_NO_MISTAKE = (Reason.OTHER_WIKI, Reason.UNWRITTEN)
_NOT_NEAR = (Reason.DEAD_DEFINITION, Reason.NOT_LINKABLE)
"""For these reasons, `near` is not a spelling for the link."""
_NEARLY_SURE = (Reason.ALIAS_ONLY, Reason.TITLE_ONLY)
_SURE = (Reason.CASE_DIFFERS, Reason.SPACE_OR_DASH, Reason.WRONG_FOLDER, Reason.PERCENT_ENCODED)
_DIGITS = re.compile(r"\d+")
# A host instead of the first folder: `example.org/page`.
_HOST = re.compile(r"\(?(?:https?:|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,6}(?:/|\Z))", re.IGNORECASE)


def is_image(path: str) -> bool:
    """Say whether a path ends like that of an image."""
    return base_name(path).rpartition(".")[2].lower() in _IMAGES


def dead_wikilink(link: Wikilink, facts: Facts) -> Finding | None:
    """Return the finding for a wikilink that leads nowhere; `None` if it leads somewhere, or must be left alone.

    Left alone are placeholders, unwritten pages if each name has a page, links into vaults that are not here, and files
    that exist without being part of the wiki (hidden, or excluded by the configuration).
    """
    answer = facts.wiki.resolve(link)
    if not isinstance(answer, Missing) or answer.why in (*_NO_MISTAKE, Reason.CUT_BY_TABLE):
        return None
    if answer.why == Reason.PLACEHOLDER:
        return _placeholder(link.span, facts.wiki.read(link)[0], facts)
    reached = cache(lambda near: _reached(near, link, facts))
    answer = _but_itself(answer, link.span.path, reached)
    target, _anchor = facts.wiki.read(link)
    swapped = answer.why == Reason.LOOKS_REVERSED and _is_swapped(link, facts)
    if (why := facts.left_out.by_name(target, link.span.path)) is not None:
        if facts.wiki.engine.name == "obsidian" and _hidden_folder(target):
            return _not_indexed(link.span, target)
        return _left_out(link.span, target, why)
    return Finding(
        span=link.span,
        message=_only_label_message(target, answer)
        if answer.why == Reason.LOOKS_REVERSED and not swapped
        else _message(answer, target, _WIKILINK_FACTS, "no {kind} is named {target}", link_is_image=is_image(target)),
        subject=target,
        fix=_wikilink_fix(link, target, answer, reached, facts),
        help=_NOT_LINKABLE_HELP
        if answer.why == Reason.NOT_LINKABLE
        else _others(answer) or _address_behind_help(link, facts),
        reason=answer.why,
    )


_NOT_LINKABLE_HELP = "rename the file, or write a Markdown link"
_ADDRESS_BEHIND = re.compile(r"\([^\s()]*[/.#:][^\s()]*\)")


def _address_behind_help(link: Wikilink, facts: Facts) -> str:
    """Return how to write a Markdown link that this engine reads as a wikilink, `[[1]](https://…)`."""
    text = facts.text_of(link.span.path)
    if link.label is not None or link.in_front_matter or _ADDRESS_BEHIND.match(text, link.span.end) is None:
        return ""
    return f"this engine reads a wikilink before the address; a Markdown link is [\\[{link.target}\\]](…)"


def dead_path(link: MarkdownLink, facts: Facts) -> Finding | None:
    """Return the finding for a Markdown link or image that leads nowhere; `None` as for `dead_wikilink`."""
    if link.image and not link.url.strip():
        return Finding(span=link.span, message="the image has no address", subject=link.text, reason=NO_ADDRESS)
    answer = facts.wiki.resolve_link(link)
    if not isinstance(answer, Missing) or answer.why in (*_NO_MISTAKE, Reason.WEB_ADDRESS):
        return None
    if answer.why == Reason.PLACEHOLDER:
        return _placeholder(link.span, unquote(split_url(link.url)[0]), facts)
    reached = cache(lambda near: _reached_by_path(near, link, facts))
    answer = _but_itself(answer, link.span.path, reached)
    target = unquote(split_url(link.url)[0].partition("?")[0])
    if (why := facts.left_out.by_path(target, link.span.path)) is not None:
        if facts.wiki.engine.name == "obsidian" and _hidden_folder(target) in _OBSIDIANS_OWN:
            return _not_indexed(link.span, target)
        return _left_out(link.span, target, why)
    if answer.why == Reason.ASSET_MISSING:
        # A file with another name in another folder is not similar.
        from_folder = facts.wiki.base_of(link.span.path)
        here = folder_of(join(from_folder, target) or "")
        answer = Missing(tuple(path for path in answer.near if _folder(path, from_folder) == here), answer.why)
    image = link.image or is_image(target)
    return Finding(
        span=link.span,
        message=_message(answer, target, _PATH_FACTS, "there is no {kind} {target}", link_is_image=image),
        subject=target,
        fix=_path_fix(link, target, answer, reached, facts),
        help=_others(answer) or _address_help(target),
        reason=answer.why,
    )


def _placeholder(span: Span, target: str, facts: Facts) -> Finding | None:
    """Return the finding for a link that leads nowhere on purpose, which is only counted."""
    if not is_placeholder(target, facts.wiki.index.placeholders):
        return None
    return Finding(span=span, message="a placeholder", subject=target, reason=Reason.PLACEHOLDER)


_OBSIDIANS_OWN = (".obsidian", ".trash")
"""Folders that no other program shows either; a Markdown link to `.github/` may be for a Git host."""


def _hidden_folder(target: str) -> str:
    """Return the first hidden step of a path; "" if there is none."""
    return next((step for step in target.split("/") if step.startswith(".") and step.strip(".")), "")


def _not_indexed(span: Span, target: str) -> Finding:
    message = f"{quoted(target)} is in {quoted(_hidden_folder(target))}; Obsidian does not index hidden folders"
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
    return "a web address begins with https://" if not is_file and _HOST.match(target) else ""


def _reached(name: str, link: Wikilink, facts: Facts) -> str | None:
    """Return the file that a wikilink to `name` would lead to instead."""
    answer = facts.wiki.resolve_name(name, link.span.path)
    if isinstance(answer, Missing):
        return None
    return answer.target if isinstance(answer, Found) else answer.candidates[0]


def _reached_by_path(path: str, link: MarkdownLink, facts: Facts) -> str | None:
    """Return the file that a Markdown link to `path`, not percent-encoded, would lead to instead."""
    answer = facts.wiki.resolve_link(replace(link, url=quote(path)))
    return answer.target if isinstance(answer, Found) else join(facts.wiki.base_of(link.span.path), path)


def _but_itself(answer: Missing[str], path: str, reached: Callable[[str], str | None]) -> Missing[str]:
    """Return the answer without the link's own page among the near names: nobody means that by a name or a path."""
    if answer.why in (*_NOT_NEAR, *_NEARLY_SURE, Reason.LOOKS_REVERSED):
        return answer
    near = tuple(each for each in answer.near if reached(each) != path)
    if len(near) == len(answer.near):
        return answer
    return Missing(near, answer.why if near else Reason.NO_SUCH_PAGE)


def _wikilink_fix(
    link: Wikilink, target: str, answer: Missing[str], reached: Callable[[str], str | None], facts: Facts
) -> Fix | None:
    if answer.why == Reason.LOOKS_REVERSED:
        return _swapped(link, facts) if _is_swapped(link, facts) else _only_label(link, facts)
    if not _is_one(answer, target):
        return None
    best = answer.near[0]
    goal = reached(best)
    if goal is None or goal == link.span.path:
        return None
    sure = is_certain(answer.why, link, target, goal, facts.wiki)
    # The visible text stays the same, unless it has the form of a file's name.
    shown = answer.why in (*_NEARLY_SURE, Reason.CASE_DIFFERS) or (answer.why == Reason.SPACE_OR_DASH and " " in target)
    edit = retarget(link, best, facts, label=target if shown else None)
    return Fix(f"link to {quoted(best)}", (edit,), _safety(sure)) if edit is not None else None


def _path_fix(
    link: MarkdownLink, target: str, answer: Missing[str], reached: Callable[[str], str | None], facts: Facts
) -> Fix | None:
    if not _is_one(answer, target):
        return None
    best = answer.near[0]
    goal = reached(best)
    if goal is None or goal == link.span.path:
        return None
    sure = is_certain(answer.why, link, target, goal, facts.wiki)
    if target.startswith("/") and fold(folder_of(target.strip("/"))) != fold(folder_of(goal)):
        # It may be an address of the published site, `/wiki/page/`, which a path in this wiki would break.
        sure = False
    edit = repath(link, best, facts, goal=goal)
    return Fix(f"link to {quoted(best)}", (edit,), _safety(sure)) if edit is not None else None


def _safety(sure: bool) -> Safety:
    return Safety.SAFE if sure else Safety.UNSAFE


def _is_one(answer: Missing[str], target: str) -> bool:
    """Say whether there is exactly one near name, and a repair may write it."""
    if len(answer.near) != 1 or answer.why in _NOT_NEAR:
        return False
    # If names differ in a number, one is rarely a misspelling of the other.
    numbers = _DIGITS.findall(base_name(target)) == _DIGITS.findall(base_name(answer.near[0]))
    return numbers or answer.why in (*_SURE, *_NEARLY_SURE)


def _is_swapped(link: Wikilink, facts: Facts) -> bool:
    """Say whether the halves of a link are in the wrong order, rather than its target not written yet.

    If the target comes first, a label that is the name of some page means little: `[[paypal-usd|PYUSD]]`. It means more
    if only the label has the form of a file's name.
    """
    label = link.label or ""
    return is_label_first(link, facts.wiki) or are_forms(link.target, label) or names_file(label, link.target)


def _called_so(link: Wikilink, facts: Facts) -> Missing[str] | None:
    """Return why the target of a reversed link is not a page: it is a title or alias of the page that the label names.

    Returns `None` if it is neither.
    """
    answer = facts.wiki.resolve_name(facts.wiki.read(link)[0], link.span.path)
    return answer if isinstance(answer, Missing) and answer.why in _NEARLY_SURE else None


def _only_label_message(target: str, answer: Missing[str]) -> str:
    near = answer.near[0]
    return f"no page is named {quoted(target)}, but the label {quoted(near)} is a page; did you mean [[{near}]]?"


def _swapped(link: Wikilink, facts: Facts) -> Fix | None:
    """Return the repair of a link whose halves are in the order of other engines."""
    raw = link.span.of(facts.text_of(link.span.path))
    first, bar, second = raw[2:-2].partition("|")
    if link.label is None or link.embed or link.in_front_matter or raw != f"[[{first}{bar}{second}]]":
        return None
    if first.endswith("\\"):
        first, bar = first[:-1], f"\\{bar}"
    shown, name = (second, first) if is_label_first(link, facts.wiki) else (first, second)
    target, anchor = facts.wiki.read(link)
    if anchor is not None:
        # The anchor belongs to the page, so it moves with its name.
        if "#" in name:
            return None
        shown, name = target, f"{name.strip()}#{anchor}"
    first, second = (shown, name) if is_label_first(link, facts.wiki) else (name, shown)
    swapped = make_wikilink(f"{first}|{second}", link.span)
    found = facts.wiki.resolve(swapped)
    if not isinstance(found, Found) or isinstance(facts.wiki.resolve_anchor(swapped, found.target), Missing):
        return None
    called = _called_so(link, facts)
    sure = are_forms(shown, name) or (
        called is not None
        and names_file(name, shown)
        and is_certain(called.why, link, target, found.target, facts.wiki)
    )
    edit = Edit(link.span, f"[[{first}{bar}{second}]]")
    return Fix("swap target and label", (edit,), _safety(sure))


def _only_label(link: Wikilink, facts: Facts) -> Fix | None:
    """Return the repair of a link whose target does not exist, and whose label is the name of a page."""
    if link.label is None or link.in_front_matter or "#" in link.label:
        return None
    goal = _reached(link.label, link, facts)
    if goal is None or goal == link.span.path:
        return None
    return Fix(f"link to {quoted(link.label)}", (Edit(link.span, f"[[{link.label}]]"),), Safety.UNSAFE)
