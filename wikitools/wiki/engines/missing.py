"""The reason why a target does not exist, and similar names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wikitools.markdown.links import make_wikilink
from wikitools.text import Span
from wikitools.wiki.engines.engine import spellings
from wikitools.wiki.names_index import compose, fold, id_of, loosen
from wikitools.wiki.paths import base_name, folder_of, join, relative, without_suffix
from wikitools.wiki.placeholders import is_placeholder
from wikitools.wiki.resolution import Ambiguous, Found, Missing, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wikitools.wiki.engines.engine import Engine
    from wikitools.wiki.names_index import Index

# Targets with Dendron's own scheme name pages.
_ADDRESS = re.compile(
    r"(?!dendron:)(?:[a-z][a-z0-9+.\-]{0,30}://|//|(?:mailto|tel|data|javascript|doi|urn):|www\.)", re.IGNORECASE
)
_ASSET_SUFFIXES = frozenset(
    "3gp aac aif aiff avi avif base bmp bib canvas css csv docx drawio eps epub excalidraw flac gif heic html ico ipynb"
    " jfif jpeg jpg json key m4a mkv mov mp3 mp4 mpeg odp ods odt oga ogg ogv opus pdf png ppt pptx psd svg tar tex"
    " tif tiff tsv txt wav webm webp xls xlsx xml yaml yml zip".split()
)


def is_asset_path(path: str) -> bool:
    """Say whether the path ends like that of an image, a recording or another attachment.

    >>> [is_asset_path(path) for path in ("img/photo.PNG", "notes/png", "png", "v1.2", "a.png/b")]
    [True, False, False, False, False]
    """
    name = base_name(path)
    return "." in name and name.rpartition(".")[2].lower() in _ASSET_SUFFIXES


def is_address(target: str) -> bool:
    """Say whether a target is the address of something on the web."""
    return _ADDRESS.match(target) is not None


def explain_missing(
    index: Index,
    engine: Engine,
    target: str,
    folder: str,
    *,
    write: Callable[[str], str] | None = None,
    asset: bool = False,
) -> Missing[str]:
    """Return why a target leads nowhere, and what it may have meant.

    `near` are targets that lead to similar files under this engine: paths as `write` writes them or, without `write`,
    targets of wikilinks. `asset` says that only an attachment can be meant.
    """
    why, paths = index.remember(_find_cause, target)
    if why in (Reason.PLACEHOLDER, Reason.WEB_ADDRESS):
        return Missing(why=why)
    if ".." in target and join(folder, target) is None:
        return Missing(why=Reason.OUTSIDE_ROOT)

    def names(paths: Iterable[str], *, with_folder: bool = False) -> tuple[str, ...]:
        spelled = (_spell(index, engine, path, folder, write, with_folder=with_folder) for path in paths)
        return tuple(dict.fromkeys(spelling for spelling in spelled if spelling is not None))

    target = target.rstrip("/")
    if why == Reason.WRONG_FOLDER and engine.case_sensitive:
        respelled = _in_other_case(index, target, folder, paths, engine, written=write is not None)
        if respelled:
            return Missing(respelled, Reason.CASE_DIFFERS)
    if why is not None:
        return Missing(lambda: names(paths[:3], with_folder=why == Reason.WRONG_FOLDER), why)
    if "%" in target and (decoded := unquote(target)) != target:
        reached = engine.resolve(index, decoded, folder)
        if not isinstance(reached, Missing) and can_be_written(engine, decoded):
            return Missing((decoded,), Reason.PERCENT_ENCODED)
    if asset or is_asset_path(target):
        return Missing(lambda: names(index.near_attachments(target)), Reason.ASSET_MISSING)

    def similar() -> tuple[str, ...]:
        # A note that was renamed keeps its id, and may be linked by it alone.
        if (own := id_of(target)) and (paths := index.ids.get(own, ())):
            return names(paths[:3])
        return names(path for path in index.near_pages(target) if _may_mean(target, path))

    return Missing(similar, Reason.NO_SUCH_PAGE)


def _spell(
    index: Index,
    engine: Engine,
    path: str,
    folder: str,
    write: Callable[[str], str] | None,
    *,
    with_folder: bool,
) -> str | None:
    """Return the first spelling with which such a link leads to the file from this folder; `None` if there is none."""
    shortest, bare = engine.write(index, path, folder), without_suffix(path)
    if write is not None:
        tried: tuple[str, ...] = (write(path), path, f"/{path}", shortest)
        if engine.flat and bare != path:
            # Pages have no folders in that engine; the path of the file would lead to its source text.
            tried = (base_name(bare), *tried)
        resolve = engine.resolve_path
    else:
        beside = relative(path, folder)
        tried = (bare, shortest) if with_folder else (shortest, bare)
        tried += (path, without_suffix(beside), beside, f"/{bare}", f"/{path}")
        resolve = engine.resolve
    for spelling in dict.fromkeys(tried):
        if write is None and not can_be_written(engine, spelling):
            continue
        found = resolve(index, spelling, folder)
        if (isinstance(found, Found) and found.target == path) or (
            isinstance(found, Ambiguous) and found.candidates[0] == path
        ):
            return spelling
    return None


def can_be_written(engine: Engine, target: str) -> bool:
    """Say whether the engine reads `[[target]]` as a link to `target`: a `#` or `|` in it may have another meaning."""
    if "[" in target or "]" in target:
        return False
    read, anchor = engine.read(make_wikilink(target, _NOWHERE))
    return (read == target and anchor is None) or (engine.hash_in_names and "|" not in target)


_NOWHERE = Span("", 0, 0)


def _find_cause(index: Index, target: str) -> tuple[Reason | None, tuple[str, ...]]:
    """Return why a target is dead, as far as that does not depend on the page, and the files that may be meant."""
    if is_placeholder(target, index.placeholders):
        return Reason.PLACEHOLDER, ()
    if is_address(target):
        return Reason.WEB_ADDRESS, ()
    # A slash at the end means a folder or, on web sites, also a page.
    target = target.rstrip("/")
    bare = without_suffix(target)
    if paths := index.aliases.get(fold(bare)):
        return Reason.ALIAS_ONLY, paths
    if paths := _ending_so(index, target):
        return Reason.WRONG_FOLDER, paths
    if paths := index.titles.get(fold(bare)):
        return Reason.TITLE_ONLY, paths
    if paths := tuple(path for path in index.loose_names.get(loosen(base_name(bare)), ()) if _may_mean(target, path)):
        return Reason.SPACE_OR_DASH, paths
    return None, ()


def _ending_so(index: Index, target: str) -> tuple[str, ...]:
    """Return the files whose paths end like the target: those that share the most of its folders."""
    steps = [step for step in target.split("/") if step not in ("", ".", "..")][-_STEPS:]
    files = index.by(fold)
    endings = ("/".join(steps[first:]) for first in range(len(steps)) if _may_mean(target, "/".join(steps[first:])))
    return next(
        (paths for ending in endings for spelling in spellings(ending) if (paths := files.ending(spelling))), ()
    )


_STEPS = 6


def _may_mean(target: str, path: str) -> bool:
    """Say whether a target may mean a file with the same name; the name of an index page is that of its folder.

    >>> _may_mean("tides/index", "waves/index.md"), _may_mean("tide-tables/index", "Tide tables/index.md")
    (False, True)
    """
    steps = [step for step in target.rstrip("/").split("/") if step not in ("", ".", "..")]
    if len(steps) < 2 or fold(without_suffix(steps[-1])) not in _INDEX_PAGES:
        return True
    return loosen(base_name(folder_of(path))) == loosen(steps[-2])


_INDEX_PAGES = frozenset(("index", "_index", "readme"))


def _in_other_case(
    index: Index, target: str, folder: str, paths: tuple[str, ...], engine: Engine, *, written: bool
) -> tuple[str, ...]:
    """Return the target in the case of each of `paths`, if the engine finds the file that way."""
    resolve = engine.resolve_path if written else engine.resolve
    steps = target.split("/")
    first = next((place for place, step in enumerate(steps) if step not in ("", ".", "..")), len(steps))
    length = len(steps) - first
    found: list[str] = []
    for path in paths[:20]:
        shown = path if fold(path).endswith(fold(steps[-1])) else without_suffix(path)
        tail = shown.split("/")[-length:]
        respelled = "/".join((*steps[:first], *tail))
        if respelled != target and compose(respelled) != compose(target) and fold(respelled) == fold(target):
            there = resolve(index, respelled, folder)
            if isinstance(there, Found) and there.target == path:
                found.append(respelled)
    return tuple(found)
