"""Splits BibTeX files into entries and definitions, and reports what is damaged."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wikitools.sources.readers import salvage
from wikitools.sources.readers.bibtex_values import pieces_of
from wikitools.sources.readers.salvage import RawEntry
from wikitools.sources.readers.salvage_values import Damage, swallows_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PIECE_SIZE = 200_000
"""How many characters of a file bibtexparser gets at a time, at least."""

_NO_BREAKS = {0: " ", 0xFEFF: " ", 0x0B: " ", 0x0C: " "}
_ENTRY_START = re.compile(r"^[ \t]*+(@)[ \t]*+([^\W\d][\w-]*+)[ \t]*+[{(]\s*+(?=([^,={}\"\n]*+)(,|=|$)?)", re.MULTILINE)
_SPLIT_HEAD = re.compile(r"^[ \t]*+@\w++[ \t]*+\n\s*+[{(]", re.MULTILINE)
_LOOSE_HEAD = re.compile(r"^([ \t]*+)@([ \t]*+)([^\W\d]\w*+)(\s*+)(?=[{(])", re.MULTILINE)
_KIND = re.compile(r"@[ \t]*+(\w*+)")
_KEY = re.compile(r"[^\s,{}\"]+")
_NAME = re.compile(r"[^\s,={}()\"#%@]+")
_COMMENTED = re.compile(r"(?:^[ \t]*+%[^\n]*+\n?)++", re.MULTILINE)
_LEFT_OVER = re.compile(r"[\s,}]*+[^\s,={}()\"#%@]++\s*+=\s*+[\"{\d]")
_LOST_FIELD = re.compile(
    r"^[ \t]*+(?:author|title|year|journal|journaltitle|booktitle|date|doi|publisher|editor|pages|url)"
    r"[ \t]*+=[ \t]*+[\"{\d][^\n]{0,40}",
    re.IGNORECASE | re.MULTILINE,
)
"""A field outside of all entries: the start of its entry is lost."""
_WIDEST_COMMENT_SIGN = 200


@dataclass(slots=True)
class Blocks:
    """The contents of a file, each in order: entries, `@string` definitions (name, value as written), damage."""

    plain: str
    """The file at equal length, with LF line ends and without characters that no parser expects."""
    starts: Sequence[int]
    """Where lines start entries: a broken entry before one ends there at the latest."""
    entries: list[RawEntry] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)

    def limit(self, start: int) -> int:
        """Return where the block at `start` ends at the latest."""
        place = bisect.bisect_right(self.starts, start)
        return self.starts[place] if place < len(self.starts) else len(self.plain)


def split_file(text: str) -> Blocks:
    """Split a file.

    bibtexparser does most of it; `salvage` reads again what that refuses or damages, up to the start of the next entry.
    Linear.
    """
    from bibtexparser.model import Entry, ExplicitComment, ImplicitComment, Preamble, String

    plain = _plain(text)
    maimed = [match.end() - len(match.group().lstrip()) for match in salvage.MAIMED_START.finditer(plain)]
    starts = {match.start(1) for match in _ENTRY_START.finditer(plain) if _is_start(match)}
    blocks = Blocks(plain, sorted(starts.union(maimed)))
    names: set[str] = set()
    comments: list[tuple[int, int]] = []
    homeless: list[Damage] = []
    done = 0
    for at, block in _parsed(plain, sorted(starts) if maimed else blocks.starts):
        if at < done:
            continue
        if isinstance(block, (ExplicitComment, Preamble)):
            comments.append((at, at + len(block.raw or "")))
        elif isinstance(block, ImplicitComment):
            done = max(done, _after_entry(blocks, at, block.comment))
            if done <= at and (lost := _LOST_FIELD.search(block.comment)) is not None:
                start = plain.find(lost[0], at)
                reason = f'fields that belong to no entry: "{lost[0].strip()}"'
                homeless.append(Damage(start, start + len(lost[0]), reason))
        elif isinstance(block, String):
            blocks.definitions.append((block.key.lower(), block.value))
        elif commented := _commented_until(plain, at, at + len(block.raw)):
            done = commented
        elif isinstance(block, Entry) and (entry := _sound(at, block, names)) is not None:
            blocks.entries.append(entry)
            done = entry.end
        else:
            done = _repair(blocks, at)
    _add_maimed(blocks, maimed, comments)
    begins = [entry.start for entry in blocks.entries]
    for each in homeless:
        place = bisect.bisect_right(begins, each.start) - 1
        if place < 0 or blocks.entries[place].end <= each.start:
            blocks.damages.append(each)
    return blocks


def _add_maimed(blocks: Blocks, maimed: Sequence[int], comments: Sequence[tuple[int, int]]) -> None:
    """Read the entries that no parser recognises: those without "@" or "{", outside of entries and comments."""
    taken = sorted([*((entry.start, entry.end) for entry in blocks.entries), *comments]) if maimed else []
    found = len(blocks.entries)
    end = 0
    for start in maimed:
        place = bisect.bisect_right(taken, (start, len(blocks.plain)))
        if start >= end and (place == 0 or taken[place - 1][1] <= start):
            end = _repair(blocks, start)
    if len(blocks.entries) > found:
        blocks.entries.sort(key=lambda entry: entry.start)


def _plain(text: str) -> str:
    """Return `text` at equal length with LF line ends and without the characters that no parser expects."""
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    if "@ " in text or "@\t" in text or _SPLIT_HEAD.search(text):
        # bibtexparser expects the type between the sign and the bracket, with nothing but blanks behind it.
        text = _LOOSE_HEAD.sub(lambda match: match[1] + "@" + match[3] + " " * (len(match[2]) + len(match[4])), text)
    return (
        text.translate(_NO_BREAKS) if "\x00" in text or "\ufeff" in text or "\x0b" in text or "\x0c" in text else text
    )


def _parsed(plain: str, starts: Sequence[int]) -> Iterator[tuple[int, Any]]:
    """Yield what bibtexparser finds, each with its offset; entries it sets aside as duplicates are unpacked.

    The file is parsed in pieces that end where an entry starts, so that few objects are alive at a time.
    """
    from bibtexparser import entrypoint, splitter
    from bibtexparser.model import DuplicateBlockKeyBlock

    # It would also print to the terminal what is reported as a problem here.
    splitter.logger.disabled = True
    begin = 0
    while begin < len(plain):
        place = bisect.bisect_left(starts, begin + _PIECE_SIZE)
        end = starts[place] if place < len(starts) else len(plain)
        at = begin
        for block in entrypoint.parse_string(plain[begin:end], parse_stack=[]).blocks:
            raw = block.raw or ""
            at = plain.find(raw, at)
            yield at, block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock) else block
            at += len(raw)
        begin = end


def _is_start(match: re.Match[str]) -> bool:
    """Say whether a line that looks like a block's start is one: `@twitter (handle) says` inside of a note is not."""
    if match.group(4) or match.group(2).lower() in ("string", "comment", "preamble"):
        return True
    # There is no comma after the key, so the key must be the whole line.
    return match.group(4) is not None and not any(
        character.isspace() or character in "()" for character in match.group(3).strip()
    )


def _after_entry(blocks: Blocks, at: int, comment: str) -> int:
    """Check the text between two blocks: it may be the rest of an entry that was closed too early."""
    if not blocks.entries or comment[0] not in "},":
        return 0
    last = blocks.entries[-1]
    if last.places or blocks.plain[last.end : at].strip():
        return 0
    if not _LEFT_OVER.match(comment):
        if comment[0] == "}":
            blocks.damages.append(Damage(at, at + 1, f'extra "}}" after the entry "{last.key}"'))
        return 0
    blocks.entries.pop()
    return _repair(blocks, last.start)


def _commented_until(plain: str, at: int, end: int) -> int:
    """Return where a run of lines commented with "%" ends if the whole block is in it, else 0.

    Such comments are biber's and Pandoc's; BibTeX itself knows none.
    """
    line = plain.rfind("\n", max(0, at - _WIDEST_COMMENT_SIGN), at) + 1 or max(0, at - _WIDEST_COMMENT_SIGN)
    if not plain[line:at].strip().startswith("%"):
        return 0
    run = _COMMENTED.match(plain, line)
    if run is None or plain[line:at].strip().strip("%").strip():
        return 0
    closes = plain.rfind("}", line, run.end()) > at or plain.rfind(")", line, run.end()) > at
    return run.end() if closes or end <= run.end() else 0


def _sound(at: int, block: Any, names: set[str]) -> RawEntry | None:
    """Return an entry as bibtexparser read it, or `None` if it hides damage.

    Missing commas, doubled and swallowed fields, odd names are damage. `names` remembers field names that were found in
    order.
    """
    if not _KEY.fullmatch(block.key) or not block.entry_type:
        return None
    values: dict[str, str] = {}
    for each in block.fields:
        name, value = each.key, each.value
        if not value or (name not in names and not _NAME.fullmatch(name)):
            return None
        names.add(name)
        if (
            not (value[0] == "{" and value.find("}") == len(value) - 1)
            and not value.isdigit()
            and pieces_of(value) is None
        ):
            return None
        name = name.lower()
        if name in values or swallows_fields(name, value):
            return None
        values[name] = value
    return RawEntry(block.entry_type, block.key, values, at, at + len(block.raw))


def _repair(blocks: Blocks, start: int) -> int:
    """Read the block at `start` again; returns where reading goes on."""
    limit = blocks.limit(start)
    head = _KIND.match(blocks.plain, start)
    kind = head.group(1).lower() if head else ""
    if kind in ("comment", "preamble"):
        blocks.damages.append(Damage(start, start + len(kind) + 1, f"@{kind} is not closed"))
        return limit
    if kind == "string":
        definition, end = salvage.read_definition(blocks.plain, start, limit)
        reason = "@string cannot be read" if definition is None else "@string is damaged"
        blocks.damages.append(Damage(start, start + len(kind) + 1, reason))
        if definition is not None:
            blocks.definitions.append(definition)
        return max(end, start + 1)
    entry, found, end = salvage.read_entry(blocks.plain, start, limit)
    blocks.damages += found
    if entry is not None:
        blocks.entries.append(entry)
    return max(end, start + 1)
