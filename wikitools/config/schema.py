"""The JSON Schema of the configuration file, made from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wikitools.config.keys import HOST, host_keys, table_docs, table_keys, top_keys
from wikitools.config.settings import NAME_RULES, SEVERITIES, TABLES
from wikitools.config.values import choices_of
from wikitools.config.web_settings import LONGEST_INTERVAL, LONGEST_TIMEOUT, MOST_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.config.keys import Key

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_schema() -> dict[str, Any]:
    """Return the schema of `wikitools.toml`, and of `[tool.wikitools]` in pyproject.toml (JSON Schema 2020-12)."""
    properties = {
        key.name: {"description": key.doc, **_table(_entries(key.name))}
        if key.name in TABLES
        else _described(key.doc, key, _kind(key))
        for key in top_keys()
    }
    return {
        "$schema": DIALECT,
        "title": "Configuration of wikitools",
        **_table(properties),
        "$defs": {
            "rule": {"description": "A rule, a group of rules, or all of them.", "enum": _names_of_rules()},
            "severity": {"enum": list(SEVERITIES)},
        },
    }


def _entries(table: str) -> dict[str, Any]:
    docs = table_docs(table)
    return {
        key.name.removeprefix(f"{table}."): _described(docs.get(key.name, ""), key, _like(key))
        for key in (host_keys() if table == HOST else table_keys(table))
    }


def _names_of_rules() -> list[str]:
    from wikitools.lint.policy import ALL
    from wikitools.lint.rule import GROUPS, load_rules

    return [ALL, *GROUPS, *load_rules()]


def _described(doc: str, key: Key, kind: Mapping[str, Any]) -> dict[str, Any]:
    default = {} if key.default is None or isinstance(key.default, dict) else {"default": _plain(key.default)}
    if key.name == "per-file-ignores":
        default = {}
    return {"description": doc, **kind, **default}


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _table(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}


_RULE = {"$ref": "#/$defs/rule"}


def _kind(key: Key) -> dict[str, Any]:
    if (choices := choices_of(key.name)) is not None:
        return {"enum": list(choices)}
    match key.name:
        case "severity":
            # As property names, the names of rules would be listed twice; editors complete from this list just as well.
            return {
                "type": "object",
                "propertyNames": _RULE,
                "additionalProperties": {"$ref": "#/$defs/severity"},
            }
        case "per-file-ignores":
            return {"type": "object", "additionalProperties": _list_of(_RULE)}
        case "bibliography":
            return _list_of({"type": "string"})
        case "max-page-size" | "max-bibliography-size":
            pattern = r"^\s*0*[1-9][0-9]*\s?[kKmMgG]?[bB]?\s*$"
            return {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": pattern}]}
    if key.name in NAME_RULES:
        return _list_of(_RULE)
    return _like(key)


def _like(key: Key) -> dict[str, Any]:
    """Return the schema of values of the default's type."""
    limits: dict[str, dict[str, Any]] = {
        "block.heading-level": {"minimum": 1, "maximum": 6},
        "block.max-forms": {"minimum": 1},
        "web.timeout": {"minimum": 1, "maximum": LONGEST_TIMEOUT},
        f"{HOST}.interval": {"minimum": 0, "maximum": LONGEST_INTERVAL},
        f"{HOST}.concurrency": {"minimum": 1, "maximum": MOST_AT_ONCE},
    }
    if key.name == HOST:
        return {"type": "object", "additionalProperties": _table(_entries(HOST))}
    if key.name == "block.foreign-markers":
        pair = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
        return {"type": "array", "items": pair}
    if key.name == "block.sort":
        from wikitools.block.style import SORTS

        return {"enum": list(SORTS)}
    if isinstance(key.default, tuple):
        return _list_of({"type": "string"})
    if isinstance(key.default, dict):
        return {"type": "object", "additionalProperties": {"type": "string"}}
    kinds: Sequence[tuple[type, str]] = ((bool, "boolean"), (int, "integer"), (str, "string"))
    kind = next(name for each, name in kinds if isinstance(key.default, each))
    return {"type": kind, **limits.get(key.name, {})}


def _list_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a list, or of a single entry, which means a list of one."""
    return {"anyOf": [dict(entry), {"type": "array", "items": dict(entry)}]}
