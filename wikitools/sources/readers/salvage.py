"""Reads BibTeX entries that a strict parser refuses, as a person would, and reports every deviation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wikitools.sources.readers.salvage_values import ASSIGNED, BLANK, REST, Damage, ValueScanner

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
_LINE = re.compile(r"[^\n]*+")
_GROUP = re.compile(r"\{[^{}\n]*+\}")
_MOST_DAMAGES = 20
"""An entry with more is nonsense; the rest is only counted."""


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


class _Scanner(ValueScanner):
    """One pass over one entry."""

    __slots__ = ()

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
            if self.text[at] == "}" and not ASSIGNED.match(self.text, self.blank(at + 1), self.limit):
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
        following = BLANK.match(self.text, at + 1, self.limit)
        after = following.end() if following else at + 1
        comma = self.text[after : after + 1] == ","
        if ASSIGNED.match(self.text, after + comma, self.limit):
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
        if self.text[at] == "=" and ASSIGNED.match(self.text, end, self.limit):
            self.damage(at, end, f'a "=" too many in "{key}"')
            return end
        if self.text[at] == "{":
            group = _GROUP.match(self.text, at, self.limit)
            end = group.end() if group else end
        elif self.text[at] not in "{}()":
            rest = REST.match(self.text, at, self.limit)
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
