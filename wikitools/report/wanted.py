"""To-do lists for editors: citations without one certain source, grouped by the source that they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wikitools.report.ansi import Style
from wikitools.report.screen import fold, visible, whole
from wikitools.report.summary import count
from wikitools.sources.identifiers import url_key
from wikitools.sources.names import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wikitools.report.citations import Row


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source that pages cite and that the bibliography lacks, or has several times."""

    label: str
    """As a citation would name it: "Ngo et al. 2022"."""
    rows: tuple[Row, ...]
    """Its citations, in order of page and place; they have the same status."""
    also: tuple[str, ...] = ()
    """Further labels: "Ngo, Chan & Mindermann 2022"."""

    @property
    def first(self) -> Row:
        """The first of the citations."""
        return self.rows[0]

    @property
    def address(self) -> str:
        """The identifier or URL of the work, as a page has it; "" where none has one."""
        return next((row.address for row in self.rows if row.status == "unmatched" and row.address), "")

    @property
    def pages(self) -> int:
        """On how many pages it is cited."""
        return len({row.path for row in self.rows})

    @property
    def near(self) -> tuple[str, ...]:
        """What may be meant: the candidates, or similar names."""
        found = (name for row in self.rows for name in (row.keys or row.near))
        return tuple(dict.fromkeys(found))[:_MOST_NEAR]


_MOST_NEAR = 5


def group(rows: Iterable[Row]) -> tuple[Wanted, ...]:
    """Return the sources that citations lack, the most wanted first; citations with a certain source are left out.

    Citations mean the same source if they have the same identifier; else if they print the same names (ignoring case,
    accents and punctuation) and year, in whatever form; without names, if their text is the same. What has no
    identifier means the one that citations of these names and year have elsewhere, if they have no other.
    """
    groups: dict[_Key, list[Row]] = {}
    named: dict[_Key, set[_Key]] = {}
    for row in rows:
        if row.status != "matched":
            names = tuple(words(name) for name in row.names)
            what: tuple[Any, ...] = (names, row.et_al, row.year) if any(names) else words(row.text) or (row.text,)
            plain = (row.status, row.keys, what)
            if row.address and row.status == "unmatched":
                what = ("address", url_key(row.address) or row.address)
                if any(names):
                    named.setdefault(plain, set()).add((row.status, row.keys, what))
            elif row.kind == "footnote":
                what = (row.path, row.text)  # footnotes are named page by page
            groups.setdefault((row.status, row.keys, what), []).append(row)
    for plain, addressed in named.items():
        if len(addressed) == 1 and plain in groups:
            (its,) = addressed
            groups[its] = sorted([*groups[its], *groups.pop(plain)], key=_place)
    return in_order(Wanted(_label(members[0]), tuple(members)) for members in groups.values())


_Key = tuple[str, tuple[str, ...], tuple[Any, ...]]


def in_order(found: Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Return wanted sources, the most wanted first."""
    return tuple(sorted(found, key=lambda wanted: (-len(wanted.rows), -wanted.pages, wanted.label, wanted.first.path)))


def joined(groups: Sequence[Wanted]) -> Wanted:
    """Return citations that turned out to mean one source, under the label of the first."""
    rows = sorted((row for each in groups for row in each.rows), key=_place)
    also = dict.fromkeys(label for each in groups for label in (each.label, *each.also))
    return Wanted(groups[0].label, tuple(rows), tuple(label for label in also if label != groups[0].label))


def _place(row: Row) -> tuple[str, int]:
    return row.path, row.start


def _label(row: Row) -> str:
    if not row.names:
        return row.address if row.kind == "footnote" and row.address else row.text
    names = list(row.names)
    if row.et_al:
        told = ", ".join(names) + " et al."
    else:
        told = " & ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{told} {row.year}".strip()


def as_data(wanted: Wanted) -> dict[str, Any]:
    """Return one wanted source as plain data."""
    row = wanted.first
    return {
        "label": wanted.label,
        "status": row.status,
        "citations": len(wanted.rows),
        "pages": wanted.pages,
        "near": list(wanted.near),
        "address": wanted.address,
        "first": {"path": row.path, "line": row.line, "column": row.column, "text": row.text},
    }


_MANY, _KEPT = 50, 20
"""If a terminal would get more sources than this, it gets this many: the most wanted must not scroll away."""


def render(
    wanted: Sequence[Wanted],
    *,
    shown: Callable[[str], str] = str,
    style: Style | None = None,
    columns: int = 0,
    every: bool = False,
) -> Iterator[str]:
    """Yield a line for each wanted source: what, how often, what it may be, and where it is cited first.

    Lines longer than `columns` are wrapped between words; 0 means no wrapping. With `columns`, a long list ends early
    unless `every` source is asked for.
    """
    paint = (style or Style()).paint
    listed = wanted if every or not columns or len(wanted) <= _MANY else wanted[:_KEPT]
    for each in listed:
        row = each.first
        often = f"{count(len(each.rows), 'citation')} on {count(each.pages, 'page')}"
        guess = f"; {visible(each.address)}" if each.address and each.address not in each.label else ""
        if each.near:
            what = "fits" if row.status == "ambiguous" else "nearest:"
            guess += f"; {what} {visible(', '.join(map(whole, each.near)))}"
        label = visible(each.label)
        place = whole(f"{visible(shown(row.path))}:{row.line}:{row.column}")
        line = f"{label}: {often}{guess}; first at {place}"
        left = len(label)
        for at, part in enumerate(fold(line, columns, indent=2)):
            # The label may take more than one line.
            bold, left = part[:left], max(0, left - len(part) - 1)
            yield f"{'  ' * bool(at)}{paint('bold', bold) if bold else ''}{part[len(bold) :]}\n"
    if len(listed) < len(wanted):
        most = len(wanted[_KEPT].rows)
        often = "once" if most == 1 else f"at most {most:,} times"
        yield f"and {len(wanted) - len(listed):,} more, each cited {often} (-v lists all)\n"
