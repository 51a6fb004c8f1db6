"""What a name points to: one target, none or several. Wikilinks and citations get the same kind of answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Reason(StrEnum):
    """Why a link, or the anchor in it, leads nowhere. Each has its own repair, or its own silence."""

    NO_SUCH_PAGE = "no-such-page"
    ALIAS_ONLY = "alias-only"
    """A page bears the name as an alias, which this engine does not follow; `near` names the page."""
    TITLE_ONLY = "title-only"
    """A page bears the name as its title, which this engine does not follow; `near` names the page."""
    CASE_DIFFERS = "case-differs"
    """Only upper and lower case differ, and this engine minds."""
    SPACE_OR_DASH = "space-or-dash"
    """Only blanks, dashes and underscores differ; `near` names the page."""
    WRONG_FOLDER = "wrong-folder"
    """The file is elsewhere; `near` gives its path."""
    PERCENT_ENCODED = "percent-encoded"
    """`[[a%20b]]`: wikilinks are not decoded; `near` is the decoded name, which exists."""
    ASSET_MISSING = "asset-missing"
    """An image or another attachment that is not there."""
    PLACEHOLDER = "placeholder"
    """`[[...]]`, `[[<slug>]]`: stands for a link in a template or in a page about links."""
    CUT_BY_TABLE = "cut-by-table"
    """The bar of the link ends the cell of a table, so that there is no link."""
    UNWRITTEN = "unwritten"
    """The engine shows a page for every name, and this one has no file yet: no mistake."""
    LOOKS_REVERSED = "looks-reversed"
    """The label names a page, the target does not; `near` is the label."""
    DEAD_DEFINITION = "dead-definition"
    """The page's own reference definition of the name counts, and leads nowhere; `near` is its destination."""
    NOT_LINKABLE = "not-linkable"
    """The file is there, but no wikilink of this engine can name it; `near` is its path."""
    OTHER_WIKI = "other-wiki"
    """The link names a vault that is not here, so nothing is known of its page, and nothing should be reported."""
    OUTSIDE_ROOT = "outside-root"
    """The path climbs out of the wiki."""
    WEB_ADDRESS = "web-address"
    """`[[https://…]]`: an address, never a page."""
    NO_SUCH_HEADING = "no-such-heading"
    NO_SUCH_BLOCK = "no-such-block"
    SLUG_ANCHOR = "slug-anchor"
    """The anchor is a heading's slug (or identifier), but this engine compares heading text; `near` is that text."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The one thing that is meant; `how` says which evidence decided, in words that fit after "matched by"."""

    target: T
    how: str


class Missing(Generic[T]):
    """Nothing fits. `why` is a kebab-case reason (data, not prose); `near` are names to suggest, best first.

    `near` may be given as a function: it is then called once, when somebody asks, because looking for near names is
    the one dear step of resolving and most callers only want to know whether a target exists.
    """

    __match_args__ = ("near", "why")
    __slots__ = ("_near", "why")

    def __init__(self, near: tuple[str, ...] | Callable[[], tuple[str, ...]] = (), why: str = "no-such-target") -> None:
        self._near = near
        self.why = why

    @property
    def near(self) -> tuple[str, ...]:
        """Names to suggest, best first."""
        if not isinstance(self._near, tuple):
            self._near = self._near()
        return self._near

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Missing) and (self.why, self.near) == (other.why, other.near)

    def __hash__(self) -> int:
        return hash((Missing, self.why))

    def __repr__(self) -> str:
        return f"Missing(near={self.near!r}, why={str(self.why)!r})"


@dataclass(frozen=True, slots=True)
class Ambiguous(Generic[T]):
    """Several fit equally well; `candidates` are all of them, in an order that does not depend on file order."""

    candidates: tuple[T, ...]
    why: str = "several-fit"
    first_wins: bool = False
    """Whether the engine's own order puts the first before all others beyond doubt: no tie, nothing left to chance."""


Resolution = Found[T] | Missing[T] | Ambiguous[T]


def plain_names(known: Iterable[str]) -> Mapping[str, str]:
    """Return what `nearest` compares for each of `known`; worth keeping when many names are looked up in one set."""
    return {name: plain_name(name) for name in sorted(set(known))}


def nearest(
    wanted: str, known: Iterable[str] | Mapping[str, str], *, limit: int = 3, cutoff: float = 80.0
) -> tuple[str, ...]:
    """Return up to `limit` of `known` that look like `wanted`, best first, ties in alphabetical order.

    Nearness is rapidfuzz's `ratio` (normalised indel similarity, 0 to 100) over case-folded text with `-` and `_` read
    as blanks. A mapping is taken as names with their folded text (see `plain_names`), in alphabetical order.

    >>> nearest("Inner Alignmnt", ["Inner alignment", "Outer alignment", "Scheming"])
    ('Inner alignment',)
    """
    if len(wanted) > LONGEST_NAME:
        return ()
    names = known if isinstance(known, Mapping) else plain_names(known)
    return nearest_of(wanted, list(names), list(names.values()), limit=limit, cutoff=cutoff)


def nearest_of(
    wanted: str, names: Sequence[str], plain: Sequence[str], *, limit: int = 3, cutoff: float = 80.0
) -> tuple[str, ...]:
    """Return the same of `names`, in any order, with `plain`, their folded text."""
    from rapidfuzz import fuzz, process

    scorer: Callable[..., float] = fuzz.ratio
    found = process.extract(plain_name(wanted), plain, scorer=scorer, processor=None, limit=limit, score_cutoff=cutoff)
    ranked = sorted((-score, names[number]) for _plain, score, number in found)
    return tuple(name for _score, name in ranked)


# No file system takes longer names, and a hostile link may be megabytes long.
LONGEST_NAME = 1024


def plain_name(name: str) -> str:
    """Return a name as `nearest` compares it."""
    return name.casefold().replace("-", " ").replace("_", " ")
