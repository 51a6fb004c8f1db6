"""Renders one source in the block: escaped Markdown, from a template with a fixed set of fields.

Values from a bibliography are text, not markup: a title may contain brackets, pipes, backticks, line breaks, comment
marks or one of our markers, and a reader must see exactly these characters. Escaping follows CommonMark
0.31 (§2.4 backslash escapes, §6.3 link destinations) and covers the additions of GFM, Obsidian and Pandoc.
"""

from __future__ import annotations

import re
import string
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from wikitools.wiki.resolution import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wikitools.sources.source import Source

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "link": "the title, linked to the source's address, else to its note",
        "by": "authors and year after a comma, if another entry has the same title, or with `authors`",
        "title": "the title; without one, authors and year, else the key",
        "url": "the address: URL, else DOI or arXiv id as an https address; empty without any",
        "authors": 'family names: up to three, else the first and "et al."',
        "year": "the main year with its letter",
        "key": "the citation key",
        "doi": "the bare DOI",
        "arxiv": "the bare arXiv id",
        "kind": 'the CSL type: "article-journal", "book" …',
        "reference": "the whole reference, as the CSL style writes it; only with `style`",
        "referenced_as": "the distinct ways in which the page refers to the source",
    }
)
"""The fields in braces of an entry template. If a source lacks a value, the field is ""."""


DOI_FORM = "its DOI"
"""How a page refers to a source of which it gives only the DOI."""


class TemplateError(ValueError):
    """An entry template is not usable; the message says why and names the available fields."""


# str.split squeezes white space. These other characters must not be in a line of a page: control characters, lone
# surrogates (which UTF-8 cannot encode), byte order marks, and bidi overrides, which reorder the text after them.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Always special somewhere: escapes, code, emphasis, links, HTML, tables, math, strikethrough, superscript and block
# ids, attributes and shortcodes, Pandoc's citations and e-mail addresses. Underscores within words are not.
_SPECIAL = re.compile(r"[\\`*\[\]<>|$~^{}@]|(?<![^\W_])_+|_+(?![^\W_])")
# Special only next to other characters: tags, entities, bare URLs, Obsidian's highlights and comments.
_COMPANY = re.compile(
    r"(?:(?<=\s)|^)#"
    r"|&(?=#?\w{1,32};)"
    r"|:(?=//)"
    r"|(?<=\b[wW][wW][wW])\."
    r"|=(?==)|(?<==)="
    r"|%(?=%)|(?<=%)%"
    r"|!(?=--)"  # an escaped "<" suffices for CommonMark, but not for scripts that look for "<!--"
)
_BLOCK_START = re.compile(r"(?:\d{1,9}(?=[.)](?:\s|$))|(?=[-+=#:]))")
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)")
_INLINE_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\([^()\s]{0,2000}\)")


def squeeze(text: str) -> str:
    r"""Return `text` on one line: all white space as single spaces, without characters that no line should contain.

    >>> squeeze(" Risks\r\n  from\tLearning ")
    'Risks from Learning'
    """
    return " ".join(_INVISIBLE.sub("", text).split())


def escape(text: str) -> str:
    r"""Return Markdown that renders as exactly `text` (squeezed) and contains no markup, link, tag or comment.

    >>> escape("On [x] | and `y` -->")
    'On \\[x\\] \\| and \\`y\\` --\\>'
    >>> escape("snake_case and __init__")
    'snake_case and \\_\\_init\\_\\_'
    """
    return _COMPANY.sub(r"\\\g<0>", _SPECIAL.sub(lambda match: "\\" + "\\".join(match[0]), squeeze(text)))


def code_span(text: str) -> str:
    """Return `text` (squeezed) as a code span, with more backticks around it than it has in a row (CommonMark §6.1).

    >>> code_span("[[slug]]")
    '`[[slug]]`'
    """
    line = squeeze(text)
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def readable(text: str) -> str:
    """Return citation text as a reader sees it: without emphasis marks and the addresses of inline links.

    >>> readable("[Hubinger *et al.*, 2019](https://arxiv.org/abs/1906.01820)")
    'Hubinger et al., 2019'
    """
    return squeeze(_EMPHASIS.sub("", _INLINE_LINK.sub(r"\1", text)))


def address_of(source: Source) -> str:
    """Return the web address of a source: its URL, else its DOI's or arXiv id's; "" if it has none.

    Only `http`, `https` and `ftp` addresses count: readers of a page cannot use a file path or a script.

    >>> from wikitools.sources.source import Source
    >>> from wikitools.text import Span
    >>> address_of(Source(Span("r.bib", 0, 1), "h19", arxiv="1906.01820"))
    'https://arxiv.org/abs/1906.01820'
    """
    url = _INVISIBLE.sub("", source.url).strip()
    lowered = url.lower()
    if lowered.startswith(("https://", "http://", "ftp://")) and len(url) > lowered.index("//") + 2:
        return url
    if lowered.startswith("//"):
        return "https:" + url
    if lowered.startswith("www."):
        return "https://" + url
    doi = source.doi.strip()
    if not doi and lowered.startswith("doi:"):
        doi = url[len("doi:") :].strip()
    if not doi and lowered.startswith("10.") and "/" in lowered:
        doi = url
    if doi:
        return "https://doi.org/" + quote(doi, safe="/:;().,-_~", errors="replace")
    if source.arxiv.strip():
        return "https://arxiv.org/abs/" + quote(source.arxiv.strip(), safe="/.-", errors="replace")
    return ""


_PERCENT_ALONE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNSAFE_IN_URL = re.compile(r"[\s\x00-\x1f\x7f<>\"\\`|^{}*\[\]]")
_NUMERIC_HOST = re.compile(r"[A-Za-z]{3,5}://\[[0-9A-Fa-f:.]{2,60}\](?=[:/?#]|$)")  # the brackets of IPv6 must stay
_ENTITY = re.compile(r"&(?=#?\w{1,32};)")


def safe_url(url: str) -> str:
    r"""Return `url` with everything percent-encoded that could end a link destination or start other markup.

    Parentheses stay: `destination` puts an address that has them in angle brackets.

    >>> safe_url("https://example.org/a b`c")
    'https://example.org/a%20b%60c'
    """
    encoded = _PERCENT_ALONE.sub("%25", _INVISIBLE.sub("", url).strip())
    host = _NUMERIC_HOST.match(encoded)
    kept = host[0] if host is not None else ""
    rest = _UNSAFE_IN_URL.sub(lambda match: quote(match[0], safe="", errors="replace"), encoded[len(kept) :])
    return kept + _ENTITY.sub("&amp;", rest)


def destination(url: str) -> str:
    """Return `url` in a form that is valid between the parentheses of `[text](…)`.

    >>> destination("https://example.org/Risk_(statistics)")
    '<https://example.org/Risk_(statistics)>'
    """
    safe = safe_url(url)
    return f"<{safe}>" if "(" in safe or ")" in safe else safe


def note_address(path: str) -> str:
    """Return the address of a page by its relative path, "" for "".

    >>> note_address("../notes/50% #1?.md"), note_address("a: b.md")
    ('../notes/50%25 %231%3F.md', './a: b.md')
    """
    encoded = path.replace("%", "%25").replace("#", "%23").replace("?", "%3F")
    return f"./{encoded}" if ":" in encoded.partition("/")[0] else encoded


def authors_of(source: Source) -> str:
    """Return the family names of a source: up to three, else the first and "et al."."""
    families = [squeeze(name.family) for name in source.names if squeeze(name.family)]
    if len(families) > 3:
        return f"{families[0]} et al."
    return ", ".join([*families[:-2], " and ".join(families[-2:])]) if families else ""


def year_of(source: Source) -> str:
    """Return the main year of a source with its letter; "" if it has none."""
    return squeeze(source.years[0] + source.suffix) if source.years else ""


def title_of(source: Source) -> str:
    """Return the name of a source: its title, else its first alias, else authors and year, else its key."""
    named = squeeze(source.title) or next((squeeze(alias) for alias in source.aliases if squeeze(alias)), "")
    return named or squeeze(f"{authors_of(source)} {year_of(source)}") or squeeze(source.key) or "untitled"


def fields_of(template: str) -> frozenset[str]:
    """Return the names of the fields in a template that `check_template` accepts."""
    return frozenset(name for _literal, name, _form, _how in string.Formatter().parse(template) if name)


def check_template(template: str, fields: Mapping[str, str] = FIELDS, *, called: str = 'the entry "template"') -> None:
    """Raise `TemplateError` unless `template` is one line of text with these fields in braces.

    A literal brace is written twice, as in `str.format`; conversions and format specifications are not supported.
    """
    if squeeze(template) != template.strip() or not template.strip():
        raise TemplateError(f"{called} must be one line of text")
    if "<!--" in template or "-->" in template or template.lstrip().startswith(("```", "~~~")):
        raise TemplateError(f"{called} must hold no comment and open no code block")
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        raise TemplateError(f"{called} is not well formed: {error}") from error
    for _literal, name, specification, conversion in pieces:
        if name is None:
            continue
        if specification or conversion:
            raise TemplateError(f'{called} takes plain fields: write "{{{name}}}" without "!" and ":"')
        if name not in fields:
            guess = "".join(f'; did you mean "{near}"?' for near in nearest(name, tuple(fields), limit=1, cutoff=60))
            raise TemplateError(f'{called} has no field "{name}"{guess} (fields: {", ".join(sorted(fields))})')


def format_entry(
    source: Source, referenced_as: str, template: str, reference: str = "", *, note: str = "", by: bool = False
) -> str:
    """Return the line of one source, without its bullet. `referenced_as` and `reference` are Markdown already.

    `note` is the path by which the page links to the source's note, `by` whether authors and year are wanted.

    Raises `TemplateError` for a template that `check_template` refuses.
    """
    check_template(template)
    title, address = escape(title_of(source)), address_of(source)
    target = address or note_address(note)
    link = f"[{title}]({destination(target)})" if target else title
    # Without a title, these are the title.
    by_whom = squeeze(f"{authors_of(source)} {year_of(source)}") if by and squeeze(source.title) else ""
    line = template.format(
        link=link,
        by=f", {escape(by_whom)}" if by_whom else "",
        title=title,
        url=safe_url(address).replace("(", "%28").replace(")", "%29"),
        authors=escape(authors_of(source)),
        year=escape(year_of(source)),
        key=escape(source.key),
        doi=escape(source.doi),
        arxiv=escape(source.arxiv),
        kind=escape(source.kind),
        reference=reference,
        referenced_as=referenced_as,
    ).strip()
    # "- 1984. A novel" would open a list inside the entry, "- # x" a heading.
    return _BLOCK_START.sub(r"\g<0>\\", line or link, count=1) if _BLOCK_START.match(line or link) else line or link
