"""Renames moved files in a configuration file: only the names change, no other character."""

from __future__ import annotations

import json
import os
import re
import tomllib
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from wikitools.config.settings import ConfigError
from wikitools.config.written_values import read_layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PATHS = (("bibliography",), ("baseline",), ("extend",), ("block", "style"))
"""Keys whose texts are paths, relative to their file."""
_GLOBS = (("per-file-ignores",), ("entry-pages",), ("exclude",))
"""Keys whose texts are patterns for paths from the root, or for names anywhere."""


class _Name(NamedTuple):
    """A text of the configuration that names a file: an entry of a list, a value, or a key (its own `where`)."""

    table: tuple[str, ...]
    where: str | int | None
    """Which entry; `None` for the value itself."""
    text: str
    is_key: bool = False


def rename_in_config(path: str, text: str, *, root: str, moves: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return a configuration file with the new paths of moved files, and no other change.

    `moves` are files and folders with their new paths, relative to the root; `names` are file names, in lower case,
    that no file has any more. If the configuration file itself moves, its paths are relative to its new folder. Raises
    `ConfigError` if a path cannot be changed without changing more.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text[len(mark) :]
    layer = read_layer(path, text, origin=os.path.basename(path))
    if layer is None:
        return mark + text
    folder, new_folder = os.path.dirname(path), os.path.dirname(_moved_place(path, root, moves))
    lower = {old.lower(): new for old, new in moves.items()}

    def path_now(name: str) -> str:
        old = os.path.normpath(os.path.join(folder, name))
        new = _moved_place(old, root, moves)
        if os.path.isabs(name) or name.startswith("~"):
            return name if new == old else new
        now = os.path.relpath(new, new_folder).replace(os.sep, "/")
        return name if now == os.path.relpath(old, folder).replace(os.sep, "/") else now

    def glob_now(glob: str) -> str:
        bare = glob.strip("/")
        steps = bare.split("/")
        plain = next((end for end, step in enumerate(steps) if _IS_GLOB.search(step)), len(steps))
        known = "/".join(steps[:plain])
        now = names.get(known.lower(), known) if "/" not in glob else _moved(known, lower, known.lower())
        return glob if now == known else glob.replace(known, now, 1)

    for keys, now in ((_PATHS, path_now), (_GLOBS, glob_now)):
        for key in keys:
            for name in tuple(_names(layer.values, key)):
                if key == ("block", "style") and not name.text.endswith(".csl"):
                    continue
                new = now(name.text)
                if new != name.text:
                    text = _replaced(text, (*layer.table, *key), name, new, layer.place(*key))
    return mark + text


def _moved(path: str, moves: Mapping[str, str], asked: str) -> str:
    """Return the new path, by its own move or that of a folder above; `asked` is its spelling in `moves`."""
    if asked in moves:
        return moves[asked]
    above = next((old for old in moves if asked.startswith(f"{old}/")), None)
    return path if above is None else moves[above] + path[len(above) :]


_IS_GLOB = re.compile(r"[*?\[\]!\\]")


def _moved_place(place: str, root: str, moves: Mapping[str, str]) -> str:
    inside = os.path.relpath(place, root).replace(os.sep, "/")
    return os.path.normpath(os.path.join(root, _moved(inside, moves, inside)))


def _names(values: Any, key: tuple[str, ...]) -> Iterator[_Name]:
    for step in key:
        values = values.get(step) if isinstance(values, dict) else None
    if isinstance(values, str):
        yield _Name(key, None, values)
    elif isinstance(values, dict):
        yield from (_Name(key, each, each, is_key=True) for each in values)
    elif isinstance(values, list):
        yield from (_Name(key, number, each) for number, each in enumerate(values) if isinstance(each, str))


_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|#[^\n]*|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+', re.DOTALL
)


def _replaced(text: str, table: tuple[str, ...], name: _Name, new: str, place: str) -> str:
    """Return the text with one name replaced, if that changes this name and nothing else."""
    wanted = _with(tomllib.loads(text), table, name, new)
    for token in _TOKEN.finditer(text):
        if _value(token[0]) != name.text:
            continue
        changed = text[: token.start()] + _written(new, token[0]) + text[token.end() :]
        try:
            if tomllib.loads(changed) == wanted:
                return changed
        except tomllib.TOMLDecodeError:
            # It was not a text of its own, but part of a number, for example.
            continue
    raise ConfigError(f'{place}: names "{name.text}", and is written so that it cannot be changed')


def _with(values: dict[str, Any], table: tuple[str, ...], name: _Name, new: str) -> dict[str, Any]:
    """Return the values with one name replaced."""
    changed = deepcopy(values)
    holder: Any = changed
    for step in table[:-1]:
        holder = holder[step]
    if name.where is None:
        holder[table[-1]] = new
    elif name.is_key:
        holder[table[-1]] = {new if key == name.text else key: value for key, value in holder[table[-1]].items()}
    else:
        holder[table[-1]][name.where] = new
    return changed


def _value(token: str) -> str | None:
    """Return the text that a token means; `None` for comments."""
    if token.startswith("#"):
        return None
    if token[0] not in "\"'":
        return token
    try:
        return str(tomllib.loads(f"x = {token}")["x"])
    except tomllib.TOMLDecodeError:
        return None


def _written(new: str, token: str) -> str:
    """Return a text in the quotes of another one, or in others if it needs them."""
    if token.startswith("'") and not token.startswith("'''") and new.isprintable() and "'" not in new:
        return f"'{new}'"
    return json.dumps(new, ensure_ascii=False).replace("\x7f", "\\u007f")
