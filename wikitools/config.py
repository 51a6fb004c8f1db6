"""Settings: read from the command line, the environment and a file, checked, and each with the place it came from."""

from __future__ import annotations

import os
import re
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wikitools.cite.block import BlockStyle
from wikitools.lint.left_out import ENTRY_PAGES
from wikitools.text import line_and_column, line_starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ENVIRONMENT = "WIKITOOLS_"
SEVERITIES = ("error", "warning", "info")
FAIL_ON = ("any", "warning", "error", "never")


class ConfigError(Exception):
    """The configuration is wrong; the message is one line that starts with the place."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run goes by. Patterns and paths in it are relative to `folder`, which is `root` without a file."""

    root: Path
    """The wiki: absolute."""
    config: Path | None = None
    """The file that was read."""
    engine: str = field(default="obsidian", metadata={"doc": "How links resolve: the program that shows the wiki."})
    anchors: str = field(
        default="",
        metadata={
            "doc": "Whose way of making anchors from headings counts, where it is not the engine's: `github`, "
            "`gollum`, `hugo`, `pandoc` or `python-markdown`."
        },
    )
    bibliography: tuple[str, ...] | None = field(
        default=None,
        metadata={
            "doc": "Bibliography files: paths and globs. Left out: they are looked for in the wiki. `[]`: none.",
        },
    )
    exclude: tuple[str, ...] = field(
        default=(), metadata={"doc": "Pages and folders that are not part of the wiki, in `.gitignore` syntax."}
    )
    respect_gitignore: bool = field(default=True, metadata={"doc": "Leave out what `.gitignore` files leave out."})
    select: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "Rules to run: names, groups or `ALL`. Empty: those that are on by default."},
    )
    ignore: tuple[str, ...] = field(default=(), metadata={"doc": "Rules not to run: names or groups."})
    extend_select: tuple[str, ...] = field(default=(), metadata={"doc": "Rules to run besides those of `select`."})
    entry_pages: tuple[str, ...] = field(
        default=ENTRY_PAGES,
        metadata={"doc": "Globs of pages that need no link to them (for `orphan-page`), and may be named alike."},
    )
    severity: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "A table: rule → `error`, `warning` or `info`, in place of the rule's own."},
    )
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = field(
        default=(),
        metadata={"doc": "A table: glob of pages (`*` within a folder, `**` across) → rules not reported there."},
    )
    fail_on: str = field(default="warning", metadata={"doc": "Findings from this severity up make the exit code 1."})
    max_page_size: int = field(
        default=20_000_000, metadata={"doc": "Larger pages are not read and reported: bytes, or text like `20 MB`."}
    )
    max_bibliography_size: int = field(default=500_000_000, metadata={"doc": "The same for bibliography files."})
    block: BlockStyle = field(
        default_factory=BlockStyle, metadata={"doc": 'A table: how the "Sources cited" block looks.'}
    )
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each value that is not the default comes from: `wikitools.toml:3:1`, `--select`, `WIKITOOLS_ENGINE`."""
    warnings: tuple[str, ...] = ()
    """What looks wrong but hinders nothing."""

    @property
    def folder(self) -> Path:
        """The folder that patterns and paths in the settings are relative to."""
        return self.root if self.config is None else self.config.parent

    def origin(self, key: str) -> str:
        """Return where the value of `key` (as written in the file, `block.heading` in tables) comes from."""
        return self.origins.get(key, "default")


_NOT_KEYS = frozenset({"root", "config", "origins", "warnings"})


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the configuration file: for its checks, and for the reference in the docs."""

    name: str
    default: Any
    doc: str = ""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return ENVIRONMENT + self.name.upper().replace("-", "_").replace(".", "_")


def top_keys() -> tuple[Key, ...]:
    """Return all keys of the top level, in the order of the reference."""
    return tuple(
        Key(_written(f.name), f.default_factory() if f.default_factory is not MISSING else f.default, f.metadata["doc"])
        for f in fields(Settings)
        if f.name not in _NOT_KEYS
    )


def has_variable(key: Key) -> bool:
    """Say whether an environment variable can set the key; tables need a file."""
    return not isinstance(key.default, dict | BlockStyle) and key.name != "per-file-ignores"


def block_keys() -> tuple[Key, ...]:
    """Return the keys of the table `[block]`."""
    style = BlockStyle()
    settings = (f for f in fields(BlockStyle) if f.metadata.get("key", True))
    return tuple(Key("block." + _written(f.name), getattr(style, f.name)) for f in settings)


def _written(name: str) -> str:
    return name.replace("_", "-")


def load_settings(
    root: str,
    files: Iterable[tuple[str, str]] = (),
    *,
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    assignments: Sequence[str] = (),
    named: bool = False,
) -> Settings:
    """Return the settings: command line over environment over file over default.

    `files` are `(path, text)` of what may be the configuration file, nearest first; the first that has something for
    wikitools is taken, and its folder is the wiki's root; without one it is `root`. `named`: the user chose the file.
    `options` maps keys to values given on the command line (`None`: not given), `assignments` are `key=value` in TOML.
    `ignore`, `extend-select` and `exclude` add up over these places; a `select` from a stronger one drops the
    `ignore` and `extend-select` of the weaker. Raises `ConfigError`.
    """
    layers: list[_Layer] = []
    config: Path | None = None
    for path, text in files:
        layer = _layer_of(path, text, named=named)
        if layer is not None:
            layers.append(layer)
            config = Path(path)
            break
    layers += [_Layer(dict(_parse_assignment(line)), f"--config {line}") for line in assignments]
    from_environment, warnings = _from_environment(environment or {})
    given = {key: value for key, value in (options or {}).items() if value is not None}
    layers += from_environment
    layers += [_Layer({key: given[key]}, f"--{key}") for key in sorted(given, key=_selection_first)]
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        _merge(layer, values, origins)
    folder = Path(root) if config is None else config.parent
    style = _block_style(values.pop("block", {}), origins)
    return Settings(root=folder, config=config, block=style, origins=origins, warnings=warnings, **values)


def _block_style(values: Mapping[str, Any], origins: Mapping[str, str]) -> BlockStyle:
    try:
        return BlockStyle(**values)
    except ValueError as error:
        # Which setting is meant stands in the message; the place is that of the first one, which is near enough.
        places = [origin for key, origin in origins.items() if key.startswith("block.")]
        named = [origins[f"block.{_written(name)}"] for name in values if f'"{name}"' in str(error)]
        raise ConfigError(f"{(named or places)[0]}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Layer:
    """Values from one place, unchecked."""

    values: Mapping[str, Any]
    origin: str
    text: str = ""
    table: tuple[str, ...] = ()

    def place(self, *path: str) -> str:
        """Return the origin of a key with line and column where the text shows them."""
        offset = _find_key(self.text, (*self.table, *path)) if self.text else None
        if offset is None:
            return self.origin
        line, column = line_and_column(line_starts(self.text), offset)
        return f"{self.origin}:{line}:{column}"


_ADD_UP = frozenset({"ignore", "extend_select", "exclude"})
_SELECTION = ("select", "ignore", "extend_select")
_TABLES = frozenset({"severity", "per_file_ignores"})


def _selection_first(key: str) -> tuple[bool, str]:
    """Order the keys of one place: its own `select` does not drop its own `ignore`."""
    return key != "select", key


def _merge(layer: _Layer, values: dict[str, Any], origins: dict[str, str]) -> None:
    if "select" in layer.values:
        for name in _SELECTION:
            values.pop(name, None)
            origins.pop(_written(name), None)
    known = {key.name: key for key in top_keys()}
    for written, value in layer.values.items():
        place = layer.place(written)
        key = known.get(written)
        if key is None:
            raise ConfigError(f'{place}: unknown key "{written}"{_did_you_mean(written, known)}')
        name = written.replace("-", "_")
        if name == "block":
            _merge_block(layer, value, values.setdefault("block", {}), origins)
            continue
        checked = _checked(layer, key, value)
        if name in _ADD_UP and name in values:
            checked = tuple(dict.fromkeys(values[name] + checked))
            place = f"{origins[written]}, {place}"
        elif name in _TABLES and name in values:
            checked = type(checked)({**dict(values[name]), **dict(checked)}.items())
            place = f"{origins[written]}, {place}"
        values[name] = checked
        origins[written] = place


def _merge_block(layer: _Layer, table: Any, values: dict[str, Any], origins: dict[str, str]) -> None:
    if not isinstance(table, dict):
        raise ConfigError(f'{layer.place("block")}: "block" must be a table')
    known = {key.name.removeprefix("block."): key for key in block_keys()}
    for written, value in table.items():
        place = layer.place("block", written)
        if written not in known:
            raise ConfigError(f'{place}: unknown key "{written}" in "block"{_did_you_mean(written, known)}')
        values[written.replace("-", "_")] = _like(place, written, value, known[written].default)
        origins[f"block.{written}"] = place


def _checked(layer: _Layer, key: Key, value: Any) -> Any:
    place = layer.place(key.name)
    match key.name:
        case "fail-on":
            return _one_of(place, key.name, value, FAIL_ON)
        case "engine":
            return _one_of(place, key.name, value, engines())
        case "anchors":
            return _one_of(place, key.name, value, ("", *slug_makers()))
        case "bibliography":
            return _strings(place, key.name, value)
        case "severity":
            table = _table(place, key.name, value)
            return {
                rule: _one_of(layer.place(key.name, rule), rule, level, SEVERITIES) for rule, level in table.items()
            }
        case "per-file-ignores":
            table = _table(place, key.name, value)
            return tuple((glob, _strings(layer.place(key.name, glob), glob, rules)) for glob, rules in table.items())
        case "max-page-size" | "max-bibliography-size":
            return _bytes(place, key.name, value)
    return _like(place, key.name, value, key.default)


def engines() -> tuple[str, ...]:
    """Return the engines that links can be resolved by."""
    from wikitools.wiki.engines import ENGINES

    return tuple(ENGINES)


def slug_makers() -> tuple[str, ...]:
    """Return the programs whose anchors are known."""
    from wikitools.wiki.slugs import SLUGGERS

    return tuple(SLUGGERS)


def _like(place: str, name: str, value: Any, default: Any) -> Any:
    """Return `value` when it is of the default's kind."""
    if name == "foreign-markers":
        return _pairs(place, name, value)
    if isinstance(default, tuple):
        return _strings(place, name, value)
    for kind, words in ((bool, "true or false"), (int, "a whole number"), (str, "text")):
        if isinstance(default, kind):
            if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
                return value
            raise ConfigError(f'{place}: "{name}" must be {words}, not {_shown(value)}')
    raise TypeError(f"no check for {name}")


def _strings(place: str, name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value):
        return tuple(value)
    raise ConfigError(f'{place}: "{name}" must be a list of texts, not {_shown(value)}')


def _pairs(place: str, name: str, value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        pairs = [_strings(place, name, pair) for pair in value]
        return tuple((opening, closing) for opening, closing in pairs)
    raise ConfigError(f'{place}: "{name}" must be a list of pairs of texts, opening and closing marker')


def _table(place: str, name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ConfigError(f'{place}: "{name}" must be a table, not {_shown(value)}')


def _one_of(place: str, name: str, value: Any, allowed: Sequence[str]) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    hint = _did_you_mean(value, allowed) if isinstance(value, str) else ""
    listed = ", ".join(f'"{choice}"' for choice in allowed)
    one_of = "one of " if len(allowed) > 1 else ""
    raise ConfigError(f'{place}: "{name}" must be {one_of}{listed}, not {_shown(value)}{hint}')


_SIZE = re.compile(r"(\d{1,12})\s?([kMG]?)B?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


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


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    from wikitools.wiki.resolution import nearest

    found = nearest(word, tuple(known), limit=1, cutoff=60.0)
    return f'; did you mean "{found[0]}"?' if found else ""


# Files


def _layer_of(path: str, text: str, *, named: bool) -> _Layer | None:
    """Return what a file says to wikitools, or `None` when it is another tool's."""
    in_pyproject = os.path.basename(path) == "pyproject.toml"
    if in_pyproject and "wikitools" not in text and not named:
        return None
    import tomllib

    origin = os.path.basename(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_toml_error(path, str(error))) from error
    if not in_pyproject:
        return _Layer(values, origin, text)
    table = values.get("tool", {}).get("wikitools")
    if not isinstance(table, dict):
        if named:
            raise ConfigError(f"{path}: has no [tool.wikitools]")
        return None
    return _Layer(table, origin, text, ("tool", "wikitools"))


def _toml_error(path: str, message: str) -> str:
    match = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if match is None:
        return f"{path}: {message[0].lower()}{message[1:]}"
    return f"{path}:{match[1]}:{match[2]}: {message[0].lower()}{message[1 : match.start()]}"


def _parse_assignment(line: str) -> Mapping[str, Any]:
    """Read `key=value` as a line of TOML; a value that is no TOML is text, so that a shell's quotes may be left out."""
    import tomllib

    try:
        return tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        key, _equals, value = line.partition("=")
        quoted = value.strip().replace("\\", "\\\\").replace('"', '\\"')
        try:
            return tomllib.loads(f'{key} = "{quoted}"')
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"--config {line}: not of the form key=value") from error


_TABLE_LINE = re.compile(r"[ \t]*\[([^\[\]#\n]+)\][ \t\r]*(?:#.*)?$")
_KEY_LINE = re.compile(r"[ \t]*([^=#\[\]\n]+)=")
_KEY_PART = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([A-Za-z0-9_-]+)")


def _find_key(text: str, path: tuple[str, ...]) -> int | None:
    """Return the offset at which the key is written, where its line shows it (keys in inline tables: their table's)."""
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


# Environment


_OTHER_VARIABLES = frozenset({ENVIRONMENT + name for name in ("CACHE_DIR", "CONFIG", "DEBUG", "JOBS")})
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


def _from_environment(environment: Mapping[str, str]) -> tuple[list[_Layer], tuple[str, ...]]:
    """Return what the variables say, and a warning for each that looks like a slip."""
    known = {key.variable: key for key in top_keys() if has_variable(key)}
    layers: list[_Layer] = []
    warnings: list[str] = []
    for variable in sorted(environment, key=lambda name: _selection_first(name.removeprefix(ENVIRONMENT).lower())):
        if not variable.startswith(ENVIRONMENT) or variable in _OTHER_VARIABLES:
            continue
        key = known.get(variable)
        if key is None:
            warnings.append(f"the environment variable {variable} means nothing{_did_you_mean(variable, known)}")
            continue
        layers.append(_Layer({key.name: _from_text(variable, key, environment[variable])}, variable))
    return layers, tuple(warnings)


def _from_text(variable: str, key: Key, text: str) -> Any:
    if isinstance(key.default, bool):
        if text.strip().lower() not in _TRUE | _FALSE:
            raise ConfigError(f'{variable}: must be true or false, not "{text}"')
        return text.strip().lower() in _TRUE
    if isinstance(key.default, tuple) or key.name == "bibliography":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
