"""Finds out what the entries of a bibliography have in common: order of fields and entries, and form of names."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, pairwise
from operator import ge, le
from typing import TYPE_CHECKING, TypeVar

from wikitools.sources.names import Name, folded, words
from wikitools.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from wikitools.sources.source import Source

Habit = TypeVar("Habit", bound="Hashable")


def most(found: Iterable[Habit], otherwise: Habit) -> Habit:
    """Return the most frequent value, the first of equally frequent ones; `otherwise` if there is none."""
    counted = Counter(found).most_common(1)
    return counted[0][0] if counted else otherwise


def ordered(names: Iterable[str], seen: Sequence[Sequence[str]], usual: Sequence[str]) -> list[str]:
    """Return the names of fields in the order that entries have; new ones come after all that usually precede them.

    >>> ordered(["doi", "title", "year"], [["year", "title"], ["year", "title"]], ["title", "year", "doi"])
    ['year', 'title', 'doi']
    """
    ahead: Counter[tuple[str, str]] = Counter()
    wanted = sorted(dict.fromkeys(names), key=lambda name: usual.index(name) if name in usual else len(usual))
    for entry in seen:
        ahead.update(combinations([name for name in entry if name in wanted], 2))
    found: list[str] = []
    for name in wanted:
        # Where fewest entries contradict; the last of such places.
        costs = [
            sum(ahead[name, each] for each in found[:place]) + sum(ahead[each, name] for each in found[place:])
            for place in range(len(found) + 1)
        ]
        found.insert(len(costs) - 1 - costs[::-1].index(min(costs)), name)
    return found


def placed(name: str, names: Sequence[str], seen: Iterable[Sequence[str]], usual: Sequence[str]) -> int:
    """Return the index at which a new field goes among those that an entry has, in their order.

    Entries with this field are the models; where there are none, the `usual` order is. In doubt it goes further down.

    >>> placed("doi", ["title", "year", "url"], [["title", "year", "doi"], ["doi", "url"]], [])
    2
    """
    models = [list(each) for each in seen if name in each] or [list(usual)]
    early = Counter(each for model in models for each in model[: model.index(name)])
    late = Counter(each for model in models for each in model[model.index(name) + 1 :])
    costs = [
        sum(late[each] for each in names[:at]) + sum(early[each] for each in names[at:]) for at in range(len(names) + 1)
    ]
    return len(names) - costs[::-1].index(min(costs))


def position(sources: Sequence[Source], new: Source) -> int:
    """Return the index of the source before which a new one goes: in order if nearly all are, else at the end."""
    if len(sources) < _FEWEST:
        return len(sources)
    for order in _ORDERS:
        keys = [order(source) for source in sources]
        known = [key for key in keys if key is not None]
        wanted = order(new)
        if wanted is None or len(known) < _IN_ORDER * len(sources) or len(set(known)) < len(known) / 2:
            continue
        for is_before in (le, ge):
            if sum(is_before(one, other) for one, other in pairwise(known)) >= _IN_ORDER * (len(known) - 1):
                later = (at for at, key in enumerate(keys) if key is not None and not is_before(key, wanted))
                return next(later, len(sources))
    return len(sources)


_FEWEST = 4
_IN_ORDER = 0.95


def _by_key(source: Source) -> tuple[str, ...] | None:
    return (source.key.casefold(),)


def _by_author(source: Source) -> tuple[str, ...] | None:
    first = folded(source.names[0]).core if source.names else words(source.title)[:1]
    return (" ".join(first), next(iter(source.years), "")) if first else None


def _by_year(source: Source) -> tuple[str, ...] | None:
    year = next((year for year in source.years if year.isdigit()), None)
    return None if year is None else (year,)


_ORDERS: tuple[Callable[[Source], tuple[str, ...] | None], ...] = (_by_key, _by_author, _by_year)


def line_end(text: str) -> str:
    """Return the line end of a file."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def insert_block(  # noqa: PLR0917  # a file, a place in it, and what goes there
    path: str, text: str, sources: Sequence[Source], place: int, block: str, gap: str
) -> Edit:
    """Return the edit that puts some lines before the source at `place`; `gap` is what stands between two entries.

    What follows the entry before on its line (a comment) stays with it, and so do comments above the next one.
    """
    eol = line_end(text)
    block, gap = block.replace("\n", eol), gap.replace("\n", eol)
    if not sources:
        # The first line end of the gap ends the line before, where that has none.
        begin = gap.removeprefix(eol) if text.endswith("\n") else gap
        begin = "" if not text.strip("\ufeff") or text.endswith("\n\n") else begin
        return Edit(Span(path, len(text), len(text)), f"{begin}{block}{eol}")
    if place == 0:
        start = sources[0].span.start
        return Edit(Span(path, start, start), f"{block}{gap}")
    end = sources[place - 1].span.end
    rest = text[end : text.find("\n", end)] if "\n" in text[end:] else text[end:]
    if not rest.strip() or rest.lstrip()[0] in "%,":
        end += len(rest.rstrip())
    return Edit(Span(path, end, end), f"{gap}{block}")


# Names


_INITIALS = re.compile(r"[^\W\d_]\.?(?:[\s-]*[^\W\d_]\.)*|[^\W\d_](?:[\s-]+[^\W\d_]\.?)*|[A-Z]{1,3}")


_HYPHENED = re.compile(r"-\s*\w\.?")


class NameHabits:
    """How a bibliography writes people: given names in full or as initials, and how many of many."""

    def __init__(self, sources: Sequence[Source]) -> None:
        given = [name.given for source in sources for name in source.names if name.given]
        short = [each for each in given if _is_initials(each)]
        self.initials = len(given) >= _FEWEST_NAMES and len(short) > _MOST_OF * len(given)
        """Given names are initials."""
        self.stops = most((each.rstrip().endswith(".") for each in short), True)
        """Initials have full stops."""
        several = (each.strip() for each in short if sum(map(str.isalpha, _HYPHENED.sub("", each))) > 1)
        self.joined = most((" " not in each for each in several), False)
        """Initials stand together: `J.M.`"""
        cut = [len(source.names) for source in sources if source.fields.get("others")]
        longest = max((len(source.names) for source in sources if not source.fields.get("others")), default=0)
        usual = most(cut, 0)
        self.cut = usual if len(cut) > 1 and usual > 1 and longest <= usual + 1 else 0
        """After so many names it says "and others"; 0: it names all."""

    def shown(self, names: Sequence[Name]) -> tuple[tuple[Name, ...], bool]:
        """Return the names as they are written here, and whether more follow."""
        more = bool(self.cut) and len(names) > self.cut
        return tuple(map(self._short, names[: self.cut] if more else names)), more

    def _short(self, name: Name) -> Name:
        if not self.initials or not name.given:
            return name
        stop = "." if self.stops else ""
        parts = ["-".join(_initial(piece, stop) for piece in part.split("-") if piece) for part in name.given.split()]
        return Name(name.family, ("" if self.joined else " ").join(parts), name.suffix, name.literal)


_MOST_OF = 0.7
_FEWEST_NAMES = 3


def _initial(given: str, stop: str) -> str:
    """Return the initial of one given name, those of a run of them ("AJ", "J.M.")."""
    letters = given.replace(".", "")
    together = letters if letters.isupper() and len(letters) <= 3 else letters[:1]
    return "".join(f"{letter}{stop}" for letter in together)


def _is_initials(given: str) -> bool:
    return _INITIALS.fullmatch(given.strip()) is not None
