"""Pages as the cache keeps them: everything on a page but its text, as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wikitools.markdown.dialects import Dialect
    from wikitools.markdown.page import Page
    from wikitools.markdown.page_codec import PackedPage


def pack_body(page: Page) -> bytes | None:
    """Return a page as bytes; `None` if its front matter contains something that cannot be packed."""
    from wikitools.markdown.page_codec import NotPlainError, pack_page
    from wikitools.project.cache import pack

    try:
        return pack(pack_page(page))
    except (NotPlainError, OverflowError):
        return None


def unpack_body(body: bytes) -> PackedPage:
    """Return a page as it was packed; raises `ValueError` or `TypeError` for other data."""
    from wikitools.markdown.page_codec import PackedPage
    from wikitools.project.cache import unpack

    return PackedPage(*unpack(body))


def read_body(path: str, data: bytes, body: bytes | None, dialect: Dialect) -> Page:
    """Return the page in a file: as it was packed, or, if nothing usable was, read from the file's `data`."""
    from wikitools.markdown.page_codec import unpack_page
    from wikitools.markdown.parse import decode, read

    if body is not None:
        try:
            return unpack_page(path, decode(data)[0], unpack_body(body))
        except (ValueError, TypeError, KeyError, IndexError):
            # The checksum is right, but this version did not write it.
            pass
    return read(path, data, dialect)
