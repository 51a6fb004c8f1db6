"""Reads values of a BibTeX entry although braces and quotes in them are damaged."""

from __future__ import annotations

import re
from dataclasses import dataclass

ASSIGNED = re.compile(r"\s*+[^\s,={}()\"#%@]+\s*+=\s*+[\"{\w]")
_FIELD_START = re.compile(
    r"(?:^|,)[ \t]*+([^\W\d][\w:.+/-]*)[ \t]*+=[ \t]*+(?=[\"{]|\d|\w+[ \t]*+(?:[,#}]|$))", re.MULTILINE
)
_CLOSING_QUOTE = re.compile(
    r"(?<!\\)\"(?=[ \t]*+(?:#|$|,[ \t]*+(?:$|%|[\w:.+-]++[ \t]*+=)|[})][ \t]*+(?:$|,|[})])|%))", re.MULTILINE
)
_BARE = re.compile(r"[^\s,{}()\"=#%]+")
REST = re.compile(r"[^,\n{}]*+")
_REST_IN_BRACKETS = re.compile(r"[^,\n{}()]*+")
_TYPOGRAPHIC = "“”„"
BLANK = re.compile(r"\s*+")
BRACE = re.compile(r"[{}]")
_QUOTE_OR_BRACE = re.compile(r"(?<!\\)\"|[{}]")
_LONGEST_LOSS = 20_000
"""How far behind a value its lost delimiter is looked for."""
_PERCENT_AHEAD = re.compile(r"\s*+%[^\n]*+")

_BRACE_UNESCAPED = re.compile(r"(?<!\\)[{}]")
_SWALLOWED = re.compile(
    r"^[ \t]*+(?:author|title|year|journal|journaltitle|booktitle|date|doi|volume|publisher|editor|pages|url)"
    r"[ \t]*+=[ \t]*+[\"{\w]",
    re.IGNORECASE | re.MULTILINE,
)
_FREE_TEXT = frozenset("abstract note annote annotation comment review file".split())


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong, and where."""

    start: int
    end: int
    reason: str


def closing_brace(text: str, start: int, limit: int) -> int:
    r"""Return the offset of the brace that closes the one at `start`, or -1.

    BibTeX counts every brace; where that does not come out even, `\{` and `\}` are taken for the characters they print.
    """
    for pattern in (BRACE, _BRACE_UNESCAPED):
        depth = 0
        for match in pattern.finditer(text, start, limit):
            depth += 1 if match.group() == "{" else -1
            if depth == 0:
                return match.start()
    return -1


def swallows_fields(name: str, value: str) -> bool:
    """Say whether a value, though it closes, holds lines that are fields of its entry; free text may quote some."""
    return "=" in value and "\n" in value and name.lower() not in _FREE_TEXT and _SWALLOWED.search(value) is not None


class ValueScanner:
    """Reads the values of one entry; `lenient` allows them to be cut where the next field starts."""

    __slots__ = ("ahead", "closer", "damages", "failed", "lenient", "limit", "position", "text")

    def __init__(self, text: str, limit: int, *, lenient: bool) -> None:
        self.text = text
        self.limit = limit
        self.lenient = lenient
        self.damages: list[Damage] = []
        self.failed = False
        self.position = 0
        self.closer = "}"
        self.ahead = -1

    def damage(self, start: int, end: int, reason: str) -> None:
        self.damages.append(Damage(start, max(start, end), reason))

    def blank(self, at: int) -> int:
        match = BLANK.match(self.text, at, self.limit)
        return match.end() if match else at

    def next_field(self, at: int) -> int:
        """Return where the next line (or comma) that starts a field stands, from `at` on; looked for once."""
        if self.ahead < at:
            match = _FIELD_START.search(self.text, at, self.limit)
            self.ahead = self.limit if match is None else match.start()
        return self.ahead

    def value(self, at: int, name: str) -> tuple[str, int]:
        """Read the value at or after `at`: with its delimiters, pieces joined by ` # `, and where it ends."""
        pieces: list[str] = []
        begin = at
        while True:
            at = self.blank(at)
            character = self.text[at] if at < self.limit else ""
            if character == "=" and not pieces:
                self.damage(at, at + 1, f'a "=" too many after "{name}"')
                at += 1
                continue
            if character == "%" and not pieces:
                line = _PERCENT_AHEAD.match(self.text, at, self.limit)
                at = line.end() if line else at + 1
                continue
            if character == "{":
                piece, at = self.braced(at, name)
            elif character == '"':
                piece, at = self.quoted(at, name)
            elif character in _TYPOGRAPHIC and character:
                piece, at = self.typographic(at, name)
            else:
                piece, at = self.bare(at, begin, name, bool(pieces))
            if piece:
                pieces.append(piece)
            after = self.blank(at)
            follows = self.text[after] if after < self.limit else ""
            if follows == "#":
                at = after + 1
                continue
            if follows in ("", ",", self.closer, "%") or not piece:
                break
            if ASSIGNED.match(self.text, after, self.limit) or self.next_field(after) == after:
                self.damage(at, at, f'no comma after the value of "{name}"')
                break
            if follows in ("{", '"'):
                self.damage(after, after + 1, f'no "#" between the parts of "{name}"')
                at = after
                continue
            whole = self.reopened(begin, after)
            if whole > 0:
                self.damage(begin, begin, f'a brace of "{name}" is missing')
                return "{" + _even(self.text[begin:whole].strip()) + "}", whole
            pattern = REST if self.closer == "}" else _REST_IN_BRACKETS
            rest = pattern.match(self.text, after, self.limit)
            end = rest.end() if rest else after
            if end == after:
                break
            trailing = " ".join(self.text[after:end].split())
            self.damage(after, end, f'text after the value of "{name}": "{trailing[:60]}"')
            if any(character.isalnum() for character in trailing):
                pieces.append("{ " + trailing + "}")
            at = end
            break
        return " # ".join(pieces), at

    def reopened(self, begin: int, at: int) -> int:
        """Return where a value ends that goes on at `at` although its braces are closed: it lost its first; or -1."""
        if self.closer != "}":
            return -1
        ahead = min(self.next_field(at), at + _LONGEST_LOSS)
        last = self.text.rfind("}", at, ahead)
        region = self.text[at : last + 1]
        lonely = region.count("}") - region.count("{") if last >= 0 else 0
        if ahead == self.limit and lonely == 2:
            # The last of them is the entry's.
            last = self.text.rfind("}", at, last)
            lonely = 1
        elif ahead == self.limit:
            lonely = 0
        return last + 1 if lonely == 1 and "{" in self.text[begin:last] else -1

    def braced(self, at: int, name: str) -> tuple[str, int]:
        if not self.lenient:
            close = closing_brace(self.text, at, self.limit)
            if close < 0 or swallows_fields(name, self.text[at:close]):
                self.failed = True
                return "", self.limit
            return self.text[at : close + 1], close + 1
        ahead = self.next_field(at + 1)
        close = closing_brace(self.text, at, ahead)
        if close < 0 and ahead == self.limit:
            # The last field: the entry's own brace may have been taken for the value's.
            return self.cut(at, self.limit, name, "{")
        if close < 0:
            return self.cut(at, ahead, name, "{")
        return self.text[at : close + 1], close + 1

    def quoted(self, at: int, name: str) -> tuple[str, int]:
        if not self.lenient:
            depth = 0
            for match in _QUOTE_OR_BRACE.finditer(self.text, at + 1, self.limit):
                mark = match.group()
                if mark == '"' and depth <= 0:
                    closes = _CLOSING_QUOTE.match(self.text, match.start(), self.limit)
                    if closes and not swallows_fields(name, self.text[at : match.start()]):
                        return self.text[at : match.end()], match.end()
                    break
                depth += {"{": 1, "}": -1}.get(mark, 0)
            self.failed = True
            return "", self.limit
        ahead = self.next_field(at + 1)
        close = _CLOSING_QUOTE.search(self.text, at + 1, ahead)
        if close is None:
            return self.cut(at, ahead, name, '"')
        inside = self.text[at + 1 : close.start()]
        if '"' in inside.replace('\\"', ""):
            self.damage(at, close.end(), f'quotes inside of the quoted value of "{name}"')
        elif inside.count("{") != inside.count("}"):
            self.damage(at, close.end(), f'braces in the value of "{name}" do not come out even')
        return "{" + _even(inside) + "}", close.end()

    def cut(self, at: int, ahead: int, name: str, opener: str) -> tuple[str, int]:
        """End an open value where the next field (or the entry) must start."""
        written = self.text[at + 1 : ahead]
        inside = written.rstrip(" \t\n,")
        end = at + 1 + len(inside)
        if ahead == self.limit:
            # The rest of the entry is in here: its closing delimiter stands last.
            last = inside.rfind(self.closer)
            if last >= 0 and not inside[last + 1 :].strip() and inside.count("}") <= inside.count("{") + 1:
                inside = inside[:last].rstrip(" \t\n,")
                end = at + 1 + last
        if opener == '"':
            inside = inside.rstrip('"') if inside.count('"') == 1 else inside
            self.damage(at, at + 1, f'the value of "{name}" has no closing quote')
        else:
            self.damage(at, at + 1, f'a brace of "{name}" is not closed')
        return "{" + _even(inside.strip()) + "}", end

    def typographic(self, at: int, name: str) -> tuple[str, int]:
        """Read a value in quotes that a word processor made: “…”."""
        close = self.text.find("”", at + 1, min(self.limit, self.next_field(at + 1)))
        if close < 0:
            return self.cut(at, self.next_field(at + 1), name, '"')
        self.damage(at, close + 1, f'typographic quotes around the value of "{name}"')
        return "{" + _even(self.text[at + 1 : close]) + "}", close + 1

    def bare(self, at: int, begin: int, name: str, continued: bool) -> tuple[str, int]:
        match = _BARE.match(self.text, at, self.limit)
        follows = "" if match is None else self.text[self.blank(match.end()) : self.blank(match.end()) + 1]
        if match is None or follows == "=":
            if continued:
                self.damage(at, at, f'nothing after "#" in "{name}"')
            else:
                self.damage(begin, begin, f'field "{name}" has no value')
            return "", at
        after = self.blank(match.end())
        unopened = self.unopened(at, after)
        if unopened > 0:
            self.damage(at, at, f'the value of "{name}" has no opening brace')
            return "{" + self.text[at : unopened - 1].strip() + "}", unopened
        ends = follows in ("", ",", "#", self.closer, "%") or "\n" in self.text[match.end() : after]
        if follows not in ("{", '"') and (ends or ASSIGNED.match(self.text, after, self.limit)):
            return match.group(), match.end()
        pattern = REST if self.closer == "}" else _REST_IN_BRACKETS
        rest = pattern.match(self.text, at, self.limit)
        end = rest.end() if rest else match.end()
        written = self.text[at:end].strip().strip('"')
        self.damage(at, end, f'the value of "{name}" has no braces: "{written[:60]}"')
        return "{" + written + "}", end

    def unopened(self, at: int, after: int) -> int:
        """Return where a bare value ends that only lacks its opening brace, `author = Doe, Jane},` for one; or -1."""
        if self.closer != "}" or self.text[after : after + 1] not in (",", "}"):
            return -1
        if self.text[after] == "," and (
            ASSIGNED.match(self.text, after + 1, self.limit)
            or self.text[self.blank(after + 1) : self.blank(after + 1) + 1] in ("", "}", "%", ",", "@")
        ):
            return -1
        close = self.text.find("}", at, min(self.next_field(at), at + _LONGEST_LOSS))
        if close < 0 or "{" in self.text[at:close]:
            return -1
        behind = self.blank(close + 1)
        comma = self.text[behind : behind + 1] == ","
        more = (
            ASSIGNED.match(self.text, behind + comma, self.limit)
            or self.text[self.blank(behind + comma) : self.blank(behind + comma) + 1] == "}"
        )
        return close + 1 if more else -1


def _even(inside: str) -> str:
    """Return text without the braces that have no partner."""
    open_at: list[int] = []
    lonely: set[int] = set()
    for match in BRACE.finditer(inside):
        if match.group() == "{":
            open_at.append(match.start())
        elif open_at:
            open_at.pop()
        else:
            lonely.add(match.start())
    lonely.update(open_at)
    return inside if not lonely else "".join(c for i, c in enumerate(inside) if i not in lonely)
