"""The layout of BibTeX entries: indent, columns, commas and brackets, learnt from those that are there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wikitools.sources.writers.entry_habits import most

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wikitools.sources.readers.salvage import RawEntry

FIELD = re.compile(
    r"^(?P<indent>[ \t]*)(?P<lead>,[ \t]*)?(?P<name>[^\W\d][\w-]*)(?P<pad>[ \t]*)=(?P<gap>[ \t]*)(?P<open>[{\"]?)"
    r"(?P<rest>[^\n]*)$",
    re.MULTILINE,
)
"""A field on a line of its own, perhaps with the comma that parts it from the one before."""
_INLINE = re.compile(
    r"(?P<indent>)(?P<lead>,[ \t]*)(?P<name>[^\W\d][\w-]*)(?P<pad>[ \t]*)=(?P<gap>[ \t]*)(?P<open>[{\"]?)"
    r"(?P<rest>[^,\n]*)"
)
"""A field of an entry on one line."""
_HEAD = re.compile(r"@[\w-]+\s*(?P<bracket>[{(])(?P<gap>[ \t]*)")
_CLOSING = re.compile(r"\n(?P<indent>[ \t]*)[})]\Z")


def fields_of(text: str, entry: RawEntry) -> list[re.Match[str]]:
    """Return the fields of an entry where they are written, as far as they have a usual form."""
    pattern = FIELD if "\n" in text[entry.start : entry.end] else _INLINE
    found = pattern.finditer(text, entry.start, entry.end)
    return [field for field in found if field["name"].lower() in entry.values and field.start() > entry.start]


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of entries."""

    indent: str = "  "
    pad: str = " "
    gap: str = " "
    equals_at: int = 0
    """Where `=` stands behind the indent; 0: right behind the name and `pad`; -1: where the longest name of it ends."""
    values_at: int = 0
    """The same for values, where these are aligned and `=` is not."""
    trailing_comma: bool = False
    closes_alone: bool = True
    """The closing brace has a line of its own."""
    closing_indent: str = ""
    lead: str = ""
    """What stands before a field that the comma comes before: ", "."""
    one_line: bool = False
    """Entries are on one line."""
    bracket: str = "{"
    head_gap: str = ""
    """What stands between bracket and key."""

    def joined(self, kind: str, key: str, fields: Mapping[str, str]) -> str:
        """Return an entry: its fields as they are shown, with their values."""
        longest = max(map(len, fields), default=0)
        written = [f"{self.left_of(name, longest)}{value}" for name, value in fields.items()]
        begin = f"@{kind}{self.bracket}{self.head_gap}{key}"
        end = ")" if self.bracket == "(" else "}"
        if self.one_line:
            between = self.lead or ", "
            return f"{between.join((begin, *written))}{',' * self.trailing_comma}{end}"
        if self.lead:
            lines = [begin, *written]
        else:
            lines = [f"{begin},", *(f"{each}," for each in written)]
            lines[-1] = lines[-1] if self.trailing_comma else lines[-1][:-1]
        return "\n".join(lines) + (f"\n{self.closing_indent}{end}" if self.closes_alone else end)

    def left_of(self, name: str, longest: int) -> str:
        """Return what stands before a value on its line: the indent, the field's name and `=`."""
        head = name + self.pad
        if self.equals_at:
            head = name.ljust(self.equals_at if self.equals_at > 0 else longest + len(self.pad))
            head = head if len(head) > len(name) or not self.pad else f"{name} "
        left = f"{head}={self.gap}"
        if self.values_at:
            left = f"{head}=".ljust(
                self.values_at if self.values_at > 0 else longest + len(self.pad) + 1 + len(self.gap)
            )
            left = left if left[-1] != "=" else f"{left} "
        return f"{self.indent}{'' if self.one_line else self.lead}{left}"


def layout_of(text: str, entries: Sequence[RawEntry], lines: Sequence[list[re.Match[str]]]) -> Layout:
    """Return the layout of entries, whose fields on lines of their own are `lines`."""
    every = [line for found in lines for line in found]
    if not every:
        return Layout()
    pad, gap = most((line["pad"] for line in every), " "), most((line["gap"] for line in every), " ")
    heads = [match for entry in entries if (match := _HEAD.match(text, entry.start))]
    equals = [_column(found, "pad") for found in lines if len(found) > 1]
    values = [_column(found, "gap") for found in lines if len(found) > 1]
    equals_at = values_at = 0
    if sum(each is not None for each in equals) > len(equals) / 2:
        equals_at, pad = _alignment(equals, lines), " " if any(line["pad"] for line in every) else ""
    elif sum(each is not None for each in values) > len(values) / 2:
        values_at, gap = _alignment(values, lines, after_equals=True), " "
    ends = [text[entry.start : entry.end] for entry in entries]
    closings = [match for each in ends if (match := _CLOSING.search(each))]
    return Layout(
        indent=most((line["indent"] for line in every), "  "),
        pad=pad,
        gap=gap,
        equals_at=equals_at,
        values_at=values_at,
        trailing_comma=most((each[:-1].rstrip().endswith(",") for each in ends), False),
        closes_alone=2 * len(closings) >= len(ends),
        closing_indent=most((match["indent"] for match in closings), ""),
        lead=most((line["lead"] or "" for line in every), ""),
        one_line=most(("\n" not in each for each in ends), False),
        bracket=most((match["bracket"] for match in heads), "{"),
        head_gap=most((match["gap"] for match in heads), ""),
    )


def _column(found: Sequence[re.Match[str]], group: str) -> int | None:
    """Return the column behind the indent where all of an entry's `pad` or `gap` ends; `None` where it varies.

    Names that are too long for the column may reach beyond it.
    """
    columns = [line.end(group) - line.start("name") for line in found]
    usual = most(columns, 0)
    fitting = [(column, len(line["name"])) for column, line in zip(columns, found, strict=True)]
    fitting = [(column, length) for column, length in fitting if length < usual or column <= usual]
    is_aligned = all(column == usual for column, _length in fitting)
    return usual if is_aligned and len({length for _column, length in fitting}) > 1 else None


def _alignment(
    columns: Iterable[int | None], lines: Sequence[list[re.Match[str]]], *, after_equals: bool = False
) -> int:
    """Return the one column that entries share; -1 where each has that of its longest name."""
    found = [column for column in columns if column is not None]
    if len(set(found)) == 1 and len(found) > 1:
        return found[0]
    own = [max(len(line["name"]) for line in each) for each in lines if len(each) > 1]
    longest = most((column - length for column, length in zip(found, own, strict=False)), 1)
    usual = most(found, 0)
    return usual if found.count(usual) > len(found) * 0.6 else -1 if longest <= (3 if after_equals else 1) else usual
