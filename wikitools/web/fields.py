"""Reading answers that may hold anything: each value is what was expected, or empty, and titles are plain text."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wikitools.web.answer import Received


class UnreadableError(ValueError):
    """An answer is not in the form of its service; the message is a phrase."""


def read_json(answer: Received) -> Any:
    """Return the content of an answer. Raises `UnreadableError` if it is not JSON, such as a page of a proxy."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower() or "something"
        found = "something else" if kind == "application/json" else kind[:40]
        raise UnreadableError(f"{found if answer.body.strip() else 'nothing'} instead of JSON") from error


def table(value: Any) -> dict[str, Any]:
    """Return an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list; an empty list for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    r"""Return a text or number as one line of characters that can be seen, or join those that can; "" for others.

    >>> text("Ends\n\x1b[31min \ud800\u202e")
    'Ends [31min '
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return _UNSEEN.sub("", " ".join(str(value).split()))


_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
"""What makes a text look different from what it is: control characters, marks of direction (Unicode UAX #9), hidden
breaks, tags; and halves of characters, which JSON can hold and UTF-8 cannot. Joiners belong to some scripts."""


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts in a list; an empty list for anything else."""
    return tuple(found for each in value if (found := text(each))) if isinstance(value, list) else ()


def first(values: Iterable[str]) -> str:
    """Return the first text that is not empty, or ""."""
    return next((each for each in values if each), "")


_TAG = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|scp?|sc|span|u|tt|p|br|title|(?:jats|mml):[\w-]+|inline-formula|tex-math)"
    r"(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)


def plain(value: Any) -> str:
    r"""Return a title or name without the markup, in HTML or TeX, that publishers and authors leave in it.

    >>> plain("The <i>Arabidopsis</i> genome &amp;amp; H<sub>2</sub>O\n  in 3 < 4")
    'The Arabidopsis genome & H2O in 3 < 4'
    >>> plain(r"The \textit{lac} operon & $\alpha$-helices"), plain("From $100 to $200")
    ('The lac operon & α-helices', 'From $100 to $200')
    """
    found = text(value)
    for _each in range(2):
        # Some is escaped twice.
        found = html.unescape(found) if "&" in found else found
    found = _TAG.sub("", found)
    return text(_without_tex(found) if _TEX.search(found) else found).strip()


_TEX = re.compile(r"\\[^\W\d_]|\\[\"'`^~=.{&%#_$]|\$[^$]*[\\^_][^$]*\$")
_NO_TEX = re.compile(r"(?<!\\)[&%#]")
"""Signs that have a meaning in TeX, and none in titles."""


def _without_tex(title: str) -> str:
    from wikitools.sources.readers.latex import to_unicode

    found = to_unicode(_NO_TEX.sub(r"\\\g<0>", title))
    return re.sub(r"[\\{}]+", " ", found if found.strip() else title)


def titled(title: str, subtitle: str) -> str:
    """Return a title with its subtitle, unless the title already contains it."""
    if not subtitle or subtitle.casefold() in title.casefold():
        return title
    if not title:
        return subtitle
    return f"{title} {subtitle}" if title[-1] in ".:?!…" else f"{title}: {subtitle}"


def date_parts(value: Any) -> tuple[int, ...]:
    """Return year, month and day of `{"date-parts": [[2019, 6, 5]]}`, as far as they are there."""
    parts = table(value).get("date-parts")
    inner = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    return valid_date(inner)


def valid_date(parts: Iterable[Any]) -> tuple[int, ...]:
    """Return year, month and day up to the first that cannot be one.

    >>> valid_date(["2019", 13]), valid_date([None]), valid_date([2020, 2, 3, 4])
    ((2019,), (), (2020, 2, 3))
    """
    found: list[int] = []
    for part, (least, most) in zip(parts, ((1000, 2999), (1, 12), (1, 31)), strict=False):
        written = text(part)
        if not (written.isascii() and written.isdigit() and len(written) <= 4 and least <= int(written) <= most):
            break
        found.append(int(written))
    return tuple(found)


def years_in(*dates: tuple[int, ...]) -> tuple[str, ...]:
    """Return the years of dates, each once."""
    return tuple(dict.fromkeys(str(date[0]) for date in dates if date))
