"""The front matter of a page: its fields as plain data with their spans, and the links in its values. Never written."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from wikitools.markdown.links import bare_url_end, make_wikilink
from wikitools.markdown.page import Field, Problem, WebLink, Wikilink
from wikitools.markdown.safe_yaml import Budget, YamlError, compose
from wikitools.text import Span

if TYPE_CHECKING:
    from wikitools.markdown.page import Value
    from wikitools.markdown.safe_yaml import Node

FrontMatter = tuple[
    "Mapping[str, Field]", "Span | None", "tuple[Wikilink, ...]", "tuple[WebLink, ...]", "tuple[Problem, ...]"
]

# A plain dict: pages travel between processes, which a mapping proxy cannot.
_NOTHING: Mapping[str, Field] = {}
_OPENING = re.compile(r"\ufeff?---[ \t]*+(\r\n|\n|\r)")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*+(?:\r\n|\n|\r|\Z)", re.MULTILINE)
_BLANKS = " \t\r\n\x85\u2028\u2029"
"""White space and line breaks of YAML 1.1 and 1.2; a no-break space is part of a value."""
_LARGEST = 256 * 1024


def read_front_matter(path: str, text: str) -> FrontMatter:
    """Read the front matter: fields by name, span (fences included), wikilinks, URLs, and problems.

    Front matter starts at the first character (or after a byte order mark) with a line `---`, and ends with a line
    `---` or `...`; without such an end there is none. Scalars are read as in YAML 1.2's core schema, and dates as
    dates. Invalid YAML gives a `Problem("invalid-front-matter")` at its place, and only the fields on lines of their
    own. A repeated key gives the same problem at its second place; then all fields are read, and the last value counts.
    """
    opening = _OPENING.match(text)
    if opening is None:
        return _NOTHING, None, (), (), ()
    closing = _closing(text, opening.end())
    if closing is None:
        dashes = text.index("---")
        span = Span(path, dashes, dashes + 3)
        message = "the front matter that starts here has no closing line `---`"
        return _NOTHING, None, (), (), (Problem(span, "invalid-front-matter", message),)
    span = Span(path, text.index("---"), closing.end())
    begin, end = opening.end(), closing.start()
    if not text[begin:end].strip():
        return _NOTHING, span, (), (), ()
    head = _Head(path, text, begin, end)
    if not head.read_flat():
        head.read()
    return head.fields, span, tuple(head.wikilinks), tuple(head.weblinks), tuple(head.problems)


def _closing(text: str, position: int) -> re.Match[str] | None:
    match = _CLOSING.search(text, position)
    # With MULTILINE, "^" matches only after line feeds; a file whose lines end with CR needs its own search.
    if match is None and "\n" not in text:
        match = re.compile(r"(?<=\r)(?:---|\.\.\.)[ \t]*+(?:\r|\Z)").search(text, position - 1)
    return match


def begin_of(text: str, front_matter: Span | None) -> int:
    """Return where the Markdown of a page begins: after its front matter, or after a byte order mark."""
    return front_matter.end if front_matter is not None else len("\ufeff") if text.startswith("\ufeff") else 0


class _HeadError(Exception):
    """What is wrong with front matter, and in which range of the file."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


_WIKILINK = re.compile(r"(!?)\[\[([^\[\]\r\n]++)\]\]")
_STATEMENT = re.compile(r"^[ \t]*(?:\{\{[^\r\n]*\}\}|\{%[^\r\n]*%\}|<%[^\r\n]*%>)[ \t]*$", re.MULTILINE)
_EXPRESSION = re.compile(r"\{\{[^{\r\n]*?\}\}|\{%[^{\r\n]*?%\}|<%[^<\r\n]*?%>")
"""What Hugo (`{{ replace .Name "-" " " }}`), Jinja, Handlebars and Templater replace.

None holds the beginning of another one, so that hostile lines take no longer than their length explains.
"""
_URL_START = re.compile(r"(?i:https?://)")


class _Head:
    """Front matter while it is being read. Offsets count from the start of the file."""

    def __init__(self, path: str, text: str, begin: int, end: int) -> None:
        self.path = path
        self.text = text
        self.begin = begin
        self.end = end
        self.fields: Mapping[str, Field] = {}
        self.wikilinks: list[Wikilink] = []
        self.weblinks: list[WebLink] = []
        self.problems: list[Problem] = []
        self.budget = Budget(text[begin:end])
        self.twins: set[Span] = set()

    def read(self) -> None:
        try:
            tree = self._compose()
            if tree is not None:
                self._read_fields(tree)
        except _HeadError as error:
            place = Span(self.path, error.start, max(error.end, error.start))
            self.problems = [] if self._is_template() else [Problem(place, "invalid-front-matter", str(error))]
            self.wikilinks.clear()
            self.weblinks.clear()
            self.fields = _fields_on_lines(self.path, self.text, self.begin, self.end)

    def _is_template(self) -> bool:
        """Say whether this is YAML once a program has replaced all expressions such as `{{ .Title }}`."""
        source = self.text[self.begin : self.end]
        filled = _EXPRESSION.sub("x", _STATEMENT.sub("", source))
        try:
            return filled != source and compose(filled) is not None
        except YamlError:
            return False

    def read_flat(self) -> bool:
        """Read front matter of `key: value` lines without YAML.

        Return `False`, having read nothing, if it may be more.
        """
        source = self.text[self.begin : self.end]
        if len(source) > _LARGEST_FLAT or _is_odd(source):
            return False
        flat = _read_flat(source)
        if flat is None or len({entry.name for entry in flat}) < len(flat):
            # YAML reports repeated keys.
            return False
        self.fields = _FlatFields(self.path, self.begin, source, flat)
        if "[[" in source or "://" in source:
            for entry in flat:
                for start, end in entry.scalars:
                    quote = source[start] if source[start] in "'\"" else ""
                    self._read_scalar_links(self.begin + start, self.begin + end, quote)
        return True

    def _compose(self) -> Node:
        """Return the tree of YAML nodes."""
        source = self.text[self.begin : self.end]
        if len(source) > _LARGEST:
            raise _HeadError(f"the front matter is larger than {_LARGEST // 1024} KiB", self.begin, self.begin)
        try:
            return compose(source)
        except YamlError as error:
            raise self._not_valid(error) from error

    def _not_valid(self, error: YamlError) -> _HeadError:
        start, end = (min(self.begin + at, self.end) for at in (error.start, error.end))
        return _HeadError(f"the front matter is not valid YAML: {error}", start, end)

    def _read_fields(self, tree: Node) -> None:
        if tree.id != "mapping":
            raise _HeadError("the front matter is not a list of `key: value` lines", *self._range(tree))
        keys = []
        fields: dict[str, Field] = {}
        for key, value in tree.value:
            name = self._value(key, 1)
            plain = self._value(value, 1)
            start, end = self._range(value)
            written = self.text[start:end].rstrip(_BLANKS)
            fields[_key_name(name)] = Field(plain, Span(self.path, start, start + len(written)))
            keys.append(name)
        self.fields = fields
        self._report_twins(tree, keys)
        self.problems.sort(key=lambda problem: problem.span)
        self._read_links(tree)

    def _range(self, node: Node) -> tuple[int, int]:
        return self.begin + node.start_mark.index, self.begin + node.end_mark.index

    def _value(self, node: Node, depth: int) -> Value:
        """Build plain data."""
        try:
            self.budget.enter(node, depth)
        except YamlError as error:
            raise self._not_valid(error) from error
        if node.id == "scalar":
            return _scalar(node)
        if node.id == "sequence":
            return [self._value(value, depth + 1) for value in node.value]
        pairs = [(self._value(key, depth + 1), self._value(value, depth + 1)) for key, value in node.value]
        self._report_twins(node, [key for key, _value in pairs])
        return {_key_name(key): value for key, value in pairs}

    def _report_twins(self, mapping: Node, keys: Sequence[Value]) -> None:
        """Report repeated keys (YAML 1.2.2, §3.2.1.1: keys are unique). The last value counts."""
        seen: set[tuple[bool, str]] = set()
        for (node, _value), key in zip(mapping.value, keys, strict=True):
            name = _key_name(key)
            place = Span(self.path, *self._range(node))
            if (isinstance(key, str), name) in seen and place not in self.twins:
                self.twins.add(place)
                shown = _quoted(name)
                message = f"the key {shown} is repeated; many programs then ignore the whole front matter"
                self.problems.append(Problem(place, "invalid-front-matter", message))
            seen.add((isinstance(key, str), name))

    def _read_links(self, tree: Node) -> None:
        """Find the links in the scalars: each scalar once, in page order, however many aliases repeat it."""
        seen: set[int] = set()
        scalars: list[Node] = []
        waiting = [tree]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if node.id == "scalar":
                scalars.append(node)
            elif node.id == "sequence":
                waiting += node.value
            else:
                waiting += [value for _key, value in node.value]
        for node in sorted(scalars, key=lambda node: int(node.start_mark.index)):
            start, end = self._range(node)
            self._read_scalar_links(start, end, node.style or "")

    def _read_scalar_links(self, start: int, end: int, style: str) -> None:
        if style in {"'", '"'}:
            for match in _WIKILINK.finditer(self.text, start, end):
                if match[2].strip():
                    place = Span(self.path, match.start(), match.end())
                    embed = bool(match[1])
                    self.wikilinks.append(make_wikilink(match[2], place, embed=embed, in_front_matter=True))
        self._read_urls(start, end, style)

    def _read_urls(self, start: int, end: int, style: str) -> None:
        position = start
        while (match := _URL_START.search(self.text, position, end)) is not None:
            stop = min(bare_url_end(self.text, match.start()), end)
            if style == "'":
                quote = self.text.find("'", match.start(), stop)
                stop = quote if quote >= 0 else stop
            position = max(stop, match.end())
            if stop > match.start():
                place = Span(self.path, match.start(), stop)
                url = place.of(self.text)
                self.weblinks.append(WebLink(place, url, url, place, syntax="front-matter"))


# ---- front matter that needs no YAML
# -----------------------------------------------------------------------------------------

_LARGEST_FLAT = 16 * 1024
_ODD_IN_ASCII = re.compile("[^\n -~]")


def _is_odd(source: str) -> bool:
    """Say whether there are tabs, carriage returns, YAML's other line breaks, or characters that it forbids."""
    return (_ODD_IN_ASCII if source.isascii() else _odd()).search(source) is not None


@functools.cache
def _odd() -> re.Pattern[str]:
    # It takes as long to compile as to read a large page.
    return re.compile("[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


_PLAIN = r"[^\s?:,\[\]{}#&*!|>'\"%@`-][^\n:#]*+(?:(?::(?=\S)|(?<=\S)#)[^\n:#]*+)*+"
_QUOTED = r"\"[^\"\\\n]*+(?:\\\"[^\"\\\n]*+)*+\"|'[^'\n]*+(?:''[^'\n]*+)*+'"
_IN_BRACKETS = rf"(?:[^\[\]{{}}\"'\n]++|{_QUOTED})*+"
_ENTRY = re.compile(
    rf"([A-Za-z_][A-Za-z0-9_-]*+):(?: ++(?:({_PLAIN})|({_QUOTED})|\[({_IN_BRACKETS})\]))?+ *+(?:\n++|\Z)"
)
_ENTRY_IN_LIST = re.compile(rf"( *+)- ++(?:({_PLAIN})|({_QUOTED})) *+(?:\n++|\Z)")
_ENTRY_IN_BRACKETS = re.compile(
    rf" *+(?:([^\s?:,#&*!|>'\"%@`-][^\n,:?#&*!|>'\"%@`]*+)|({_QUOTED})) *+(?:,(?= *+[^ ])|\Z)"
)
_NOT_A_NAME = frozenset("null Null NULL true True TRUE false False FALSE".split())


class _Entry(NamedTuple):
    """A key with its value: nothing, a scalar, or a list. Offsets count from the start of the front matter."""

    name: str
    start: int
    end: int
    scalars: Sequence[tuple[int, int]]
    """The ranges of the value's scalars, without trailing blanks."""
    is_list: bool = False


class _FlatFields(Mapping[str, Field]):
    """The fields of flat front matter; their values are made when they are needed."""

    __slots__ = ("_begin", "_entries", "_made", "_path", "_source")

    def __init__(self, path: str, begin: int, source: str, entries: Sequence[_Entry]) -> None:
        self._path = path
        self._begin = begin
        self._source = source
        self._entries = {entry.name: entry for entry in entries}
        self._made: dict[str, Field] = {}

    def __getitem__(self, name: str) -> Field:
        field = self._made.get(name)
        if field is None:
            _name, start, end, scalars, is_list = self._entries[name]
            values = [_flat_value(self._source[first:last]) for first, last in scalars]
            value = values if is_list else values[0] if values else None
            field = self._made[name] = Field(value, Span(self._path, self._begin + start, self._begin + end))
        return field

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[type[dict[str, Field]], tuple[dict[str, Field]]]:
        return dict, (dict(self),)


def _flat_value(written: str) -> Value:
    quote = written[0]
    if quote in "'\"":
        return written[1:-1].replace('\\"' if quote == '"' else "''", quote)
    return _plain_value(written)


def _read_flat(source: str) -> list[_Entry] | None:
    """Read lines of `key: value`, where a value is one line, a `[list]`, or a list of lines `- value`.

    Values are plain or quoted, without escapes (except of the quote), comments, anchors, tags, and nested keys. The
    result is that of YAML; `None` for everything else.
    """
    entries: list[_Entry] = []
    position = len(source) - len(source.lstrip("\n"))
    length = len(source)
    while position < length:
        match = _ENTRY.match(source, position)
        if match is None or match[1] in _NOT_A_NAME:
            return None
        name = match[1]
        position = match.end()
        group = match.lastindex or 0
        if group == 1:
            items, start, position = _read_flat_list(source, position)
            if items:
                entries.append(_Entry(name, start, items[-1][1], items, is_list=True))
            else:
                entries.append(_Entry(name, match.end(1) + 1, match.end(1) + 1, ()))
        elif group == 4:
            start, end = match.span(4)
            listed = _read_brackets(source, start, end)
            if listed is None:
                return None
            entries.append(_Entry(name, start - 1, end + 1, listed, is_list=True))
        else:
            start, end = _flat_scalar(match, group)
            entries.append(_Entry(name, start, end, ((start, end),)))
    return entries


def _flat_scalar(match: re.Match[str], group: int) -> tuple[int, int]:
    """Return the range of a plain or quoted scalar, without blanks after a plain one."""
    start, end = match.span(group)
    source = match.string
    while source[end - 1] == " ":
        end -= 1
    return start, end


def _read_flat_list(source: str, position: int) -> tuple[list[tuple[int, int]], int, int]:
    """Return the scalars of lines `- value`, the offset of the first mark, and that of the line after the list."""
    found: list[tuple[int, int]] = []
    indent = ""
    start = position
    while (match := _ENTRY_IN_LIST.match(source, position)) is not None:
        if not found:
            indent = match[1]
            start = match.end(1)
        elif match[1] != indent:
            break
        found.append(_flat_scalar(match, match.lastindex or 0))
        position = match.end()
    return found, start, position


def _read_brackets(source: str, start: int, end: int) -> list[tuple[int, int]] | None:
    found: list[tuple[int, int]] = []
    position = start
    if not source[start:end].strip(" "):
        return found
    while position < end:
        match = _ENTRY_IN_BRACKETS.match(source, position, end)
        if match is None:
            return None
        found.append(_flat_scalar(match, match.lastindex or 0))
        position = match.end()
    return found


def _quoted(name: str) -> str:
    """Return a key in quotes, shortened if it is long."""
    shown = " ".join(name.split())
    return f'"{shown[:_SHOWN]}…"' if len(shown) > _SHOWN else f'"{shown}"'


_SHOWN = 60


def _key_name(key: Value) -> str:
    return key if isinstance(key, str) else "null" if key is None else str(key)


_INTEGER = re.compile(r"[-+]?[0-9]{1,100}")
_OTHER_INTEGER = re.compile(r"0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL_FLOATS = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(_DATE.pattern + r"[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[-+][0-9:]{2,6})?")


def _scalar(node: Node) -> Value:
    written: str = node.value
    return written if node.style or node.tag == "!" else _plain_value(written)


_MAY_MEAN_MORE = frozenset("+-.~0123456789nNtTfF")


def _plain_value(written: str) -> Value:
    """Resolve a scalar by YAML 1.2's core schema, so that "12:30" and "yes" stay what the author wrote; plus dates."""
    if written and written[0] not in _MAY_MEAN_MORE:
        return written
    if written in {"", "~", "null", "Null", "NULL"}:
        return None
    if written in {"true", "True", "TRUE"}:
        return True
    if written in {"false", "False", "FALSE"}:
        return False
    if _INTEGER.fullmatch(written):
        return int(written)
    if _OTHER_INTEGER.fullmatch(written):
        return int(written, 0)
    if _FLOAT.fullmatch(written):
        return float(written)
    if written.lower() in _SPECIAL_FLOATS:
        return float(_SPECIAL_FLOATS[written.lower()])
    if _DATE.fullmatch(written) or _TIMESTAMP.fullmatch(written):
        try:
            moment = datetime.datetime.fromisoformat(written)
        except ValueError:
            return written
        return moment.date() if len(written) == 10 else moment
    return written


_FIELD_LINE = re.compile(r"^([A-Za-z_][\w-]*+):[ \t]++([^\r\n]*+)", re.MULTILINE)


def _fields_on_lines(path: str, text: str, begin: int, end: int) -> dict[str, Field]:
    """Read `key: value` lines of front matter that is not valid YAML, values as text; lists and blocks are left out."""
    fields: dict[str, Field] = {}
    for match in _FIELD_LINE.finditer(text, begin, end):
        written = match[2].rstrip(" \t")
        if not written or written[0] in "[{|>&*!#":
            continue
        place = Span(path, match.start(2), match.start(2) + len(written))
        if len(written) > 1 and written[0] in "'\"" and written[-1] == written[0]:
            written = written[1:-1]
        fields[match[1]] = Field(written, place)
    return fields
