"""Rewrites links in their author's style, to point to the new location of a page or heading."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from wikitools.markdown.links import make_wikilink, unescape
from wikitools.markdown.page import MarkdownLink, Wikilink
from wikitools.text import Edit
from wikitools.wiki.anchors import linkable, obsidian_text
from wikitools.wiki.engines.mkdocs import ezlinks_slug
from wikitools.wiki.engines.quartz import quartz_slug
from wikitools.wiki.link_parts import Encoder, find_destination, forbidden_in, inside_of
from wikitools.wiki.names_index import loosen
from wikitools.wiki.paths import base_name, folder_of, join, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wikitools.markdown.page import Heading
    from wikitools.wiki.anchors import Anchors
    from wikitools.wiki.wiki import Wiki

InnerLink = Wikilink | MarkdownLink


@dataclass(frozen=True, slots=True)
class HeadingNames:
    """The anchors that may name one heading: slug, text for wikilinks, as rendered and as written, identifiers."""

    slug: str
    linkable: str
    shown: str
    written: str
    ids: tuple[str, ...]
    chain: str
    """The text of the heading above it, then its own; "" if there is no heading above it."""

    def forms(self) -> tuple[str, ...]:
        """Return all names but the identifiers, always in the same order."""
        return self.linkable, self.slug, self.shown, self.written


def heading_names(anchors: Anchors, index: int) -> HeadingNames:
    """Return the names of the heading with this index."""
    headings = anchors.page.headings
    heading = headings[index]
    above = next((each for each in reversed(headings[:index]) if each.level < heading.level), None)
    text = linkable(heading.text)
    return HeadingNames(
        slug=anchors.slugs[index],
        linkable=text,
        shown=heading.text,
        written=heading.span.of(anchors.page.text),
        ids=heading.ids,
        chain=f"{linkable(above.text)}#{text}" if above is not None else "",
    )


@dataclass(frozen=True, slots=True)
class Journey:
    """How a link was written and where it led before a change, and where its target is now."""

    was: InnerLink
    """The link as its author wrote it; the new link has the same style."""
    old: str
    """The path of the file or folder that the link led to."""
    old_from: str
    """The path of the page with the link, before the change."""
    new: str
    new_from: str
    old_read: tuple[str, str | None] = ("", None)
    """Target and anchor of the wikilink as the engine read it before the change."""
    headings: tuple[tuple[HeadingNames, HeadingNames] | None, ...] = ()
    """For each name in the link's anchor, the names of the heading that it led to, before and after the change."""
    reworded: tuple[tuple[Heading, Heading], ...] = ()
    """The names of all headings of the file whose text has changed, before and after: they may be part of a chain."""


def respell(
    link: InnerLink, text: str, journey: Journey, wiki: Wiki, leads: Callable[[InnerLink], bool]
) -> Edit | None:
    """Return the edit of `text` that makes `link` lead where `leads` wants it, or `None` if no spelling does.

    `text` is that of the link's page. The first spelling that leads there is chosen; those in the author's style come
    first.
    """
    if isinstance(link, Wikilink):
        return _respell_wikilink(link, text, journey, wiki, leads)
    return _respell_url(link, text, journey, wiki, leads)


# ---- wikilinks -------------------------------------------------------------------------------------------------------


def _respell_wikilink(
    link: Wikilink, text: str, journey: Journey, wiki: Wiki, leads: Callable[[InnerLink], bool]
) -> Edit | None:
    # Where a `#` may be part of a name, `Wiki.read` asks which pages exist now; this link was written for the old ones.
    was = journey.was
    old_target, old_anchor = journey.old_read
    same = isinstance(was, Wikilink) and (was.target, was.anchor, was.label) == (link.target, link.anchor, link.label)
    target, anchor = journey.old_read if same else wiki.read(link)
    inside = inside_of(link, text)
    place = find_destination(link, text, target, anchor, wiki)
    if inside is None or place is None:
        return None
    before, after = text[inside.start : place.start], text[place.end : inside.end]
    # In Dendron a filter may follow target and anchor.
    written = place.of(text)
    rest = written[len(target) :]
    gap, hash_sign, tail = rest.partition("#")
    forbidden = forbidden_in(link, text)
    targets = _once((target, *_targets(old_target, journey, wiki, markdown=False))) if target else ("",)
    anchors = _once((anchor, *_range_anchors(old_anchor or "", journey, wiki))) if anchor else (None,)
    for new_target in targets:
        if new_target != target and forbidden.search(new_target):
            continue
        for new_anchor in anchors:
            if new_anchor is not None and new_anchor != anchor and forbidden.search(new_anchor):
                continue
            spelled = f"{new_target}{gap}"
            if hash_sign:
                spelled += "#" + (tail if new_anchor is None or anchor is None else tail.replace(anchor, new_anchor, 1))
            made = make_wikilink(before + spelled + after, link.span, embed=link.embed)
            if spelled != written and leads(replace(made, in_front_matter=link.in_front_matter)):
                return Edit(place, spelled)
    return None


# ---- destinations of Markdown links ----------------------------------------------------------------------------------


def _respell_url(
    link: MarkdownLink, text: str, journey: Journey, wiki: Wiki, leads: Callable[[InnerLink], bool]
) -> Edit | None:
    span = link.url_span
    raw = span.of(text)
    angled = text[span.start - 1 : span.start] == "<" and text[span.end : span.end + 1] == ">"
    was = journey.was.url if isinstance(journey.was, MarkdownLink) else link.url
    read = html.unescape if link.syntax == "html" else unescape
    # A destination with escapes or entities is decoded, and written without them.
    base = raw if read(raw) == raw else link.url
    encode = Encoder(was, angled=angled, in_html=link.syntax == "html")
    path, hash_sign, fragment = base.partition("#")
    old_path, _hash, old_fragment = was.partition("#")
    if "?" in base_name(journey.old):
        bare, query = path, ""
        old_bare = old_path
    else:
        bare, mark, query = path.partition("?")
        query = mark + query
        old_bare = old_path.partition("?")[0]
    paths = (bare, *(encode(each) for each in _targets(unquote(old_bare), journey, wiki, markdown=True)))
    if old_bare.startswith("[[") and old_bare.endswith("]]"):
        # Logseq's `[label]([[page]])`.
        names = _targets(old_bare[2:-2], journey, wiki, markdown=False)
        paths = (bare, *(f"[[{each}]]" for each in names), *paths)
    named, mark, directive = fragment.partition(":~:")
    old_named = old_fragment.partition(":~:")[0]
    fragments = (named, *(encode(each) for each in _anchors(unquote(old_named), journey, slugs_first=True)))
    for new_path in _once(paths) if bare else ("",):
        for new_fragment in _once(fragments) if named else (named,):
            spelled = new_path + query + hash_sign + new_fragment + mark + directive
            if spelled != raw and spelled and leads(replace(link, url=read(spelled).strip())):
                return Edit(span, spelled)
    return None


# ---- spellings -------------------------------------------------------------------------------------------------------


Spelling = TypeVar("Spelling")


def _once(spellings: Iterable[Spelling]) -> tuple[Spelling, ...]:
    return tuple(dict.fromkeys(spellings))


_PAGE_SUFFIXES = (".md", ".markdown", ".html", ".rmd", ".qmd")
_STYLES = (
    lambda name: name,
    lambda name: name.lower(),
    lambda name: name.replace(" ", "-"),
    lambda name: name.lower().replace(" ", "-"),
    lambda name: name.replace(" ", "_"),
    lambda name: name.lower().replace(" ", "_"),
    lambda name: name.replace("-", " "),
    lambda name: name.replace("_", " "),
    lambda name: quartz_slug(name + ".md"),
    ezlinks_slug,
)
"""The ways in which authors change a file's name if their engine accepts that."""


def _plain(path: str) -> str:
    """Return a path for comparison: in lower case, with blanks for dashes and underscores."""
    return "/".join(map(loosen, path.split("/")))


def _bare(path: str) -> str:
    return next((path[: -len(each)] for each in _PAGE_SUFFIXES if path.lower().endswith(each)), path)


def _targets(written: str, journey: Journey, wiki: Wiki, *, markdown: bool) -> Iterator[str]:
    """Yield the targets that may lead to the file now: first in the form of `written`, then in all others."""
    ending = ""
    if not journey.new.lower().endswith(_PAGE_SUFFIXES) or journey.new.endswith(".html"):
        bare_old, bare_new = journey.old, journey.new
    else:
        bare_old, bare_new = _bare(journey.old), _bare(journey.new)
        suffix = next((each for each in _PAGE_SUFFIXES if written.lower().endswith(each)), "")
        ending = journey.new[len(bare_new) :] if suffix == ".md" else written[len(written) - len(suffix) :]
        if not suffix.strip() or bare_new == journey.new:
            ending = ""
    stem = written[: len(written) - len(ending)]
    slash = "/" if stem.endswith("/") else ""
    stem = stem.removesuffix("/")
    style = next((each for each in _STYLES if each(base_name(bare_old)) == base_name(stem)), _STYLES[0])
    for shape in _shapes(stem, bare_old, bare_new, journey, markdown=markdown):
        for styled in (_styled(shape, style), shape):
            yield styled + ending + slash
            yield styled + slash
    folder = folder_of(journey.new_from)
    beside = relative(bare_new, folder)
    short = wiki.engine.write(wiki.index, journey.new, folder)
    for path in (beside, bare_new) if markdown else (short, base_name(bare_new), bare_new, beside):
        yield path + ending
        yield path
    whole = journey.new
    yield from (relative(whole, folder), whole, short, f"./{relative(whole, folder)}", f"/{bare_new}", f"/{whole}")


def _styled(shape: str, style: Callable[[str], str]) -> str:
    return "/".join(part if part in ("", ".", "..") else style(part) for part in shape.split("/"))


def _shapes(stem: str, bare_old: str, bare_new: str, journey: Journey, *, markdown: bool) -> Iterator[str]:
    """Yield `bare_new` in each form that `stem` may be of `bare_old`: a path from the page or the root, or its end."""
    folder = folder_of(journey.new_from)
    wanted, asked = _plain(bare_old), _plain(stem)
    if stem.startswith("/") and _plain(stem[1:]) == wanted:
        yield f"/{bare_new}"
    beside = join(folder_of(journey.old_from), stem)
    from_page = beside is not None and _plain(beside) == wanted
    up = relative(bare_new, folder)
    # A wikilink that starts with a dot keeps it: without the dot it would be a name.
    if stem.startswith("./" if markdown else ("./", "../")) and not up.startswith("../"):
        up = f"./{up}"
    if from_page and (markdown or stem.startswith(("./", "../"))):
        yield up
    if asked == wanted and "/" in stem:
        yield bare_new
    if f"/{wanted}".endswith(f"/{asked}"):
        yield "/".join(bare_new.split("/")[-(stem.count("/") + 1) :])
    if from_page:
        yield up
    # A folder stands for its index page.
    index = base_name(bare_old).lower() in ("index", "readme") and base_name(bare_new).lower() in ("index", "readme")
    if index and beside is not None and _plain(beside) == _plain(folder_of(bare_old)):
        yield relative(folder_of(bare_new), folder) if folder_of(bare_new) else "."
    if "/" in stem and loosen(base_name(stem)) == loosen(base_name(bare_old)):
        yield f"{folder_of(stem)}/{base_name(bare_new)}"


def _range_anchors(written: str, journey: Journey, wiki: Wiki) -> Iterator[str]:
    """Yield the anchors that may name the target now; in a range both ends change, and the text between them stays."""
    parts = wiki.engine.anchor_parts(written)
    if len(parts) == 1:
        yield from _anchors(written, journey)
        return
    names = [
        _once((name, *_anchors(name, journey, at=number))) if number < len(journey.headings) else (name,)
        for number, name in enumerate(parts[::2])
    ]
    between = (*parts[1::2], "")
    for chosen in product(*names):
        yield "".join(piece for pair in zip(chosen, between, strict=True) for piece in pair)


def _anchors(written: str, journey: Journey, *, slugs_first: bool = False, at: int = 0) -> Iterator[str]:
    """Yield the anchors that may name the heading now: first in the form of `written`, then in all others.

    `at` is the number of the name in the anchor.
    """
    pair = journey.headings[at] if at < len(journey.headings) else None
    if pair is None:
        return
    old, new = pair
    if "#" in written:
        reworded = {
            obsidian_text(text): linkable(after.text)
            for before, after in journey.reworded
            for text in (before.text, linkable(before.text))
        }
        yield "#".join(reworded.get(obsidian_text(part), part) for part in written.split("#"))
    pairs = list(zip(old.forms(), new.forms(), strict=True))
    if slugs_first:
        pairs.insert(0, pairs.pop(1))
    yield from (after for before, after in pairs if before == written)
    yield from (after.lower() for before, after in pairs if before.lower() == written)
    if slugs_first and obsidian_text(old.linkable) == obsidian_text(written):
        yield new.linkable
    yield from (after for _before, after in pairs)
    yield from new.ids
    if new.chain:
        yield new.chain
