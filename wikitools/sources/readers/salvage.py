"""BibTeX entries that a strict parser refuses, read as a person reads them, with a reason for every liberty taken."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

KNOWN_FIELDS = frozenset(
    "abstract address afterword annotation annote annotator archiveprefix arxivid author authortype bookauthor "
    "booksubtitle booktitle chapter commentator copyright crossref date day doi edition editor editora eid "
    "entrysubtype eprint eprintclass eprinttype eventdate eventtitle file foreword howpublished institution "
    "introduction isbn issn issue issuetitle journal journaltitle key keywords langid language library location "
    "maintitle month note number numpages organization origdate origtitle pages pagetotal part primaryclass "
    "publisher pubstate school series shortauthor shorthand shorttitle subtitle timestamp title titleaddon "
    "translator type url urldate venue version volume volumes year".split()
)
"""Field names by which a line is known to start a field even inside of a value that never ends."""

KNOWN_TYPES = (
    "article artwork audio bookinbook booklet book collection conference dataset electronic inbook incollection "
    "inproceedings inreference manual mastersthesis misc movie mvbook mvcollection mvproceedings mvreference online "
    "patent periodical phdthesis proceedings reference report software suppbook suppcollection suppperiodical "
    "techreport thesis unpublished video www"
).split()
"""Entry types by which an entry is known even without its "@" or "{"."""
_TYPE = "|".join(sorted(KNOWN_TYPES, key=lambda name: (-len(name), name)))

MAIMED_START = re.compile(
    rf"^[ \t]*+(?:(?:{_TYPE})[ \t]*+[{{(]\s*+[^\s,={{}}\"]++\s*+,"
    rf"|@(?:{_TYPE})[ \t]*+[^\s,={{}}()\"]++[ \t]*+,[ \t]*+$)",
    re.IGNORECASE | re.MULTILINE,
)
"""Where an entry starts that lacks its "@" (`article{key,`) or its "{" (`@articlekey,`)."""

_HEAD = re.compile(r"@[ \t]*([^\W\d][\w-]*)?\s*([{(])")
_MAIMED_HEAD = re.compile(rf"@?[ \t]*({_TYPE})[ \t]*([{{(]?)", re.IGNORECASE)
_KEY = re.compile(r"\s*+([^,={}\"\n]*+)")
_KEY_REST = re.compile(r"[^,{}\"\n]*+")
_BRACED_KEY = re.compile(r"\{([^{},=\n]++)\}?(?=\s*+,)")
_SPOILT_NAME = re.compile(r"([^\W\d][\w-]*+)[^\s,={}\"\w]{1,3}[ \t]*+=")
_FIELD_NAME = re.compile(r"[^\W\d][\w-]*")
_NAME = re.compile(r"([^\s,={}()\"#%@]+)\s*+")
_WIDE_NAME = re.compile(r"([^\W\d][^,={}()\"#%@\n]*)=")
_ASSIGNED = re.compile(r"\s*+[^\s,={}()\"#%@]+\s*+=\s*+[\"{\w]")
_FIELD_START = re.compile(
    r"(?:^|,)[ \t]*+([^\W\d][\w:.+/-]*)[ \t]*+=[ \t]*+(?=[\"{]|\d|\w+[ \t]*+(?:[,#}]|$))", re.MULTILINE
)
_CLOSING_QUOTE = re.compile(
    r"(?<!\\)\"(?=[ \t]*+(?:#|$|,[ \t]*+(?:$|%|[\w:.+-]++[ \t]*+=)|[})][ \t]*+(?:$|,|[})])|%))", re.MULTILINE
)
_BARE = re.compile(r"[^\s,{}()\"=#%]+")
_REST = re.compile(r"[^,\n{}]*+")
_REST_IN_BRACKETS = re.compile(r"[^,\n{}()]*+")
_TYPOGRAPHIC = "“”„"
_LINE = re.compile(r"[^\n]*+")
_BLANK = re.compile(r"\s*+")
_BRACE = re.compile(r"[{}]")
_BRACE_UNESCAPED = re.compile(r"(?<!\\)[{}]")
_QUOTE_OR_BRACE = re.compile(r"(?<!\\)\"|[{}]")
_SWALLOWED = re.compile(
    r"^[ \t]*+(?:author|title|year|journal|journaltitle|booktitle|date|doi|volume|publisher|editor|pages|url)"
    r"[ \t]*+=[ \t]*+[\"{\w]",
    re.IGNORECASE | re.MULTILINE,
)
_GROUP = re.compile(r"\{[^{}\n]*+\}")
_LONGEST_LOSS = 20_000
"""How far behind a value its lost delimiter is looked for."""
_MOST_DAMAGES = 20
"""An entry with more is nonsense; the rest is only counted."""
_FREE_TEXT = frozenset("abstract note annote annotation comment review file".split())
_PERCENT_AHEAD = re.compile(r"\s*+%[^\n]*+")


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry as written: `kind` in lower case; `start` is at the `@`, `end` behind the closing delimiter.

    `values` are the fields with their delimiters, by lower-case name; of a doubled field the first that says something.
    `places` tells where their names stand, as far as somebody looked.
    """

    kind: str
    key: str
    values: dict[str, str]
    start: int
    end: int
    places: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong, and where."""

    start: int
    end: int
    reason: str


def read_entry(text: str, start: int, limit: int) -> tuple[RawEntry | None, tuple[Damage, ...], int]:
    """Read the entry whose `@` stands at `start` and which ends before `limit`.

    First by BibTeX's own rules (btxdoc §2; braces count even when escaped); if those fail, by what a person sees: a
    line that starts with `name =` starts a field, whatever is still open before it. Returns the entry (`None` if there
    is no head), the damage, and where reading stopped. Linear in `limit - start`.
    """
    strict = _Scanner(text, limit, lenient=False)
    entry = strict.entry(start)
    if entry is not None and not strict.failed:
        return entry, tuple(strict.damages), entry.end
    lenient = _Scanner(text, limit, lenient=True)
    entry = lenient.entry(start)
    damages = lenient.damages
    if len(damages) > _MOST_DAMAGES:
        rest = damages[_MOST_DAMAGES:]
        damages = [*damages[:_MOST_DAMAGES], Damage(rest[0].start, rest[0].end, f"and {len(rest)} more of this kind")]
    return entry, tuple(damages), lenient.position if entry is None else entry.end


def read_definition(text: str, start: int, limit: int) -> tuple[tuple[str, str] | None, int]:
    """Read a broken `@string{name = value}` at `start`: name and value, if they can be made out, and where it ends."""
    head = _HEAD.match(text, start, limit)
    if head is None:
        return None, limit
    scanner = _Scanner(text, limit, lenient=True)
    scanner.closer = "}" if head.group(2) == "{" else ")"
    name = _NAME.match(text, scanner.blank(head.end()), limit)
    if name is None:
        return None, limit
    at = name.end() + 1 if text[name.end() : name.end() + 1] == "=" else name.end()
    value, end = scanner.value(at, name.group(1))
    return ((name.group(1).lower(), value) if value else None), end


def closing_brace(text: str, start: int, limit: int) -> int:
    r"""Return the offset of the brace that closes the one at `start`, or -1.

    BibTeX counts every brace; where that does not come out even, `\{` and `\}` are taken for the characters they print.
    """
    for pattern in (_BRACE, _BRACE_UNESCAPED):
        depth = 0
        for match in pattern.finditer(text, start, limit):
            depth += 1 if match.group() == "{" else -1
            if depth == 0:
                return match.start()
    return -1


def swallows_fields(name: str, value: str) -> bool:
    """Say whether a value, though it closes, holds lines that are fields of its entry; free text may quote some."""
    return "=" in value and "\n" in value and name.lower() not in _FREE_TEXT and _SWALLOWED.search(value) is not None


class _Scanner:
    """One pass over one entry; `lenient` allows values to be cut where the next field starts."""

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
        match = _BLANK.match(self.text, at, self.limit)
        return match.end() if match else at

    def next_field(self, at: int) -> int:
        """Return where the next line (or comma) that starts a field stands, from `at` on; looked for once."""
        if self.ahead < at:
            match = _FIELD_START.search(self.text, at, self.limit)
            self.ahead = self.limit if match is None else match.start()
        return self.ahead

    def entry(self, start: int) -> RawEntry | None:
        head = _HEAD.match(self.text, start, self.limit)
        if head is None:
            head = _MAIMED_HEAD.match(self.text, start, self.limit)
            if head is None:
                self.position = min(start + 1, self.limit)
                self.failed = True
                return None
            missing = '"@"' if self.text[start] != "@" else '"{"'
            self.damage(start, head.end(), f"entry starts without {missing}")
        self.closer = ")" if head.group(2) == "(" else "}"
        if not head.group(1):
            self.damage(start, start + 1, "entry has no type")
        key, at = self.key(head.end(), start)
        values: dict[str, str] = {}
        places: dict[str, int] = {}
        while True:
            at = self.gap(at)
            if at >= self.limit:
                self.failed = True
                end = len(self.text[start : self.limit].rstrip()) + start
                self.damage(
                    start,
                    head.end(),
                    f'entry "{key}" is not closed: no "{self.closer}" before the next entry or the end',
                )
                break
            if self.failed and not self.lenient:
                end = at
                break
            if self.text[at] == self.closer:
                if self.stray_close(at):
                    at += 1
                    continue
                end = at + 1
                break
            if self.text[at] == "}" and not _ASSIGNED.match(self.text, self.blank(at + 1), self.limit):
                self.damage(at, at + 1, f'entry "{key}" is opened with "(" and closed with "}}"')
                end = at + 1
                break
            begin = at
            name, value, at = self.field(at, key)
            if name and value:
                if name in values:
                    self.damage(begin, begin + len(name), f'field "{name}" appears twice in "{key}"; the first is used')
                values.setdefault(name, value)
                places.setdefault(name, begin)
        return RawEntry((head.group(1) or "").lower(), key, values, start, end, places)

    def gap(self, at: int) -> int:
        """Skip blanks, commas and percent comments between fields."""
        while True:
            at = self.blank(at)
            character = self.text[at] if at < self.limit else ""
            if character == ",":
                at += 1
            elif character == "%":
                match = _LINE.match(self.text, at, self.limit)
                at = match.end() if match else at + 1
            else:
                return at

    def stray_close(self, at: int) -> bool:
        """Say whether the closing delimiter at `at` closes nothing: more fields of the same entry follow."""
        following = _BLANK.match(self.text, at + 1, self.limit)
        after = following.end() if following else at + 1
        comma = self.text[after : after + 1] == ","
        if _ASSIGNED.match(self.text, after + comma, self.limit):
            self.damage(at, at + 1, f'extra "{self.closer}": fields follow it')
            return True
        if comma and self.text[self.blank(after + 1) : self.blank(after + 1) + 1] == self.closer:
            self.damage(at, at + 1, f'extra "{self.closer}"')
            return True
        return False

    def key(self, at: int, start: int) -> tuple[str, int]:
        """Read the citation key; returns it and where the fields start."""
        match = _KEY.match(self.text, at, self.limit)
        if match is None:
            return "", at
        written = match.group(1)
        end = match.end()
        follows = self.text[end] if end < self.limit else ""
        if self.closer == ")" and ")" in written and follows != ",":
            # `@misc(key)`: nothing but a key.
            written = written[: written.index(")")]
            return self.checked_key(written, match.start(1), start), match.start(1) + len(written)
        if follows == "=":
            words = written.split()
            if words and _FIELD_NAME.fullmatch(words[-1]) and (len(words) > 1 or words[0].lower() in KNOWN_FIELDS):
                key = " ".join(words[:-1])
                field = match.start(1) + written.rindex(words[-1])
                if key:
                    self.damage(match.start(1), field, f'no comma after the key "{key}"')
                    return self.checked_key(key, match.start(1), start, quiet=True), field
                self.damage(start, end, f'entry has no key: it starts with the field "{words[-1]}"')
                return "", field
            rest = _KEY_REST.match(self.text, end, self.limit)
            written += rest.group() if rest else ""
            end = rest.end() if rest else end
            follows = self.text[end] if end < self.limit else ""
        if follows == ",":
            return self.checked_key(written, match.start(1), start), end + 1
        if follows == "\n":
            after = self.blank(end)
            if self.text[after : after + 1] == ",":
                return self.checked_key(written, match.start(1), start), after + 1
            if self.text[after : after + 1] != self.closer:
                self.damage(match.start(1), end, f'no comma after the key "{written.strip()}"')
            return self.checked_key(written, match.start(1), start), after
        if follows == "{" and not written.strip() and (braced := _BRACED_KEY.match(self.text, end, self.limit)):
            self.damage(end, braced.end(), f'the key "{braced.group(1)}" is in braces')
            return self.checked_key(braced.group(1), braced.start(1), start), braced.end()
        if follows in ("{", '"') and written.strip():
            self.damage(match.start(1), end, f'no comma after the key "{written.strip()}"')
        return self.checked_key(written, match.start(1), start), end

    def checked_key(self, written: str, at: int, start: int, *, quiet: bool = False) -> str:
        key = " ".join(written.split())
        if quiet:
            return key
        if not key:
            self.damage(start, at, "entry has no key")
        elif " " in key:
            self.damage(at, at + len(written.rstrip()), f'the key "{key}" contains spaces')
        return key

    def field(self, at: int, key: str) -> tuple[str, str, int]:
        """Read what stands at `at`: a field's name ("" for none), its value, and where it ends."""
        match = _NAME.match(self.text, at, self.limit)
        if match is None:
            return "", "", self.junk(at, key)
        name = match.group(1)
        follows = self.text[match.end()] if match.end() < self.limit else ""
        if follows == "=":
            value, end = self.value(match.end() + 1, name)
            return name.lower(), value, end
        if follows == "," and self.text[self.blank(match.end() + 1) : self.blank(match.end() + 1) + 1] == "=":
            self.damage(match.end(), match.end() + 1, f'a comma between "{name}" and its value')
            value, end = self.value(self.blank(match.end() + 1) + 1, name)
            return name.lower(), value, end
        if follows in ("{", '"'):
            self.damage(at, match.end(), f'no "=" after "{name.rstrip(":")}" in "{key}"')
            value, end = self.value(match.end(), name)
            return name.lower().rstrip(":"), value, end
        spoilt = _SPOILT_NAME.match(self.text, at, self.limit)
        if spoilt is not None:
            name = spoilt.group(1)
            self.damage(at, spoilt.end() - 1, f'the field name "{self.text[at : spoilt.end() - 1].strip()}"')
            value, end = self.value(spoilt.end(), name)
            return name.lower(), value, end
        wide = _WIDE_NAME.match(self.text, at, self.limit)
        if wide is not None:
            name = " ".join(wide.group(1).split())
            self.damage(at, wide.end() - 1, f'the field name "{name}" contains spaces')
            value, end = self.value(wide.end(), name)
            return name.lower(), value, end
        return "", "", self.junk(at, key)

    def junk(self, at: int, key: str) -> int:
        """Step over what cannot be read; always moves on."""
        end = at + 1
        if self.text[at] == "=" and _ASSIGNED.match(self.text, end, self.limit):
            self.damage(at, end, f'a "=" too many in "{key}"')
            return end
        if self.text[at] == "{":
            group = _GROUP.match(self.text, at, self.limit)
            end = group.end() if group else end
        elif self.text[at] not in "{}()":
            rest = _REST.match(self.text, at, self.limit)
            end = max(end, rest.end()) if rest else end
        last = self.damages[-1] if self.damages else None
        if last is not None and last.reason.startswith("cannot read") and not self.text[last.end : at].strip():
            # One stretch of nonsense is one problem.
            self.damages[-1] = Damage(last.start, end, last.reason)
        elif self.text[at] == "=":
            self.damage(at, end, f'a value without a field name in "{key}"')
        else:
            shown = " ".join(self.text[at : min(end, at + 60)].split())
            self.damage(at, end, f'cannot read "{shown}" in "{key}"')
        return end

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
            if _ASSIGNED.match(self.text, after, self.limit) or self.next_field(after) == after:
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
            pattern = _REST if self.closer == "}" else _REST_IN_BRACKETS
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
        if follows not in ("{", '"') and (ends or _ASSIGNED.match(self.text, after, self.limit)):
            return match.group(), match.end()
        pattern = _REST if self.closer == "}" else _REST_IN_BRACKETS
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
            _ASSIGNED.match(self.text, after + 1, self.limit)
            or self.text[self.blank(after + 1) : self.blank(after + 1) + 1] in ("", "}", "%", ",", "@")
        ):
            return -1
        close = self.text.find("}", at, min(self.next_field(at), at + _LONGEST_LOSS))
        if close < 0 or "{" in self.text[at:close]:
            return -1
        behind = self.blank(close + 1)
        comma = self.text[behind : behind + 1] == ","
        more = (
            _ASSIGNED.match(self.text, behind + comma, self.limit)
            or self.text[self.blank(behind + comma) : self.blank(behind + comma) + 1] == "}"
        )
        return close + 1 if more else -1


def _even(inside: str) -> str:
    """Return text without the braces that have no partner."""
    open_at: list[int] = []
    lonely: set[int] = set()
    for match in _BRACE.finditer(inside):
        if match.group() == "{":
            open_at.append(match.start())
        elif open_at:
            open_at.pop()
        else:
            lonely.add(match.start())
    lonely.update(open_at)
    return inside if not lonely else "".join(c for i, c in enumerate(inside) if i not in lonely)
