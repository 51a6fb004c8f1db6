"""People and organisations as plain text names them: one string, one field, no markup."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from wikitools.sources.names import PARTICLES, SUFFIXES, Name

_WIKILINK = re.compile(r"\[\[([^\[\]|#]*)(?:#[^\[\]|]*)?(?:\|([^\[\]]*))?\]\]")
_MARKDOWN_LINK = re.compile(r"(?<!\[)\[([^\[\]]+)\]\([^()\s]*\)")
_ET_AL = re.compile(r",?\s*(?:\bet[ .]+al\b\.?|\band others\b|\bu\.\s?a\.|等)\s*$", re.IGNORECASE)
_AND = re.compile(r",?\s+(?:and|und|et|y|e|и|&|＆)\s+|\s*[&＆]\s*|\s*、\s*|\s*和\s*", re.IGNORECASE)
_OUTER_AND = re.compile(r"^(?:and|und|[&＆])(?:\s+|$)|\s+(?:and|und|[&＆])$")
"""What is left of a list that was split elsewhere: "and Bo Pim", "Ann Orr and". Names begin with "e" and "y"."""
_INITIALS = re.compile(r"(?:[^\W\d_]\.?(?:[\s-]*[^\W\d_]\.)*|[^\W\d_]\.(?:[\s-]*[^\W\d_]\.?)*|[A-Z]{1,3})")
_UPPER_INITIALS = re.compile(r"[A-Z](?:-?[A-Z]){0,2}")
_ROLE = re.compile(
    r"\s*(?<!\[)[(\[](?:[^\W\d_A-Z][^()\[\]]{0,40}|(?:Eds?|Editors?|Hrsg|Hg|Trans|Comp|Intro|Dir|Red|Coord)\.?)[)\]]"
    r"|,\s*(?:eds?\.|editors?|trans\.|hrsg\.|comp\.)(?=\s*(?:[;,&]|$))"
)
"""A role after a name: "(ed.)", "(Hrsg.)", ", eds."; acronyms have capitals."""
_SLUG = re.compile(r"\s*\[\[(?:[^\[\]|#]*/)?([^\W\d_A-Z]+(?:[-_][^\W\d_A-Z]+)+)\]\]\s*")
_YEARS_OF_LIFE = re.compile(r"\s*\((?:b\.\s*|c\.\s*)?\d{3,4}\s*(?:[-–]\s*(?:\d{3,4})?)?\)\s*$")
_ORGANISATION = re.compile(
    r"\b(?:univers\w*|institut\w*|organi[sz]ation\w*|agency|commission\w*|team|group|committee|ministry|department|dept|"
    r"foundation|council|association|society|bureau|office|bank|inc|ltd|llc|gmbh|corp|corporation|company|cent(?:er|re)|"
    r"labs?|laborator\w*|project|collaboration|consortium|network|union|nations|government|academy|college|school|service|"
    r"authority|board|federation|administration|parliament|court|press|staff|editors|contributors|authors|developers|"
    r"community|initiative|program(?:me)?|fund|trust|alliance|forum|league|party|museum|library|hospital|"
    r"research|news|times|journal|magazine|blog|wiki\w*|ai|eu|un|usa?|uk|of|for|the)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 15)
def read_name(written: str) -> Name | None:
    """Return the person or organisation that one string names, or `None` for an empty one.

    "Last, First", "Last, Jr, First", "First von Last", "Last AB" (initials without full stops), a wikilink to any of
    them. Words that only organisations have ("University", "of", "Ltd") keep the name whole. A word that joins names
    is part of none.

    >>> read_name("Laurens van der Maaten")
    Name(family='van der Maaten', given='Laurens', suffix='', literal=False)
    >>> read_name("World Health Organization").literal, read_name("and Bo Pim").given, read_name("and")
    (True, 'Bo', None)
    """
    written = _MARKDOWN_LINK.sub(r"\1", written)
    link = _WIKILINK.fullmatch(written.strip())
    if link is not None and not link[2]:
        slug = _SLUG.fullmatch(written)
        named = _named_by_file([part.capitalize() for part in re.split("[-_]", slug[1])]) if slug is not None else None
        person = named or read_name(_shown(link))
        return None if person is None else replace(person, link=link[1].strip())
    text = " ".join(_WIKILINK.sub(_shown, written).replace("*", " ").split()).strip(" ,;")
    text = _YEARS_OF_LIFE.sub("", _ROLE.sub("", text.lstrip("@")))
    text = _OUTER_AND.sub("", text)
    if not text:
        return None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and all(parts) and not (len(parts[0].split()) > 2 and _ORGANISATION.search(parts[0])):
        if len(parts) == 2 and " " in parts[0] and _ROLE.fullmatch(f"({parts[1]})"):
            return read_name(parts[0])  # "Ruth Ben, Ed."
        if len(parts) == 2 and is_suffix(parts[1]):
            person = read_name(parts[0])
            return None if person is None else Name(person.family, person.given, parts[1], person.literal)
        return family_first(parts[0], *parts[1:])
    if len(parts) > 1:
        return Name(text, literal=True)
    words = text.split()
    if len(words) == 1:
        return Name(text)
    if _ORGANISATION.search(text) or not any(word[0].isalpha() for word in words):
        return Name(text, literal=True)
    suffix = ""
    if len(words) > 2 and is_suffix(words[-1]):
        suffix = words.pop()
    if _UPPER_INITIALS.fullmatch(words[-1]) and not _INITIALS.fullmatch(words[0]) and len(words) <= 4 and not suffix:
        return Name(" ".join(words[:-1]), words[-1], suffix)
    first = len(words) - 1
    for place in range(1, len(words) - 1):
        if words[place].islower() and words[place].casefold().strip("'’") in PARTICLES | {"von", "'t", "d'"}:
            first = place
            break
    if words[0].islower() and words[0] in PARTICLES and len(words) <= 4:
        first = 0
    return Name(" ".join(words[first:]), " ".join(words[:first]), suffix)


def is_suffix(word: str) -> bool:
    """Say whether a word is a suffix of family names: "Jr.", "III"."""
    return word.rstrip(".").casefold() in SUFFIXES


def family_first(family: str, *others: str) -> Name:
    """Return the person whose family name stands before a comma; of the `others`, the first suffix is no given name.

    >>> family_first("King", "Jr.", "Martin"), family_first("Orr", "Ann", "Bo")
    (Name(family='King', given='Martin', suffix='Jr.', literal=False), Name(family='Orr', given='Ann Bo', suffix='', \
literal=False))
    """
    at = next((number for number, part in enumerate(others) if is_suffix(part)), None)
    given = " ".join(part for number, part in enumerate(others) if number != at and part)
    return Name(family, given, "" if at is None else others[at])


def read_names(written: str) -> tuple[tuple[Name, ...], bool]:
    """Return the people in one string, in order, and whether "et al." follows.

    Lists separated by semicolons; by "and", "&" and commas ("A. One, B. Two and C. Three"); "Last, First" pairs ("One,
    A., Two, B."); family names alone ("One, Two, and Three"). One comma between one word and a name is "Last, First".

    >>> [name.family for name in read_names("A. One, B. Two and C. Three")[0]]
    ['One', 'Two', 'Three']
    >>> [name.family for name in read_names("One, A., and Two, B. et al.")[0]]
    ['One', 'Two']
    """
    text = _ROLE.sub("", _MARKDOWN_LINK.sub(r"\1", " ".join(written[:20_000].split())))
    shorter = _ET_AL.sub("", text)
    others = shorter != text
    names = (read_name(part) for part in _split(shorter))
    return tuple(name for name in names if name is not None), others


def _split(text: str) -> list[str]:
    if ";" in text or "；" in text:
        return re.split(r"\s*[;；]\s*", text)
    links = _WIKILINK.findall(text)
    if len(links) > 1 and not re.search(r"[^\W\d_]{2,}", _AND.sub(" ", _WIKILINK.sub(" ", text))):
        return [label or f"[[{target}]]" for target, label in links]
    chunks = [chunk for chunk in _AND.split(text) if chunk]
    if len(chunks) > 1 and _ORGANISATION.search(text) and "," not in text and not _people(chunks):
        # "Department of Food and Agriculture" is one body.
        return [text]
    if len(chunks) > 1 and all(_is_inverted(pair) for chunk in chunks for pair in _pairs(chunk)):
        return [pair for chunk in chunks for pair in _pairs(chunk)]
    people: list[str] = []
    for chunk in chunks:
        people += _split_commas(chunk)
    return people


def _people(chunks: list[str]) -> bool:
    """Say whether all of the chunks look like persons: two to four words, none an organisation's."""
    return all(2 <= len(chunk.split()) <= 4 and not _ORGANISATION.search(chunk) for chunk in chunks)


def _pairs(text: str) -> list[str]:
    """Return "Last, First" pairs; an odd part is a name by itself."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [", ".join(parts[place : place + 2]) for place in range(0, len(parts), 2)]


def _is_inverted(text: str) -> bool:
    """Say whether a text can be one inverted name: "Last, First"."""
    family, comma, given = text.partition(",")
    words = family.split()
    return bool(comma) and 0 < len(words) <= 3 and 0 < len(given.split()) <= 4 and not words[0].endswith(".")


def _split_commas(text: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"[,，]", text) if part.strip()]
    if len(parts) < 2:
        return parts
    joined: list[str] = []
    for part in parts:
        # "Last, Jr." belongs to the name before it.
        if joined and part.rstrip(".").casefold() in SUFFIXES:
            joined[-1] += ", " + part
        else:
            joined.append(part)
    parts = joined
    if (
        len(parts) % 2 == 0
        and all(_INITIALS.fullmatch(part) for part in parts[1::2])
        and not any(_INITIALS.fullmatch(part) for part in parts[::2])
    ):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and _is_one_person(parts[0], parts[1]):
        return [f"{parts[0]}, {parts[1]}"]
    return parts


def _is_one_person(family: str, given: str) -> bool:
    """Say whether "family, given" is one inverted name rather than two names."""
    words = family.split()
    alone = len(words) == 1 or all(word.casefold() in PARTICLES for word in words[:-1])
    return alone and len(given.split()) <= 3 and not _ORGANISATION.search(given)


def _shown(match: re.Match[str]) -> str:
    return match.group(2) or match.group(1).rpartition("/")[2]


def _named_by_file(parts: list[str]) -> Name:
    """Return the person after whom a file is named: `granovetter-mark-s` is Granovetter, Mark S.

    Without an initial at its end it is unknown whether the family or the given name comes first. Then both are the
    family name, any part of which may be cited.
    """
    return Name(" ".join(parts)) if len(parts[-1]) > 1 else Name(parts[0], " ".join(parts[1:]))
