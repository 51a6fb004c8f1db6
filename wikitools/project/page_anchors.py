"""What links could name on a page, so that two versions of it can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wikitools.markdown.page import Heading, Page


def fingerprint(page: Page) -> bytes:
    """Return a digest of all that links can name on a page."""
    from wikitools.project.cache import digest, pack

    headings = [(each.level, each.text, each.ids, each.span.of(page.text)) for each in page.headings]
    return digest(pack((headings, _names_of(page))))


def surely_same(page: Page, body: bytes) -> bool:
    """Say whether an earlier version of a page, packed without its text, surely had the same anchors."""
    from wikitools.markdown.page_codec import anchors_in
    from wikitools.project.page_bodies import unpack_body

    if not all(_is_plain_heading(heading.span.of(page.text), heading) for heading in page.headings):
        return False
    headings, ids = anchors_in(unpack_body(body))
    now = [(each.span.end - each.span.start, each.level, each.text, tuple(each.ids)) for each in page.headings]
    return headings == now and ids == _names_of(page)


def _names_of(page: Page) -> tuple[str, ...]:
    names = (*(each.name for each in page.block_ids), *(each.name for each in page.html_ids))
    return (*names, *map(repr, page.html_heading_rows()))


def _is_plain_heading(written: str, heading: Heading) -> bool:
    """Say whether nothing of a heading is markup: no other way of writing it is as short."""
    return written in (heading.text, f"{'#' * heading.level} {heading.text}")
