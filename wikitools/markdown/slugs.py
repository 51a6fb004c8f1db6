"""Makes anchors from headings as GitHub, Python-Markdown, Pandoc, Hugo and Gollum do, duplicates included."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

Slugger = Callable[[Iterable[str]], tuple[str, ...]]
"""The anchors of all headings of a page, in order, given their rendered texts: duplicates get their suffixes."""


def github_slug(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading's rendered text, before duplicates are numbered.

    Lower case; letters, marks, decimal digits, connecting punctuation and `-` stay, each blank becomes `-`, everything
    else is removed (the rule of html-pipeline's table of contents, as in the npm package github-slugger).

    >>> github_slug("A & B"), github_slug("v1.0.0"), github_slug("Über straße")
    ('a--b', 'v100', 'über-straße')
    """
    lowered = heading.lower()
    if lowered.isascii():
        return _NOT_IN_ASCII_SLUG.sub("", lowered).replace(" ", "-")
    return "".join("-" if char == " " else char for char in lowered if char in " -_" or _is_word(char))


_NOT_IN_ASCII_SLUG = re.compile(r"[^a-z0-9 _-]+")


def _is_word(char: str) -> bool:
    if char.isascii():
        return char.isalnum()
    category = unicodedata.category(char)
    # "Nl" and the circled and squared letters ("So") have the property Alphabetic.
    return category[0] in "LM" or category in ("Nd", "Nl", "Pc") or (category == "So" and _is_lettered_symbol(char))


def _is_lettered_symbol(char: str) -> bool:
    # Unicode's Other_Alphabetic outside of marks.
    return any(low <= char <= high for low, high in _LETTERED_SYMBOLS)


_LETTERED_SYMBOLS = (
    ("\u24b6", "\u24e9"),
    ("\U0001f130", "\U0001f149"),
    ("\U0001f150", "\U0001f169"),
    ("\U0001f170", "\U0001f189"),
)


def github_slugs(headings: Iterable[str]) -> tuple[str, ...]:
    """Return GitHub's anchors of a page's headings: the second "A" becomes `a-1`, unless a heading took that name.

    Quartz, Dendron and most viewers of repositories do the same.

    >>> github_slugs(["a-1", "a", "a"])
    ('a-1', 'a', 'a-2')
    """
    used: dict[str, int] = {}
    slugs: list[str] = []
    for heading in headings:
        first = slug = github_slug(heading)
        while slug in used:
            used[first] += 1
            slug = f"{first}-{used[first]}"
        used[slug] = 0
        slugs.append(slug)
    return tuple(slugs)


def python_markdown_slug(heading: str) -> str:
    """Return the anchor that the `toc` extension of Python-Markdown (MkDocs' default) gives, before numbering.

    Accents are removed, then all characters that are not ASCII; runs of blanks and dashes become one dash.

    >>> python_markdown_slug("Étude — suite"), python_markdown_slug("Über straße"), python_markdown_slug("日本語")
    ('etude-suite', 'uber-strae', '')
    """
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode("ascii")
    return _BLANKS_AND_DASHES.sub("-", _NOT_IN_TOC_SLUG.sub("", plain).strip().lower())


_NOT_IN_TOC_SLUG = re.compile(r"[^\w\s-]+")
_BLANKS_AND_DASHES = re.compile(r"[-\s]+")
_NUMBERED = re.compile(r"(.*)_([0-9]{1,18})", re.DOTALL)


def python_markdown_slugs(headings: Iterable[str]) -> tuple[str, ...]:
    """Return the anchors of a page's headings under Python-Markdown's `toc`: duplicates and empty ones count with `_`.

    A duplicate that already ends in `_` and a number counts on from there.

    >>> python_markdown_slugs(["a", "a", "a_1", "日本語"])
    ('a', 'a_1', 'a_2', '_1')
    """
    used: set[str] = set()
    highest: dict[str, int] = {}
    slugs: list[str] = []
    for heading in headings:
        slug = python_markdown_slug(heading)
        if slug in used or not slug:
            numbered = _NUMBERED.fullmatch(slug)
            base, count = (numbered[1], int(numbered[2])) if numbered else (slug, 0)
            # All numbers up to the highest one are taken, so that many equal headings stay linear.
            known = highest.get(base, 0)
            dense = count <= known
            count = max(count, known) + 1 if dense else count + 1
            while f"{base}_{count}" in used:
                count += 1
            slug = f"{base}_{count}"
            if dense:
                highest[base] = count
        used.add(slug)
        slugs.append(slug)
    return tuple(slugs)


def pandoc_slug(heading: str) -> str:
    """Return the identifier that Pandoc's `auto_identifiers` gives to a heading's rendered text, before numbering.

    Letters, digits, `_`, `-` and `.` stay, words are joined by `-`, everything before the first letter is removed, and
    an empty result becomes "section". Typographic dots and dashes (`smart`, on by default) count as one character.

    >>> pandoc_slug("1. Intro"), pandoc_slug("v1.0.0"), pandoc_slug("A & B"), pandoc_slug("33")
    ('intro', 'v1.0.0', 'a-b', 'section')
    """
    plain = _SMART.sub("", heading)
    # Character by character: no final sigma, as in Haskell's Data.Text.
    kept = "".join(
        char for char in "".join(map(str.lower, plain)) if char.isspace() or char in "_-." or _is_letter_or_number(char)
    )
    joined = "-".join(kept.split())
    start = next((place for place, char in enumerate(joined) if unicodedata.category(char)[0] == "L"), len(joined))
    return joined[start:] or "section"


_SMART = re.compile(r"\.\.\.|-{2,3}")


def _is_letter_or_number(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN"


def hugo_slug(heading: str) -> str:
    """Return the anchor that Hugo (`autoHeadingIDType = "github"`, the default) gives, before numbering.

    Like GitHub's, but blanks at both ends are removed, and outside ASCII only letters and digits stay. Hugo slugs
    the heading as written; of markup, this differs only in the addresses of links.

    >>> hugo_slug("Étude — suite"), hugo_slug(" emoji 😀 here ")
    ('étude--suite', 'emoji--here')
    """
    return "".join(
        "-" if char in " -" else char.lower()[0]
        for char in heading.strip()
        if char in " -_" or char.isalpha() or char.isdecimal()
    )


def gollum_slug(heading: str) -> str:
    """Return the anchor that Gollum gives to a heading, before numbering: runs of other characters become one dash.

    >>> gollum_slug("1. Intro & more"), gollum_slug("Étude — suite")
    ('1-intro-more', 'étude-suite')
    """
    return _not_in_gollum_slug().sub("-", heading).strip("-").lower()


@functools.cache
def _not_in_gollum_slug() -> re.Pattern[str]:
    # Few wikis need it, and it takes long to compile.
    return re.compile(r"[^0-9A-Za-z_\u00c0-\u1fff\u2c00-\ud7ff]+")


def _numbered(slug_of: Callable[[str], str], empty: str, *, free: bool) -> Slugger:
    """Return a slugger that numbers duplicates from 1 after a `-`; with `free` it takes the next unused name."""

    def slugs(headings: Iterable[str]) -> tuple[str, ...]:
        used: set[str] = set()
        highest: dict[str, int] = {}
        found: list[str] = []
        for heading in headings:
            first = slug = slug_of(heading) or empty
            if slug in used:
                count = highest.get(first, 0) + 1
                while free and f"{first}-{count}" in used:
                    count += 1
                highest[first] = count
                slug = f"{first}-{count}"
            used.add(slug if free else first)
            found.append(slug)
        return tuple(found)

    return slugs


pandoc_slugs = _numbered(pandoc_slug, "section", free=True)
hugo_slugs = _numbered(hugo_slug, "heading", free=True)
gollum_slugs = _numbered(gollum_slug, "", free=False)

SEES_HTML = frozenset({github_slugs, gollum_slugs})
"""The sluggers that work on the rendered page, where HTML headings get anchors too; the others read Markdown."""

SLUGGERS: Mapping[str, Slugger] = MappingProxyType(
    {
        "github": github_slugs,
        "gollum": gollum_slugs,
        "hugo": hugo_slugs,
        "pandoc": pandoc_slugs,
        "python-markdown": python_markdown_slugs,
    }
)
"""The ways of making anchors by name, for wikis whose pages another program renders."""
