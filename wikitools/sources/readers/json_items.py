"""Reads the items of a CSL-JSON file, each with its span: all that can be read, whatever is damaged around it."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from wikitools.markdown.page import Problem
from wikitools.sources.readers.yaml_entries import as_text, read_yaml
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BLANK = re.compile(r"[\s\ufeff\x00\x1e]*+")
"""A record separator (RFC 7464) counts as a blank, and so do the NULs that a crash leaves behind."""
_COMMENT = re.compile(r"//[^\r\n]*+|/\*[\s\S]*?(?:\*/|\Z)")
_NEXT_ITEM = re.compile(r"\{\s*+\"(?:id|type|DOI|title|citation-key|author|itemType|key)\"\s*+:")
_NEXT_ENTRY = re.compile(r"\{\s*+\"(?:id|type)\"\s*+:")
_NEXT_VALUE = re.compile(r"\[(?=\s*+\{)|\{(?=\s*+[\"}])")
_NEXT_MEMBER = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"\s*+:\s*+(?=[\[{])")
_STRING_OR_BRACE = re.compile(r'"(?:[^"\\\n]|\\.)*+"|[{}]')
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|"|[{}\[\],]', re.DOTALL)
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*+"|//[^\r\n]*+|/\*[\s\S]*?\*/')
_STRING_OR_TRAILING_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*+"|,(?=\s*+[}\]])')
_BACKSLASH = re.compile(r"\\([\"\\/bfnrt]|u[0-9A-Fa-f]{4})?")
_VALUE_OF_LINE = re.compile(r'^([ \t{]*+"[\w-]++"[ \t]*+:[ \t]*+")(.*)("[ \t]*+,?[ \t\r]*+)$', re.MULTILINE)
_BARE_QUOTE = re.compile(r'(?<!\\)"')
_COMMA = re.compile(r"\s*+,\s*+")
_LINES = (".jsonl", ".ndjson")
"""Names of files that have a value in each line."""
_ARRAYS = ("items", "references")
_MARKS = ("type", "title", "author")
"""Fields by which an object is known as an item."""
_DEEPEST = 20
"""Levels of wrappers and of lists in lists that are looked into."""
_MOST_PROBLEMS = 100
"""The most problems that are listed for a file; the others are only counted."""
_LARGEST_MENDED = 20_000


def find_items(path: str, text: str, problems: list[Problem], take: Callable[[Mapping[str, Any], Span], None]) -> None:
    """Hand each item of a file to `take`, with its place, and add what is wrong to `problems`.

    An array, an object that holds arrays or items by name (Zotero's `{"items": […]}`), or one item. What JSON does not
    allow is read all the same, and reported: several values in one file (files joined, JSON Lines), comments, text
    around the values, lists within lists. A broken item costs only itself.
    """
    _Reader(path, text, problems, take).read()


class _Reader:
    """Reads one file from its beginning to its end; the time is in proportion to the file, however damaged it is."""

    def __init__(
        self, path: str, text: str, problems: list[Problem], take: Callable[[Mapping[str, Any], Span], None]
    ) -> None:
        self.path = path
        self.text = text
        self.end = len(text)
        self.problems = problems
        self.take = take
        self.untold = 0
        self.doubled: list[str] = []
        self.has_comments = False
        self.ahead: dict[re.Pattern[str], tuple[int, int]] = {}
        """Where the next item is: where the search for it began, and where it was found."""
        # Each failure may have read far, so failures are limited.
        self.budget = 20 * len(text) + 1_000_000
        self.decode = json.JSONDecoder(strict=False, object_pairs_hook=self.object_of).raw_decode

    def object_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counts = Counter(name for name, _value in pairs)
            self.doubled += [name for name, times in counts.items() if times > 1]
        return made

    def tell(self, at: int, reason: str, end: int = 0) -> None:
        if len(self.problems) >= _MOST_PROBLEMS:
            self.untold += 1
            return
        start = min(at, max(0, self.end - 1))
        self.problems.append(
            Problem(Span(self.path, start, min(self.end, max(start + 1, end))), "malformed-source", reason)
        )

    def found(self, item: Mapping[str, Any], start: int, end: int) -> None:
        for name in dict.fromkeys(self.doubled):
            self.tell(start, f'JSON: "{name[:60]}" appears twice in this entry; the last one is used')
        self.doubled = []
        self.take(item, Span(self.path, start, end))
        for name, value in item.items():
            # Where its last brace is missing, an item takes in the next one by key.
            if type(value) is dict and "title" in value and ("type" in value or "author" in value):
                self.tell(start, f'JSON: "{name[:60]}" is inside this entry instead of after it; it is read too')
                self.found({"id": name, **value}, start, end)

    def skip(self, at: int) -> int:
        """Return where the next character is that is neither blank nor in a comment."""
        while True:
            match = _BLANK.match(self.text, at)
            at = match.end() if match else at
            comment = _COMMENT.match(self.text, at) if self.text[at : at + 1] == "/" else None
            if comment is None:
                return at
            if not self.has_comments:
                self.has_comments = True
                self.tell(at, "JSON has no comments; the rest is read anyway")
            at = comment.end()

    def read(self) -> None:
        at = self.skip(0)
        values, is_told = 0, self.path.lower().endswith(_LINES)
        while at < self.end:
            mark = self.text[at]
            if values and not is_told:
                is_told = True
                self.tell(at, "JSON: the file should end here; what follows is read too")
            if mark == "[":
                at = self.array(at, 0)
            elif mark == "{":
                at = self.object_at(at, at, "", 0)
            else:
                following = _NEXT_VALUE.search(self.text, at)
                if not values:
                    self.tell(
                        at,
                        f'JSON: a list or an object was expected, not "{self.shown(at)}"'
                        if following
                        else "not CSL-JSON: neither a list nor an object",
                    )
                at = following.start() if following else self.end
                continue
            values += 1
            at = self.skip(at)
        if self.untold:
            place = self.problems[-1].span
            self.problems.append(Problem(place, "malformed-source", f"and {self.untold:,} more problems in this file"))

    def shown(self, at: int) -> str:
        return " ".join(self.text[at : at + 30].split())

    def array(self, at: int, depth: int) -> int:
        """Read the list that opens at `at`; returns where reading goes on."""
        return self.elements(self.skip(at + 1), depth)

    def elements(self, at: int, depth: int) -> int:
        """Read the rest of a list from `at` on; returns where reading goes on."""
        while at < self.end and self.text[at] != "]":
            is_sound = True
            if self.text[at] == ",":
                self.tell(at, "JSON: nothing before this comma")
            elif self.text[at] == "[" and depth < _DEEPEST:
                self.tell(at, "JSON: a list within the list of references; it is read too")
                at = self.array(at, depth + 1)
            else:
                at, is_sound = self.element(at)
            at = at if self.text[at : at + 1] == "," else self.skip(at)
            if self.text[at : at + 1] == ",":
                at = self.skip(at + 1)
            elif at < self.end and self.text[at] != "]" and is_sound:
                self.tell(at, "JSON: no comma between two entries")
                if self.text[at] != "{":
                    at = self.next_item(at, at)
        if at >= self.end:
            self.tell(self.end - 1, "JSON: the list of references is not closed")
        return at + 1

    def element(self, at: int) -> tuple[int, bool]:
        """Read what stands at `at` in a list; returns where it ends, and whether it is sound."""
        try:
            item, after = self.decode(self.text, at)
        except (ValueError, RecursionError) as error:
            return self.broken_item(at, at, "", error), False
        if isinstance(item, dict):
            self.found(item, at, after)
        else:
            self.tell(at, "not a reference: an object was expected", after)
        return after, True

    def broken_item(self, begin: int, at: int, key: str, error: Exception) -> int:
        """Read what can be made out of the broken item at `at`; returns where the next one seems to start."""
        broken, reason = self.failure(at, error)
        self.budget -= broken - at
        if self.budget < 0:
            self.tell(at, "JSON: too much is damaged; the rest of the file is not read")
            return self.end
        self.tell(broken, reason)
        limit = self.next_item(at, broken)
        if limit == self.end and (nearer := self.following(_NEXT_ENTRY, at + 1)) < limit:
            # One of its lists is not closed and takes in all that follows.
            limit = nearer
        after = self.item_end(at, limit)
        mended = self.mended(self.text[at:after])
        self.doubled = []
        if mended is not None:
            end = at + len(self.text[at:after].rstrip(", \t\r\n"))
            self.found({"id": key, **mended} if key else mended, begin, end)
        return after

    def failure(self, at: int, error: Exception) -> tuple[int, str]:
        """Return where and why reading the value at `at` failed."""
        if isinstance(error, json.JSONDecodeError):
            return min(self.end, error.pos), f"JSON: {error.msg}"
        return at, "JSON: nested too deeply"

    def item_end(self, start: int, limit: int) -> int:
        """Return where the braces of the item at `start` are closed, if that happens before `limit`; else `limit`."""
        depth = 0
        for match in _STRING_OR_BRACE.finditer(self.text, start, limit):
            depth += {"{": 1, "}": -1}.get(match.group(), 0)
            if depth == 0 and match.group() == "}":
                comma = _COMMA.match(self.text, match.end())
                return comma.end() if comma else match.end()
        return limit

    def next_item(self, start: int, broken: int) -> int:
        """Return where the next item seems to start, behind what broke the one at `start`."""
        return self.following(_NEXT_ITEM, max(start + 1, broken))

    def following(self, pattern: re.Pattern[str], at: int) -> int:
        """Return where the next item that looks like `pattern` seems to start; the end of the file without one."""
        asked, found = self.ahead.get(pattern, (self.end, -1))
        if asked <= at <= found:
            return found
        found = self.end
        for match in pattern.finditer(self.text, at):
            before = self.text[max(0, match.start() - 200) : match.start()].rstrip()
            # What stands behind a colon is a part of an item: a name, a date, the first of a list of them.
            if not before.endswith((":", ":[", ": [")):
                found = match.start()
                break
        self.ahead[pattern] = at, found
        return found

    def mended(self, written: str) -> dict[str, Any] | None:
        """Return the broken item as a person would read it; `None` where even that fails."""
        body = written.rstrip(", \t\r\n")
        if len(body) > _LARGEST_MENDED or not body.startswith("{"):
            return None
        for repair in _REPAIRS:
            body = repair(body)
            try:
                item, end = self.decode(body, 0)
            except (ValueError, RecursionError):
                continue
            # What was cut off may be all that the entry had to say.
            is_enough = repair is not _closed or "title" in item
            if isinstance(item, dict) and is_enough and not body[end:].strip(" \t\r\n,]}") and _names_itself(item):
                return item
        # YAML forgives single quotes, and names without any.
        body = written.rstrip().rstrip(",]").rstrip()
        parts, problems = read_yaml(self.path, "- " + body.replace("\n", "\n  "))
        value = parts[0].value if len(parts) == 1 and not problems else None
        return value if isinstance(value, dict) and _names_itself(value) else None

    def object_at(self, begin: int, at: int, key: str, depth: int) -> int:
        """Read the object at `at`, an item or a wrapper; returns where it ends. What it is known by begins at `begin`.

        `key` is the name under which it stands in another object.
        """
        try:
            value, after = self.decode(self.text, at)
        except (ValueError, RecursionError) as error:
            if depth or _NEXT_ITEM.match(self.text, at):
                return self.broken_item(begin, at, key, error)
            return self.members(at, depth)
        is_item = any(name in value and not isinstance(value[name], dict) for name in _MARKS)
        if is_item and not any(_holds_items(value.get(name)) for name in _ARRAYS):
            self.found({"id": key, **value} if key else value, begin, after)
            return after
        self.doubled = []
        if depth < _DEEPEST and any(isinstance(member, (dict, list)) for member in value.values()):
            return self.members(at, depth)
        if len(value) > 0 and not depth:
            self.tell(at, "not a reference: neither type nor title nor author")
        return after

    def members(self, at: int, depth: int) -> int:
        """Read what stands by name in the object at `at`; returns where reading goes on."""
        at = self.skip(at + 1)
        while at < self.end and self.text[at] != "}":
            begin = at
            try:
                name, after = self.decode(self.text, at)
                place = self.skip(self.skip(after) + 1)
                at = self.member(begin, name, place, depth)
            except (ValueError, RecursionError) as error:
                broken, reason = self.failure(at, error)
                self.budget -= broken - begin
                self.tell(broken, reason)
                item = self.next_item(begin, broken) if self.budget > 0 else self.end
                member = _NEXT_MEMBER.search(self.text, max(begin + 1, broken), item)
                at = member.start() if member is not None else item
                if member is None and item < self.end:
                    return self.elements(item, depth)
            self.doubled = []
            at = self.skip(at)
            if self.text[at : at + 1] == ",":
                at = self.skip(at + 1)
        if at >= self.end:
            self.tell(self.end - 1, "JSON: the object is not closed")
        return at + 1

    def member(self, begin: int, name: object, place: int, depth: int) -> int:
        """Read the value of a member; returns where it ends. Raises what the decoder raises."""
        mark = self.text[place : place + 1]
        if mark == "{":
            return self.object_at(begin, place, str(name), depth + 1)
        inside = self.skip(place + 1) if mark == "[" else place
        if mark == "[" and (name in _ARRAYS or self.text[inside : inside + 1] == "{"):
            return self.array(place, depth + 1)
        _value, after = self.decode(self.text, place)
        return after


def _holds_items(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(member, dict) for member in value)


def _names_itself(item: Mapping[str, Any]) -> bool:
    return bool(as_text(item.get("id")))


# --- what people get wrong in one item -------------------------------------------------------------------------------


def _without_comments(body: str) -> str:
    """Return an item without comments, without commas before a closing bracket, and without NULs."""
    body = body.replace("\0", " ")
    body = _STRING_OR_COMMENT.sub(lambda match: match[0] if match[0][0] == '"' else " ", body)
    return _STRING_OR_TRAILING_COMMA.sub(lambda match: match[0] if match[0][0] == '"' else "", body)


def _with_escapes(body: str) -> str:
    r"""Return an item in which a backslash that escapes nothing is one: `"\emph{On Sheep}"`."""
    return _BACKSLASH.sub(lambda match: match[0] if match[1] else "\\\\", body)


def _with_escaped_quotes(body: str) -> str:
    """Return an item of a field a line in which quotes within a value are escaped: `"title": "On "Sheep"",`."""
    return _VALUE_OF_LINE.sub(lambda match: match[1] + _BARE_QUOTE.sub(r'\\"', match[2]) + match[3], body)


def _closed(body: str) -> str:
    """Return an item that was cut off, up to its last whole field, with the brackets that are missing."""
    opened: list[str] = []
    whole, closers = 0, ""
    for match in _STRING_OR_BRACKET.finditer(body):
        sign = match[0]
        if sign in ("{", "["):
            opened.append("}" if sign == "{" else "]")
        elif sign in ("}", "]"):
            if not opened or opened.pop() != sign:
                return body
            whole, closers = match.end(), "".join(reversed(opened))
        elif sign == ",":
            whole, closers = match.start(), "".join(reversed(opened))
        elif sign == '"':
            break
    return body[:whole] + closers


_REPAIRS = (_without_comments, _with_escapes, _with_escaped_quotes, _closed)
