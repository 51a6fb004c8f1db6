"""Checks whether a value is valid for its key, and words the message if it is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wikitools.config.keys import HOST, engines, host_keys, slug_makers
from wikitools.config.settings import FAIL_ON, SEVERITIES, ConfigError
from wikitools.config.web_settings import HostSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wikitools.config.keys import Key
    from wikitools.config.written_values import Layer


def checked(layer: Layer, key: Key, value: Any) -> Any:
    """Return the value of a top-level key as stored in the settings. Raises `ConfigError`."""
    place = layer.place(key.name)
    if key.name == "engine" and isinstance(value, str):
        from wikitools.wiki.engines import engine_name

        value = engine_name(value)
    if (choices := choices_of(key.name)) is not None:
        return _one_of(place, key.name, value, choices)
    match key.name:
        case "bibliography":
            return _strings(place, key.name, value)
        case "suffixes":
            suffixes = _strings(place, key.name, value)
            if not suffixes or not all(each.startswith(".") and len(each) > 1 for each in suffixes):
                raise ConfigError(f'{place}: "suffixes" must be a list of endings like ".md", not {_shown(value)}')
            return suffixes
        case "severity":
            table = as_table(place, key.name, value)
            return {
                rule: _one_of(layer.place(key.name, rule), rule, level, SEVERITIES) for rule, level in table.items()
            }
        case "per-file-ignores":
            table = as_table(place, key.name, value)
            return tuple((glob, _strings(layer.place(key.name, glob), glob, rules)) for glob, rules in table.items())
        case "max-page-size" | "max-bibliography-size":
            size = _bytes(place, key.name, value)
            if not layer.by_user and size > _MOST[key.name]:
                most = f"{_MOST[key.name] // 1_000_000} MB"
                hint = f"--config '{key.name}=\"{value}\"' allows more"
                raise ConfigError(f'{place}: "{key.name}" is {most} at most in a file; {hint}')
            return size
    return like(place, key.name, value, key.default)


def choices_of(key: str) -> tuple[str, ...] | None:
    """Return the texts that a key accepts; `None` if it accepts any text, or none."""
    match key:
        case "fail-on":
            return FAIL_ON
        case "engine":
            return engines()
        case "anchors":
            return ("", *slug_makers())
    return None


def like(place: str, name: str, value: Any, default: Any) -> Any:
    """Return `value` if it has the type of the default. Raises `ConfigError`."""
    if name == "foreign-markers":
        return _pairs(place, name, value)
    if isinstance(default, tuple):
        return _strings(place, name, value)
    if isinstance(default, dict):
        return {entry: like(place, entry, text, "") for entry, text in as_table(place, name, value).items()}
    for kind, words in ((bool, "true or false"), (int, "a whole number"), (str, "text")):
        if isinstance(default, kind):
            if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
                return value
            raise ConfigError(f'{place}: "{name}" must be {words}, not {_shown(value)}')
    raise TypeError(f"no check for {name}")


def host_tables(layer: Layer, value: Any) -> dict[str, HostSettings]:
    """Return the tables `[web.host."…"]` of a layer, by host. Raises `ConfigError`."""
    table, name = HOST.split(".")
    known = {key.name.removeprefix(f"{HOST}."): key for key in host_keys()}
    found: dict[str, HostSettings] = {}
    for host, entries in as_table(layer.place(table, name), name, value).items():
        place = layer.place(table, name, host)
        if not _HOST.fullmatch(host):
            raise ConfigError(f'{place}: "{host}" is not a host, like "docs.example.org" or "localhost:8000"')
        fields: dict[str, Any] = {}
        for entry, each in as_table(place, host, entries).items():
            at = layer.place(table, name, host, entry)
            if entry not in known:
                raise ConfigError(f'{at}: unknown key "{entry}" in "{HOST}"{did_you_mean(entry, known)}')
            fields[entry.replace("-", "_")] = like(at, entry, each, known[entry].default)
        try:
            found[host.lower()] = HostSettings(**fields)
        except ValueError as error:
            raise ConfigError(f"{place}: {error}") from error
    return found


_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)


def _strings(place: str, name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value):
        return tuple(value)
    held = next((entry for entry in value if not isinstance(entry, str)), None) if isinstance(value, list) else None
    shown = _shown(value) if held is None else f"a list with {_shown(held)} in it"
    raise ConfigError(f'{place}: "{name}" must be a list of texts, not {shown}')


def _pairs(place: str, name: str, value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        pairs = [_strings(place, name, pair) for pair in value]
        return tuple((opening, closing) for opening, closing in pairs)
    raise ConfigError(f'{place}: "{name}" must be a list of pairs of texts, opening and closing marker')


def as_table(place: str, name: str, value: Any) -> dict[str, Any]:
    """Return `value` if it is a table. Raises `ConfigError`."""
    if isinstance(value, dict):
        return value
    raise ConfigError(f'{place}: "{name}" must be a table, not {_shown(value)}')


def _one_of(place: str, name: str, value: Any, allowed: Sequence[str]) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
    if allowed is SEVERITIES:
        hint = hint or f'; ignore = ["{name}"] turns a rule off'
    listed = ", ".join(f'"{choice}"' for choice in allowed)
    one_of = "one of " if len(allowed) > 1 else ""
    raise ConfigError(f'{place}: "{name}" must be {one_of}{listed}, not {_shown(value)}{hint}')


_SIZE = re.compile(r"(\d{1,12})\s?([kMG]?)B?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


_MOST = {"max-page-size": 20_000_000, "max-bibliography-size": 500_000_000}
"""The most that a file can set: whoever writes it must not decide how much memory a run takes."""


def _bytes(place: str, name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())) and int(match[1]):
        return int(match[1]) * _UNITS[match[2].lower()]
    raise ConfigError(f'{place}: "{name}" must be a size like 20000000 or "20 MB", not {_shown(value)}')


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else str(value)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that starts with `; `; "" if nothing is similar."""
    from wikitools.wiki.resolution import nearest

    found = nearest(word, tuple(known), limit=1, cutoff=60.0)
    return f'; did you mean "{found[0]}"?' if found else ""


def check_version(place: str, value: Any, version: str) -> None:
    """Raise `ConfigError` unless the configuration is for this version of wikitools."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        wanted = value.strip()
        if wanted[:1].isdigit():
            wanted = f"=={Version(wanted)}"
        specifiers = SpecifierSet(wanted)
    except (AttributeError, InvalidSpecifier, InvalidVersion) as error:
        shown = _shown(value)
        raise ConfigError(f'{place}: "required-version" must be versions like ">=0.2,<1", not {shown}') from error
    if not specifiers.contains(version, prereleases=True):
        raise ConfigError(
            f"{place}: this configuration is for wikitools {wanted}, and this is {version}; "
            f"install another version: pip install 'wikitools-md{wanted}'"
        )
