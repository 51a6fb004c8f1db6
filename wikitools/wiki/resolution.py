"""What a name points to: one target, none or several. Wikilinks and citations get the same kind of answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

from wikitools.records import dataclass

T = TypeVar("T")


class Reason(StrEnum):
    """Why a link, or the anchor in it, leads nowhere. Each reason has its own repair, or is not reported at all."""

    NO_SUCH_PAGE = "no-such-page"
    ALIAS_ONLY = "alias-only"
    """The name is an alias of a page, which this engine does not follow; `near` names the page."""
    TITLE_ONLY = "title-only"
    """The name is the title of a page, which this engine does not follow; `near` names the page."""
    CASE_DIFFERS = "case-differs"
    """Only case differs, and this engine is case-sensitive."""
    SPACE_OR_DASH = "space-or-dash"
    """Only blanks, dashes and underscores differ; `near` names the page."""
    WRONG_FOLDER = "wrong-folder"
    """The file is in another folder; `near` is its path."""
    PERCENT_ENCODED = "percent-encoded"
    """`[[a%20b]]`: wikilinks are not decoded; `near` is the decoded name, which exists."""
    ASSET_MISSING = "asset-missing"
    """An image or another attachment that is not there."""
    PLACEHOLDER = "placeholder"
    """`[[...]]`, `[[<slug>]]`: a placeholder, in a template or on a page about links."""
    CUT_BY_TABLE = "cut-by-table"
    """The bar in the link ends a table cell, so there is no link."""
    UNWRITTEN = "unwritten"
    """The engine shows a page for every name, and this one has no file yet. That is not a mistake."""
    LOOKS_REVERSED = "looks-reversed"
    """The label names a page, but the target does not; `near` is the label."""
    DEAD_DEFINITION = "dead-definition"
    """The page's reference definition of the name decides, and leads nowhere; `near` is its destination."""
    NOT_LINKABLE = "not-linkable"
    """The file exists, but no wikilink of this engine can name it; `near` is its path."""
    OTHER_WIKI = "other-wiki"
    """The link names a vault that is not here, so nothing is known about its page and nothing is reported."""
    OUTSIDE_ROOT = "outside-root"
    """The path leads out of the wiki."""
    WEB_ADDRESS = "web-address"
    """`[[https://…]]`: an address, never a page."""
    NO_SUCH_HEADING = "no-such-heading"
    NO_SUCH_BLOCK = "no-such-block"
    INSERTED_TEXT = "inserted-text"
    """No heading in the page's file, but another program inserts text there, and that may have it."""
    SLUG_ANCHOR = "slug-anchor"
    """The anchor is a heading's slug (or identifier), but this engine compares heading text; `near` is that text."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The one target that is meant; `how` says which evidence decided, in words that fit after "matched by"."""

    target: T
    how: str


class Missing(Generic[T]):
    """Nothing fits. `why` is a kebab-case reason (data, not prose); `near` are names to suggest, best first.

    `near` may be given as a function, which is called once, when it is needed: finding similar names is the only
    expensive step of resolving, and most callers only want to know whether a target exists.
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
    """Several targets fit equally well.

    `candidates` are all of them, in an order that does not depend on file order.
    """

    candidates: tuple[T, ...]
    why: str = "several-fit"
    first_wins: bool = False
    """Whether the engine certainly opens the first candidate: there is no tie that chance would decide."""


Resolution = Found[T] | Missing[T] | Ambiguous[T]


def plain_names(known: Iterable[str]) -> Mapping[str, str]:
    """Return the text that `nearest` compares for each of `known`; keep it if many names are looked up in one set."""
    return {name: plain_name(name) for name in sorted(set(known))}


def nearest(
    wanted: str, known: Iterable[str] | Mapping[str, str], *, limit: int = 3, cutoff: float = 80.0
) -> tuple[str, ...]:
    """Return up to `limit` of `known` that look like `wanted`, best first, ties in alphabetical order.

    Similarity is rapidfuzz's `ratio` (normalised indel similarity, 0 to 100) of the case-folded texts with `-` and `_`
    as blanks. A mapping holds names with their folded text (see `plain_names`), in alphabetical order.

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
    """Return the same for `names`, in any order, with `plain`, their folded text."""
    from rapidfuzz import fuzz, process

    scorer: Callable[..., float] = fuzz.ratio
    found = process.extract(plain_name(wanted), plain, scorer=scorer, processor=None, limit=limit, score_cutoff=cutoff)
    ranked = sorted((-score, names[number]) for _plain, score, number in found)
    return tuple(name for _score, name in ranked)


# No file system allows longer names, and a hostile link may be megabytes long.
LONGEST_NAME = 1024


def plain_name(name: str) -> str:
    """Return a name as `nearest` compares it."""
    return name.casefold().replace("-", " ").replace("_", " ")
