"""Values as written, with their positions: TOML files, single assignments, lines and columns of keys."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from wikitools.config.settings import ConfigError
from wikitools.records import dataclass
from wikitools.text import line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Layer:
    """Unchecked values from one source of settings."""

    values: Mapping[str, Any]
    origin: str
    """The name in messages: the file relative to the wiki's configuration, an option, a variable."""
    text: str = ""
    table: tuple[str, ...] = ()
    folder: str = ""
    """The folder that paths in it are relative to, itself relative to the folder of the wiki's configuration."""
    by_user: bool = False
    """Whether it comes from the command line or the environment, not from a file of the wiki."""

    def place(self, *path: str) -> str:
        """Return the origin of a key, with line and column if they are known."""
        return self._at(self._offset(*path))

    def place_of(self, name: str, *path: str) -> str:
        """Return the place of a text inside the value of a key, or that of the key if it is not found."""
        start = self._offset(*path)
        if start is None:
            return self.origin
        match = re.compile(f"([\"']){re.escape(name)}\\1").search(self.text, start)
        return self._at(start if match is None else match.start())

    def _offset(self, *path: str) -> int | None:
        return find_key(self.text, (*self.table, *path)) if self.text else None

    def _at(self, offset: int | None) -> str:
        if offset is None:
            return self.origin
        line, column = line_and_column(line_starts(self.text), offset)
        return f"{self.origin}:{line}:{column}"


def read_layer(path: str, text: str, *, origin: str, folder: str = "", named: bool = False) -> Layer | None:
    """Return the settings for wikitools in a file, or `None` if it is another tool's. Raises `ConfigError`."""
    in_pyproject = os.path.basename(path) == "pyproject.toml"
    if in_pyproject and "wikitools" not in text and not named:
        return None
    values = _load(path, text)
    if not in_pyproject:
        return Layer(values, origin, text, folder=folder)
    tools = values.get("tool", {})
    table = tools.get("wikitools") if isinstance(tools, dict) else None
    if not isinstance(table, dict):
        if named:
            raise ConfigError(f"{path}: has no [tool.wikitools]")
        return None
    return Layer(table, origin, text, ("tool", "wikitools"), folder)


_DEEPEST = 50
"""The most parts of a dotted key: reading takes the square of their number."""
_DEEP_KEY = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{_DEEPEST}}}")


def _load(path: str, text: str) -> dict[str, Any]:
    """Return the values of a TOML file. Raises `ConfigError`, also for text that only an attacker would write."""
    import tomllib

    deep = _DEEP_KEY.search(text)
    if deep is not None:
        line, column = line_and_column(line_starts(text), deep.start())
        raise ConfigError(f"{path}:{line}:{column}: more than {_DEEPEST} names joined by dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_toml_error(path, str(error), text)) from error
    except RecursionError as error:
        raise ConfigError(f"{path}: lists or tables are nested too deeply") from error
    except ValueError as error:
        # Python does not read integers with thousands of digits.
        raise ConfigError(f"{path}: {error}") from error


def _toml_error(path: str, message: str, text: str) -> str:
    match = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if match is None:
        return f"{path}: {message[0].lower()}{message[1:]}"
    line = text.split("\n")[int(match[1]) - 1]
    bare = _BARE_WORD.match(line)
    quotes = ""
    if message.startswith("Invalid value"):
        if bare:
            quotes = f'; text needs quotes: {bare[1]} = "{bare[2].strip()}"'
        elif inside := _BARE_WORD_IN_LIST.match(line, int(match[2]) - 1):
            quotes = f'; text needs quotes: "{inside[0].strip()}"'
    return f"{path}:{match[1]}:{match[2]}: {message[0].lower()}{message[1 : match.start()]}{quotes}"


_BARE_WORD = re.compile(r"[ \t]*+([\w.-]++)[ \t]*+=[ \t]*+([A-Za-z][\w./ -]*+)\s*+(?:#.*)?$")
_BARE_WORD_IN_LIST = re.compile(r"[A-Za-z*][\w./* -]*+(?=[,\]}]|\s*$)")


def read_assignment(line: str) -> Layer:
    """Read `key=value` as a line of TOML.

    A value that is not valid TOML is text, so that quotes may be left out in a shell.
    """
    import tomllib

    origin = f"--config {line}"
    try:
        return Layer(tomllib.loads(line), origin, by_user=True)
    except tomllib.TOMLDecodeError:
        key, _equals, value = line.partition("=")
        quoted = value.strip().replace("\\", "\\\\").replace('"', '\\"')
        try:
            return Layer(tomllib.loads(f'{key} = "{quoted}"'), origin, by_user=True)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{origin}: not of the form key=value") from error


_TABLE_LINE = re.compile(r"[ \t]*+\[([^\[\]#\n]++)\][ \t\r]*+(?:#.*)?$")
_KEY_LINE = re.compile(r"[ \t]*+([^=#\[\]\n]++)=")
_KEY_PART = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([A-Za-z0-9_-]+)")


def find_key(text: str, path: tuple[str, ...]) -> int | None:
    """Return the offset of a key in the text, if its line shows it (for keys in inline tables, that of the table)."""
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    position = 0
    for line in text.splitlines(keepends=True):
        if match := _TABLE_LINE.match(line):
            table = _parts(match[1])
            found = table
        elif match := _KEY_LINE.match(line):
            found = (*table, *_parts(match[1]))
        else:
            found = ()
        if found and match is not None and found == path[: len(found)] and (best is None or len(found) > best[0]):
            best = (len(found), position + match.start(1))
        position += len(line)
    return None if best is None else best[1]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(match[1] or match[2] or match[3] or "" for match in _KEY_PART.finditer(dotted))
