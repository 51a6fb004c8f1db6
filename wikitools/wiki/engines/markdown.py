"""Plain Markdown: every path starts at the page and must match exactly, as on GitHub and in other viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.wiki.anchors import find_slug
from wikitools.wiki.engines.engine import Engine, first_at, resolve_relative
from wikitools.wiki.names_index import compose
from wikitools.wiki.paths import join, relative
from wikitools.wiki.resolution import Found, Missing, Reason, Resolution

if TYPE_CHECKING:
    from wikitools.wiki.names_index import Index


def resolve_markdown(index: Index, target: str, folder: str) -> Resolution[str]:
    """Return the file at the path `target` from the page's folder, or from the root after a `/`.

    Wikilinks are not Markdown. If somebody writes them all the same, they are read as such paths, and may leave out
    `.md`.
    """
    path = join(folder, target)
    if path is None:
        return Missing(why=Reason.OUTSIDE_ROOT)
    return first_at(index.by(compose), (path, path + ".md"), "path") if path else Missing()


def resolve_markdown_path(index: Index, path: str, folder: str) -> Resolution[str]:
    """Return the file or folder at exactly this path: no suffix may be left out.

    R Markdown and Quarto make `page.html` of `page.Rmd` and `page.qmd`, so that is what such a path leads to.
    """
    found = resolve_relative(index, path, folder, compose, suffixes=("",))
    if isinstance(found, Missing) and path.endswith(_RENDERED):
        rendered = resolve_relative(index, path[: -len(_RENDERED)], folder, compose, suffixes=_RENDERED_TO_HTML)
        if isinstance(rendered, Found) and rendered.target.endswith(_RENDERED_TO_HTML):
            return rendered
    return found


_RENDERED = ".html"
_RENDERED_TO_HTML = (".Rmd", ".rmd", ".qmd")


def write_markdown(_index: Index, path: str, folder: str) -> str:
    """Return the path from the page's folder."""
    return relative(path, folder)


MARKDOWN = Engine(
    name="markdown",
    summary="the exact path from the page's folder, or from the root after a /",
    resolve=resolve_markdown,
    resolve_path=resolve_markdown_path,
    paths_first=True,
    find_anchor=find_slug,
    find_fragment=find_slug,
    write=write_markdown,
    case_sensitive=True,
    by_names=True,
    links_first=True,
)
