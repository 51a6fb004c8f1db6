"""Reads the people in BibTeX's name fields."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from wikitools.sources.names import Name
from wikitools.sources.readers.latex import to_unicode
from wikitools.sources.readers.persons import family_first, read_names
from wikitools.sources.readers.salvage_values import closing_brace

_EXTENDED_NAME = re.compile(r"(?:^|,)\s*(family|given|prefix|suffix|given-i|useprefix)\s*=\s*", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_STRAY_AND = re.compile(r"and\s+", re.IGNORECASE)
_BODY_WORDS = frozenset(("of", "for", "the", "and", "on", "in", "at"))
"""Lower-case words that make a name without a comma an organisation's, forgotten braces or not."""
_SUFFIX = re.compile(r"(?:jr|sr)\.?|i{2,3}|iv", re.IGNORECASE)
"""A suffix behind a name; "Neto" and the like are as often the family name itself."""
_INITIALS = re.compile(r"[A-Z]{1,3}")
_INITIAL = re.compile(r"[A-Z]\.?(?:-?[A-Z]\.?)*")


def read_bibtex_names(written: str) -> tuple[tuple[Name, ...], bool]:
    r"""Return the people in a BibTeX name field, in order, and whether "and others" follows.

    "Last, First", "Last, Jr, First", "First von Last", a braced literal, biblatex's `family=…, given=…`; `and`
    separates outside of braces only. What only BibTeX would misread (semicolons, commas between names) is read as
    people read it.

    >>> [name.family for name in read_bibtex_names(r"van der Maaten, L. and {NASA} and Jos\'e Garc\'ia and others")[0]]
    ['van der Maaten', 'NASA', 'García']
    """
    if "{" in written or "\\" in written:
        from bibtexparser.middlewares.names import split_multiple_persons_names

        parts = split_multiple_persons_names(" ".join(written.split()))
    else:
        parts = _AND.split(written.strip())
        if any(part.count(",") > 2 or ";" in part for part in parts):
            # "One, A., Two, B., and Three, C.": BibTeX sees one name with too many commas.
            return read_names(to_unicode(written))
    names: list[Name] = []
    others = False
    for part in parts:
        text = (
            _STRAY_AND.sub("", part.strip().strip(",").strip(), count=1)
            if part[:4].lower() == "and "
            else part.strip().strip(",").strip()
        )
        text = text.partition(" with contributions")[0]
        if text.lower() in ("others", "et al.", "et al", "{others}"):
            others = True
            continue
        found = _bibtex_names(text)
        names += found
    return tuple(names), others


@lru_cache(maxsize=1 << 15)
def _bibtex_names(text: str) -> tuple[Name, ...]:
    if not text or text == "{}":
        return ()
    if text[0] == "{" and closing_brace(text, 0, len(text)) == len(text) - 1:
        return _literal(text[1:-1])
    if "=" in text and _EXTENDED_NAME.search(text):
        return _extended_name(text)
    if "{" not in text and "\\" not in text:
        if "," in text:
            parts = [to_unicode(part) for part in text.split(",")]
            if len(parts) == 2:
                if _SUFFIX.fullmatch(parts[1]):
                    return tuple(Name(name.family, name.given, parts[1]) for name in _bibtex_names(parts[0]))
                return (Name(parts[0] or parts[1], parts[1] if parts[0] else ""),)
            return (family_first(*parts),)
        words = text.replace("~", " ").split()
        if len(words) == 1:
            return (Name(to_unicode(words[0])),)
        if _INITIALS.fullmatch(words[-1]) and not any(_INITIAL.fullmatch(word) for word in words[:-1]):
            # "Smith JA", as PubMed writes; BibTeX would call the man JA.
            return (Name(" ".join(words[:-1]), words[-1]),)
        suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
        if not any(word[0].islower() for word in words):
            return (Name(to_unicode(words[-1]), to_unicode(" ".join(words[:-1])), suffix),)
        text = " ".join(words)
    else:
        suffix = ""
    from bibtexparser.middlewares.names import parse_single_name_into_parts

    parts_of = parse_single_name_into_parts(text, strict=False)
    if not _BODY_WORDS.isdisjoint(parts_of.von) and "," not in text:
        return (Name(to_unicode(text), literal=True),)
    family = to_unicode(" ".join((*parts_of.von, *parts_of.last)))
    given = to_unicode(" ".join(parts_of.first))
    if not family and not given:
        return ()
    named = family_first(family or given, to_unicode(" ".join(parts_of.jr)), given if family else "")
    return (named if named.suffix else replace(named, suffix=suffix),)


def _literal(inside: str) -> tuple[Name, ...]:
    """Read the text between one pair of braces: an organisation, unless it is clearly people in braces.

    Within a second pair of braces it is an organisation, whatever it looks like.
    """
    if inside[:1] == "{" and closing_brace(inside, 0, len(inside)) == len(inside) - 1:
        text = to_unicode(inside)
        return (Name(text, literal=True),) if text else ()
    parts = _AND.split(inside)
    if len(parts) > 1 and all(part.count(",") == 1 for part in parts) and "{" not in inside:
        return tuple(name for part in parts for name in _bibtex_names(part.strip()))
    text = to_unicode(inside)
    family, comma, given = text.partition(", ")
    if (
        comma
        and len(family.split()) == 1
        and 1 <= len(given.split()) <= 3
        and "," not in given
        and not re.search(r"\d", text)
    ):
        return (Name(family, given),)
    return (Name(text, literal=True),) if text else ()


def _extended_name(text: str) -> tuple[Name, ...]:
    """Read biblatex's name format, `family=Maaten, given=Laurens, prefix=van der` (biblatex manual §3.4)."""
    parts: dict[str, str] = {}
    marks = list(_EXTENDED_NAME.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = text[mark.end() : following.start() if following else len(text)].strip()
        parts[mark.group(1).lower()] = to_unicode(value.strip('"'))
    family = " ".join(part for part in (parts.get("prefix", ""), parts.get("family", "")) if part)
    if not family and not parts.get("given"):
        return ()
    return (Name(family or parts["given"], parts.get("given", "") if family else "", parts.get("suffix", "")),)
