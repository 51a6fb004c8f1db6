"""Reads one bibliography file of a wiki, as far as neither the cache nor an earlier look knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools import files

if TYPE_CHECKING:
    from wikitools.config import Settings
    from wikitools.markdown.page import Problem
    from wikitools.project.cache import Store
    from wikitools.sources.source import Source


def read_bibliography(
    settings: Settings,
    path: str,
    store: Store | None,
    snapshot: files.Snapshot | None = None,
    *,
    own: bool = False,
    before: tuple[str, tuple[Source, ...]] | None = None,
) -> tuple[str, tuple[Source, ...], tuple[Problem, ...], bytes]:
    """Return text, sources, problems and content hash of a bibliography file; raises `FileError`.

    With `own`, a page names it, not the configuration. The text is empty if the file may well be something else.
    `before` are text and sources when it was read last, if nothing was wrong with it.

    If the cache knows a file with the same content, the result comes from there; otherwise it is stored there.
    """
    from wikitools.cite.citation_codec import pack_problems, pack_sources
    from wikitools.project.cache import content_hash, digest, pack
    from wikitools.sources import readers
    from wikitools.sources.readers.encodings import decode

    data = _read_bytes(settings, path, snapshot, own=own)
    text, damaged = decode(path, data)
    hash_ = content_hash(data)
    if before is not None and not damaged and (again := readers.read_again(path, text, *before)) is not None:
        return text, again, (), hash_
    key = digest(b"bibliography", path.encode("utf-8", "surrogatepass"), hash_)
    known = _known_bibliography(store, key) if store is not None else None
    if known is None:
        known = readers.read_bibliography(path, text)
        if store is not None:
            store.put_thing(key, "bibliography", pack((pack_sources(known[0]), pack_problems(known[1]))))
    sources, broken = known
    if not sources and readers.may_be_another(path):
        text = readers.blanked(text)
    return text, sources, (*damaged, *broken), hash_


def hash_bibliography(settings: Settings, path: str, snapshot: files.Snapshot | None = None) -> bytes:
    """Return the content hash of a shared bibliography file, as `read_bibliography` does; raises `FileError`."""
    from wikitools.project.cache import content_hash

    return content_hash(_read_bytes(settings, path, snapshot, own=False))


def _read_bytes(settings: Settings, path: str, snapshot: files.Snapshot | None, *, own: bool) -> bytes:
    return files.read_bibliography_bytes(
        settings.root,
        path,
        limit=settings.max_bibliography_size,
        snapshot=snapshot,
        follow_links=settings.follow_links,
        anywhere=not own and "bibliography" in settings.anywhere,
    )


def _known_bibliography(store: Store, key: bytes) -> tuple[tuple[Source, ...], tuple[Problem, ...]] | None:
    """Return the sources and problems in the cache under this key, if there are any."""
    from wikitools.cite.citation_codec import unpack_problems, unpack_sources
    from wikitools.project.cache import unpack

    packed = store.thing(key)
    if packed is None:
        return None
    try:
        sources, broken = unpack(packed)
        return unpack_sources(sources), unpack_problems(broken)
    except (ValueError, TypeError, KeyError, IndexError):
        # The checksum is right, but this version did not write it: read the file again.
        return None
