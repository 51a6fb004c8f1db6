"""The anchors of a page (headings, block ids, HTML ids), compared as each engine compares them."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.markdown.slugs import SEES_HTML, Slugger, github_slugs
from wikitools.text import Span
from wikitools.wiki.names_index import compose, fold
from wikitools.wiki.nearness import Names
from wikitools.wiki.resolution import Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wikitools.markdown.page import Heading, Page

# Characters that Obsidian treats as blanks when it compares headings (`stripHeading` of its plugin interface).
_OBSIDIAN_SPECIAL = re.compile(r"""[!"#$%&()*+,.:;<=>?@^`{|}~/\[\]\\\s]+""")
# Characters that cannot be part of a wikilink's anchor (`stripHeadingForLink`): Obsidian writes a blank instead.
_NOT_IN_LINK = re.compile(r"(?:[:#|^\\\s]|%%|\[\[|\]\])+")


@lru_cache(maxsize=20_000)  # Many pages have the same headings, from a template.
def obsidian_text(heading: str) -> str:
    """Return a heading or anchor as Obsidian compares it: in lower case, each run of special characters as one blank.

    >>> obsidian_text("Goal: what is it?  (v1.2)")
    'goal what is it v1 2'
    """
    return fold(_OBSIDIAN_SPECIAL.sub(" ", heading).strip())


def linkable(heading: str) -> str:
    """Return heading text in a form that can follow the `#` of a wikilink.

    >>> linkable("C# | an overview")
    'C an overview'
    """
    return _NOT_IN_LINK.sub(" ", heading).strip()


class Anchors:
    """What links can name on one page: headings, blocks and ids. Each table is built when it is first needed."""

    def __init__(self, page: Page, slugger: Slugger = github_slugs) -> None:
        self.page = page
        self._slugger = slugger
        self.asked: dict[tuple[Callable[[Anchors, str], Resolution[Span]], str], Resolution[Span]] = {}
        """What names that links asked for lead to, by how they are looked up."""

    @property
    def top(self) -> Span:
        """The start of the page: the target of a link without an anchor."""
        return Span(self.page.path, 0, 0)

    @cached_property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The texts by which Obsidian may know each heading: as written and as rendered."""
        found: list[tuple[str, ...]] = []
        for heading in self.page.headings:
            as_written, as_shown = heading.span.of(self.page.text), heading.text
            text = obsidian_text(as_written)
            shown = text if as_shown == as_written else obsidian_text(as_shown)
            found.append((text,) if shown == text else (text, shown))
        return tuple(found)

    @cached_property
    def by_text(self) -> Mapping[str, Heading]:
        """The first heading with each text."""
        found: dict[str, Heading] = {}
        for heading, texts in zip(self.page.headings, self.texts, strict=True):
            for text in texts:
                found.setdefault(text, heading)
        return found

    @cached_property
    def by_exact_text(self) -> Mapping[str, Heading]:
        """The first heading with exactly each text (NFC), as rendered and as written."""
        found: dict[str, Heading] = {}
        for heading in self.page.headings:
            for text in (heading.text, heading.span.of(self.page.text)):
                found.setdefault(compose(text), heading)
        return found

    @cached_property
    def slugs(self) -> tuple[str, ...]:
        """The anchor of each heading, in order."""
        return self._all_slugs[0]

    @cached_property
    def _all_slugs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the anchors of the Markdown headings and of the HTML headings.

        Both share one numbering of duplicates.
        """
        headings, in_html = self.page.headings, self._html_headings
        if not in_html:
            return self._slugger(heading.text for heading in headings), ()
        both = sorted(
            [
                *((number, 1, heading.text) for number, heading in enumerate(headings)),
                *((before, 0, text) for before, _level, text in self.page.html_heading_rows()),
            ],
            key=itemgetter(0, 1),
        )
        slugs = list(zip(self._slugger(text for _number, _kind, text in both), both, strict=True))
        shares = (tuple(slug for slug, (_number, kind, _text) in slugs if kind == wanted) for wanted in (1, 0))
        return next(shares), next(shares)

    @cached_property
    def by_slug(self) -> Mapping[str, Heading]:
        """Headings by slug, and by explicit id if they have one."""
        found: dict[str, Heading] = {}
        for heading, slug in zip(self.page.headings, self.slugs, strict=True):
            for name in (*heading.ids, slug):
                if name:
                    found.setdefault(name, heading)
        return found

    @cached_property
    def by_id(self) -> Mapping[str, Span]:
        """The spans of HTML ids."""
        found: dict[str, Span] = {}
        for place in self.page.html_ids:
            found.setdefault(place.name, place.span)
        for heading, slug in zip(self._html_headings, self._all_slugs[1], strict=True):
            if slug:
                found.setdefault(slug, heading.span)
        for heading in self._html_headings:
            # Line breaks and blanks at both ends count in the anchor, but many links are written without them.
            found.setdefault(self._slugger((" ".join(heading.text.split()),))[0], heading.span)
        return found

    @property
    def _html_headings(self) -> tuple[Heading, ...]:
        return self.page.html_headings if self._slugger in SEES_HTML else ()

    @cached_property
    def by_block(self) -> Mapping[str, Span]:
        """The spans of `^id` marks by folded name."""
        found: dict[str, Span] = {}
        for block in self.page.block_ids:
            found.setdefault(fold(block.name), block.span)
        return found

    @cached_property
    def _folded_slugs(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for slug in (*self.by_slug, *self.by_id):
            found.setdefault(fold(slug), slug)
        return found

    def slug_but_for_case(self, anchor: str) -> str | None:
        """Return the slug or HTML id that differs from `anchor` at most in case."""
        return self._folded_slugs.get(fold(anchor))

    def slug_of_text(self, text: str) -> str | None:
        """Return the slug of the first heading with this text, as Obsidian compares texts."""
        wanted = obsidian_text(text)
        heading = self.by_text.get(wanted) if wanted else None
        return None if heading is None else self._slug_of[heading.span] or None

    @cached_property
    def _slug_of(self) -> Mapping[Span, str]:
        return {heading.span: slug for heading, slug in zip(self.page.headings, self.slugs, strict=True)}

    def chained(self, texts: Sequence[str]) -> Heading | None:
        """Return the first heading that has the last of `texts` and is below headings with the other texts."""
        *above, last = texts
        parents: list[tuple[int, tuple[str, ...]]] = []
        for heading, own in zip(self.page.headings, self.texts, strict=True):
            while parents and parents[-1][0] >= heading.level:
                parents.pop()
            if last in own:
                # Parents from the outside inwards must show the chain in order; levels may be skipped.
                lines = iter(parents)
                if all(any(text in names for _level, names in lines) for text in above):
                    return heading
            parents.append((heading.level, own))
        return None

    def near_headings(self, anchor: str) -> tuple[str, ...]:
        """Return heading texts that look like the anchor, in the form that a wikilink takes."""
        return self._names_of_headings.near(anchor.rpartition("#")[2])

    @cached_property
    def _names_of_headings(self) -> Names:
        return Names(text for heading in self.page.headings if (text := linkable(heading.text)))

    def near_slugs(self, fragment: str) -> tuple[str, ...]:
        """Return the slug of the heading whose text is the fragment; if there is none, similar slugs and ids."""
        meant = self.slug_of_text(fragment)
        return (meant,) if meant is not None else self._names_of_slugs.near(fragment)

    @cached_property
    def _names_of_slugs(self) -> Names:
        return Names((*self.by_slug, *self.by_id))

    def near_blocks(self, name: str) -> tuple[str, ...]:
        """Return block ids that look like `name`, with their carets."""
        return tuple(f"^{near}" for near in self._names_of_blocks.near(name))

    @cached_property
    def _names_of_blocks(self) -> Names:
        return Names(block.name for block in self.page.block_ids)


def find_obsidian_anchor(anchors: Anchors, anchor: str) -> Resolution[Span]:
    """Return the span that `anchor` (without its first `#`) names in Obsidian.

    `^id` names a block, `A#B` the heading B below A, and anything else a heading by its text (see `obsidian_text`), the
    first one if several are equal. If the anchor is not the text of any heading but the slug or explicit id of one, the
    answer is `Missing` with the reason "slug-anchor".
    """
    parts = [part for part in anchor.split("#") if part.strip()]
    if not parts:
        return Found(anchors.top, "the page itself")
    last = parts[-1].strip()
    if last.startswith("^"):
        return find_block(anchors, last[1:])
    texts = [text for part in parts if (text := obsidian_text(part))]
    if texts:
        heading = anchors.by_text.get(texts[0]) if len(texts) == 1 else anchors.chained(texts)
        if heading is not None:
            return Found(heading.span, "heading text" if len(texts) == 1 else "chain of headings")
    slug = anchors.by_slug.get(last) or anchors.by_slug.get(last.lower())
    # A chain can also fail because of its earlier parts, and no text leads to the second of two equal headings.
    addressable = slug is not None and anchors.by_text.get(obsidian_text(slug.text)) is slug
    if (
        slug is not None
        and addressable
        and obsidian_text(last) not in anchors.by_text
        and (text := linkable(slug.text))
    ):
        return Missing((text,), Reason.SLUG_ANCHOR)
    return Missing(lambda: anchors.near_headings(anchor), Reason.NO_SUCH_HEADING)


def find_block(anchors: Anchors, name: str) -> Resolution[Span]:
    """Return the block with the id `name` (without its caret), ignoring case."""
    place = anchors.by_block.get(fold(name))
    if place is not None:
        return Found(place, "block id")
    return Missing(lambda: anchors.near_blocks(name), Reason.NO_SUCH_BLOCK)


def find_slug(anchors: Anchors, fragment: str) -> Resolution[Span]:
    """Return the span that the fragment of a URL names on a rendered page: an id, or the slug of a heading.

    Identifiers are compared as they are (WHATWG HTML, "find a potential indicated element"): first the fragment as
    written, then percent-decoded. "" and "top" name the page itself; a text directive (`:~:text=…`) is ignored.
    """
    written = fragment.partition(":~:")[0]
    decoded = unquote(written)
    for name in (written,) if decoded == written else (written, decoded):
        # GitHub puts this prefix before each identifier and finds it without the prefix.
        found = _at_id(anchors, name.removeprefix("user-content-"))
        if found is not None:
            return found
    near = anchors.slug_but_for_case(decoded)
    if near is not None:
        return Missing((near,), Reason.CASE_DIFFERS)
    return Missing(lambda: anchors.near_slugs(decoded), Reason.NO_SUCH_HEADING)


def _at_id(anchors: Anchors, name: str) -> Found[Span] | None:
    if name in anchors.by_id:
        return Found(anchors.by_id[name], "HTML id")
    heading = anchors.by_slug.get(name)
    if heading is not None:
        return Found(heading.span, "explicit id" if name in heading.ids else "heading slug")
    return Found(anchors.top, "the page itself") if name == "" or name.lower() == "top" else None


def find_slugged(
    slug_of: Callable[[str], str], *, blocks: bool = False, hashes: bool = False
) -> Callable[[Anchors, str], Resolution[Span]]:
    """Return `find_anchor` for an engine that turns the anchor of a wikilink into a slug, which the browser then finds.

    Such engines have no chains: in `A#B` the `#` is part of the text (with `hashes`), or the link leads nowhere. Block
    ids are found only with `blocks`.
    """

    def find(anchors: Anchors, anchor: str) -> Resolution[Span]:
        anchor = anchor.strip("#").strip()
        if blocks and anchor.startswith("^"):
            return find_block(anchors, anchor[1:].strip())
        if "#" in anchor and not hashes:
            # Suggest only headings that a shorter anchor would reach.
            last = anchor.rpartition("#")[2].strip()
            return Missing(lambda: near(anchors, last), Reason.NO_SUCH_HEADING)
        found = _at_id(anchors, slug_of(anchor))
        return found or Missing(lambda: near(anchors, anchor), Reason.NO_SUCH_HEADING)

    def near(anchors: Anchors, anchor: str) -> tuple[str, ...]:
        texts, slugs = anchors.near_headings(anchor), anchors.near_slugs(anchor)
        # In the author's style, and only names whose slug is that of the heading.
        names = (*slugs, *texts) if slug_of(anchor) == anchor and "-" in anchor else (*texts, *slugs)
        alive = [name for name in names if name and _at_id(anchors, slug_of(name)) is not None]
        return _one_for_each(anchors, alive, slug_of)

    return find


def _one_for_each(anchors: Anchors, names: Sequence[str], slug_of: Callable[[str], str]) -> tuple[str, ...]:
    """Return up to three of the names, one for each heading or id."""
    found: dict[Span, str] = {}
    for name in names:
        place = _at_id(anchors, slug_of(name))
        if place is not None:
            found.setdefault(place.target, name)
    return tuple(found.values())[:3]


def find_slugged_fragment(
    slug_of: Callable[[str], str], *, blocks: bool = False
) -> Callable[[Anchors, str], Resolution[Span]]:
    """Return the same for the fragments of Markdown links, which are also valid if they name an id exactly."""
    find = find_slugged(slug_of, blocks=blocks)

    def find_fragment(anchors: Anchors, fragment: str) -> Resolution[Span]:
        exact = find_slug(anchors, fragment)
        if isinstance(exact, Found):
            return exact
        slugged = find(anchors, unquote(fragment))
        return slugged if isinstance(slugged, Found) else exact

    return find_fragment


def find_heading_or_slug(anchors: Anchors, anchor: str) -> Resolution[Span]:
    """Return the span that an anchor names by a heading's text (or block id), or by a slug or HTML id."""
    by_text = find_obsidian_anchor(anchors, anchor)
    if not isinstance(by_text, Missing):
        return by_text
    return _at_id(anchors, anchor) or _at_id(anchors, anchor.lower()) or by_text


def find_fragment_or_heading(anchors: Anchors, fragment: str) -> Resolution[Span]:
    """Return the same for the fragment of a Markdown link; suggestions are slugs."""
    found = find_heading_or_slug(anchors, fragment)
    if not isinstance(found, Missing) or found.why == Reason.NO_SUCH_BLOCK:
        return found
    decoded = unquote(fragment)
    return Missing(lambda: anchors.near_slugs(decoded) or found.near, found.why)


def find_obsidian_fragment(anchors: Anchors, fragment: str) -> Resolution[Span]:
    """Return the span that a Markdown link's fragment names in Obsidian or, failing that, on a rendered page.

    Pages of a vault are read in Obsidian and on the web; the link is valid if it works in either.
    """
    inside = find_obsidian_anchor(anchors, unquote(fragment))
    if isinstance(inside, Found):
        return inside
    outside = find_slug(anchors, fragment)
    if isinstance(outside, Missing) and inside.why == Reason.NO_SUCH_BLOCK:
        return inside
    return outside
