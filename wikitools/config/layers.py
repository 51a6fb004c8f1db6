"""Layers of settings by precedence: command line, environment, file, the file that it extends, defaults."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wikitools import __version__
from wikitools.config.keys import (
    ENVIRONMENT,
    FOLLOW_LINKS,
    HOST,
    OTHER_VARIABLES,
    Key,
    has_variable,
    table_keys,
    top_keys,
    written,
)
from wikitools.config.settings import NAME_RULES, TABLES, ConfigError, Settings
from wikitools.config.values import as_table, check_version, checked, did_you_mean, host_tables, like
from wikitools.config.written_values import Layer, read_assignment, read_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


def _nothing_to_read(path: str, _home: str, _follow_links: bool) -> str:
    raise ConfigError(f"{path}: cannot be read here")


def load_settings(
    root: str,
    files: Iterable[tuple[str, str]] = (),
    *,
    read: Callable[[str, str, bool], str] = _nothing_to_read,
    options: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    assignments: Sequence[str] = (),
    named: bool = False,
    follow_links: bool = False,
) -> Settings:
    """Return the settings: command line over environment over file over default.

    `files` are `(path, text)` of possible configuration files, nearest first. The first one with settings for wikitools
    is used, and its folder is the wiki's root; without one the root is `root`. With `named`, the user chose the file.
    `read` returns the text of a file that another one extends, or raises `ConfigError`; it gets the folder of the
    wiki's configuration ("" for a file that the command line names) and `follow_links`, which no file can set.
    `options` maps keys to values from the command line (`None`: not given), `assignments` are `key=value` in TOML.
    `ignore`, `extend-select` and `exclude` add up over all layers; a `select` in a stronger layer drops the `ignore`
    and `extend-select` of the weaker ones. Raises `ConfigError`.
    """
    layers: list[Layer] = []
    chain: tuple[str, ...] = ()
    assigned, extend = _without_extend([read_assignment(line) for line in assignments])
    for path, text in files:
        layer = read_layer(path, text, origin=os.path.basename(path), named=named)
        if layer is not None:
            chain, layers = _extended(path, layer, lambda path, home: read(path, home, follow_links), extend)
            break
    if extend is not None and not chain:
        raise ConfigError(f"{extend.origin}: there is no configuration file to extend; --config PATH names one")
    from_environment, warnings = _from_environment(environment or {})
    given = {key: value for key, value in (options or {}).items() if value is not None}
    layers += [*assigned, *from_environment]
    layers += [Layer({key: given[key]}, f"--{key}", by_user=True) for key in sorted(given, key=_selection_first)]
    for layer in layers:
        # Before anything else: a configuration for another version may have keys that this one does not know.
        if "required-version" in layer.values:
            check_version(layer.place("required-version"), layer.values["required-version"], __version__)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    anywhere: set[str] = set()
    for layer in layers:
        _merge(layer, values, origins)
        (anywhere.update if layer.by_user else anywhere.difference_update)(_paths_in(layer))
    config = Path(chain[0]) if chain else None
    tables = {name: _table(name, values.pop(name, {}), origins) for name in TABLES}
    return Settings(
        root=Path(root) if config is None else config.parent,
        config=config,
        origins=origins,
        warnings=warnings,
        files=tuple(map(Path, chain)),
        follow_links=follow_links,
        anywhere=frozenset(anywhere),
        **tables,
        **values,
    )


# What a file extends


def _extended(
    path: str, layer: Layer, read: Callable[[str, str], str], given: Layer | None
) -> tuple[tuple[str, ...], list[Layer]]:
    """Return the files of a chain of `extend`, and their layers, the weakest first.

    `given` is the `extend` of the command line, which replaces that of the first file.
    """
    home = os.path.dirname(path)
    chain, names, layers = [path], [layer.origin], [layer]
    while (target := (given or layer).values.get("extend", "")) != "":
        place = (given or layer).place("extend")
        if not isinstance(target, str):
            raise ConfigError(f'{place}: "extend" must be the path of one configuration file')
        if given is None and not target.lower().endswith(".toml"):
            # Any other file may contain secrets, and unknown keys are reported.
            raise ConfigError(f'{place}: "extend" must name a .toml file')
        beside = os.getcwd() if given is not None else os.path.dirname(chain[-1])
        path = os.path.abspath(os.path.join(beside, os.path.expanduser(target)))
        name = _relative(path, home)
        if path in chain:
            circle = " → ".join([*names[chain.index(path) :], name])
            raise ConfigError(f'{place}: "extend" forms a circle: {circle}')
        try:
            text = read(path, "" if given is not None else home)
            extended = read_layer(path, text, origin=name, folder=_relative(os.path.dirname(path), home), named=True)
        except ConfigError as error:
            raise ConfigError(f'{place}: "extend": {error}') from error
        if extended is None:
            raise TypeError("a file that is named always says something")
        layer, given = extended, None
        chain.append(path)
        names.append(name)
        layers.insert(0, layer)
    return tuple(chain), layers


def _relative(path: str, folder: str) -> str:
    try:
        name = os.path.relpath(path, folder)
    except ValueError:
        # Another drive.
        name = path
    return name.replace(os.sep, "/")


def _without_extend(layers: list[Layer]) -> tuple[list[Layer], Layer | None]:
    """Return the layers of the command line without `extend`, and the last one that has it."""
    found = [layer for layer in layers if "extend" in layer.values]
    rest = [replace(layer, values={k: v for k, v in layer.values.items() if k != "extend"}) for layer in layers]
    return rest, found[-1] if found else None


def _paths_in(layer: Layer) -> Iterator[str]:
    """Yield the keys of a layer whose values are paths of files, as they are written with their table."""
    yield from _PATHS & layer.values.keys()
    block = layer.values.get("block")
    if isinstance(block, dict) and "style" in block:
        yield "block.style"


_PATHS = frozenset({"bibliography", "baseline"})


def _rebased(layer: Layer, path: str) -> str:
    """Return a path to a file, written in an extended configuration, relative to the wiki's own configuration."""
    if layer.folder in {"", "."} or not path or os.path.isabs(path) or path.startswith("~"):
        return path
    return f"{layer.folder}/{path}"


# Merging


_ADD_UP = frozenset({"ignore", "extend_select", "exclude"})
_SELECTION = ("select", "ignore", "extend_select")
_TABLES = frozenset({"severity", "per_file_ignores"})


def _selection_first(key: str) -> tuple[bool, str]:
    """Order the keys of one layer: its own `select` does not drop its own `ignore`."""
    return key != "select", key


def _merge(layer: Layer, values: dict[str, Any], origins: dict[str, str]) -> None:
    if "select" in layer.values:
        for name in _SELECTION:
            values.pop(name, None)
            for known in [each for each in origins if each.partition("[")[0] == written(name)]:
                del origins[known]
    keys = {key.name: key for key in top_keys()}
    for name_in_file, value in layer.values.items():
        place = layer.place(name_in_file)
        key = keys.get(name_in_file)
        if key is None:
            raise ConfigError(f'{place}: unknown key "{name_in_file}"{_where_it_belongs(name_in_file, keys)}')
        name = name_in_file.replace("-", "_")
        if name in TABLES:
            _merge_table(layer, name, value, values.setdefault(name, {}), origins)
            continue
        new = checked(layer, key, value)
        if name_in_file in NAME_RULES:
            origins.update(_places_of_names(layer, name_in_file, new))
        if name_in_file in _PATHS:
            new = _rebased(layer, new) if isinstance(new, str) else tuple(_rebased(layer, path) for path in new)
        if name in _ADD_UP and name in values:
            new = tuple(dict.fromkeys(values[name] + new))
            place = f"{origins[name_in_file]}, {place}"
        elif name in _TABLES and name in values:
            new = type(new)({**dict(values[name]), **dict(new)}.items())
            place = f"{origins[name_in_file]}, {place}"
        values[name] = new
        origins[name_in_file] = place


def _where_it_belongs(name: str, keys: Mapping[str, Key]) -> str:
    for table in TABLES:
        if any(key.name == f"{table}.{name}" for key in table_keys(table)):
            return f'; it belongs in the table "{table}"'
    if name in _OTHER_TABLES:
        return "; here its keys stand at the top, outside of any table"
    return did_you_mean(name, keys)


_OTHER_TABLES = frozenset({"tool", "wikitools", "lint"})
"""The tables of pyproject.toml, and of other linters."""


def _places_of_names(layer: Layer, key: str, value: Any) -> dict[str, str]:
    """Return where each rule or group is named in the value of a key."""
    if key == "severity":
        return {f"{key}[{name}]": layer.place(key, name) for name in value}
    if key == "per-file-ignores":
        return {f"{key}[{name}]": layer.place_of(name, key, glob) for glob, names in value for name in names}
    return {f"{key}[{name}]": layer.place_of(name, key) for name in value}


def _merge_table(layer: Layer, table: str, entries: Any, values: dict[str, Any], origins: dict[str, str]) -> None:
    known = {key.name.removeprefix(f"{table}."): key for key in table_keys(table)}
    for name, value in as_table(layer.place(table), table, entries).items():
        place = layer.place(table, name)
        if name not in known:
            raise ConfigError(f'{place}: unknown key "{name}" in "{table}"{did_you_mean(name, known)}')
        is_hosts = f"{table}.{name}" == HOST
        new: Any = host_tables(layer, value) if is_hosts else like(place, name, value, known[name].default)
        if name == "style" and new.endswith(".csl"):
            new = _rebased(layer, new)
        field = name.replace("-", "_")
        if isinstance(new, dict):
            new = {**values.get(field, {}), **new}
        values[field] = new
        origins[f"{table}.{name}"] = place


def _table(table: str, values: Mapping[str, Any], origins: Mapping[str, str]) -> Any:
    try:
        return TABLES[table](**values)
    except ValueError as error:
        # The message names the setting; the place is that of the first one, which is near enough.
        places = [origin for key, origin in origins.items() if key.startswith(f"{table}.")]
        named = [origins[f"{table}.{written(name)}"] for name in values if f'"{name}"' in str(error)]
        raise ConfigError(f"{(named or places)[0]}: {error}") from error


# Environment


_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


def follows_links(environment: Mapping[str, str]) -> bool:
    """Say whether the environment asks to follow links out of the repository. Raises `ConfigError`."""
    return _truth(FOLLOW_LINKS, environment.get(FOLLOW_LINKS, ""))


def _from_environment(environment: Mapping[str, str]) -> tuple[list[Layer], tuple[str, ...]]:
    """Return the values of the variables, and a warning for each that looks like a typo."""
    known = {key.variable: key for key in top_keys() if has_variable(key)}
    layers: list[Layer] = []
    warnings: list[str] = []
    for variable in sorted(environment, key=lambda name: _selection_first(name.removeprefix(ENVIRONMENT).lower())):
        if not variable.startswith(ENVIRONMENT) or variable in OTHER_VARIABLES:
            continue
        key = known.get(variable)
        if key is None:
            hint = did_you_mean(variable, (*known, *sorted(OTHER_VARIABLES)))
            warnings.append(f"the environment variable {variable} means nothing{hint}")
            continue
        layers.append(Layer({key.name: _from_text(variable, key, environment[variable])}, variable, by_user=True))
    return layers, tuple(warnings)


def _truth(variable: str, text: str) -> bool:
    if text.strip().lower() not in _TRUE | _FALSE:
        raise ConfigError(f'{variable}: must be true or false, not "{text}"')
    return text.strip().lower() in _TRUE


def _from_text(variable: str, key: Key, text: str) -> Any:
    if isinstance(key.default, bool):
        return _truth(variable, text)
    if isinstance(key.default, tuple) or key.name == "bibliography":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
