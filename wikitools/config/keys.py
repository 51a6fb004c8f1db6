"""The keys of the configuration file: their names, defaults, meanings and environment variables."""

from __future__ import annotations

import ast
import inspect
from dataclasses import MISSING, fields
from functools import cache
from itertools import pairwise
from typing import Any

from wikitools.config.settings import TABLES, Settings
from wikitools.config.web_settings import HostSettings
from wikitools.records import dataclass

ENVIRONMENT = "WIKITOOLS_"
FOLLOW_LINKS = ENVIRONMENT + "FOLLOW_LINKS"
"""The variable for `--follow-links`, which no file can set."""
OTHER_VARIABLES = frozenset(
    {
        FOLLOW_LINKS,
        *(ENVIRONMENT + name for name in ("CACHE_DIR", "CONFIG", "DEBUG", "INDEX", "JOBS")),
        *(ENVIRONMENT + name for name in ("WEB_SERVICES", "WEB_ALLOW_HOSTS", "WEB_TOKENS", "CONTACT")),
        *(ENVIRONMENT + f"{name}_KEY" for name in ("GITHUB", "OPENALEX", "PUBMED", "SEMANTIC_SCHOLAR")),
    }
)
"""Variables that are not keys."""

HOST = "web.host"
"""The table of tables for single hosts."""
_NOT_KEYS = frozenset({"root", "config", "origins", "warnings", "files", "follow_links", "anywhere"})
_WITHOUT_VARIABLE = frozenset({*TABLES, "extend", "per-file-ignores", "severity"})


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the configuration file: for its checks, its schema, and the reference in the docs."""

    name: str
    """As written, `block.heading` in tables."""
    default: Any
    doc: str = ""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return ENVIRONMENT + self.name.upper().replace("-", "_").replace(".", "_")


@cache
def top_keys() -> tuple[Key, ...]:
    """Return all keys of the top level, in the order of the reference."""
    return tuple(
        Key(written(f.name), f.default_factory() if f.default_factory is not MISSING else f.default, f.metadata["doc"])
        for f in fields(Settings)
        if f.name not in _NOT_KEYS
    )


@cache
def table_keys(table: str) -> tuple[Key, ...]:
    """Return the keys of one of `TABLES`."""
    return _keys_of(TABLES[table], table)


@cache
def host_keys() -> tuple[Key, ...]:
    """Return the keys of a table `[web.host."…"]`."""
    return _keys_of(HostSettings, HOST)


def _keys_of(settings: type, table: str) -> tuple[Key, ...]:
    defaults = settings()
    names = (f.name for f in fields(settings) if f.metadata.get("key", True))
    return tuple(Key(f"{table}.{written(name)}", getattr(defaults, name)) for name in names)


def table_docs(table: str) -> dict[str, str]:
    """Return what each key of one of `TABLES`, or of `HOST`, means, by its full name: the strings below the fields."""
    body = ast.parse(inspect.getsource(HostSettings if table == HOST else TABLES[table])).body[0]
    found: dict[str, str] = {}
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for statement, below in pairwise(statements):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[f"{table}.{written(statement.target.id)}"] = " ".join(str(below.value.value).split())
    return found


def has_variable(key: Key) -> bool:
    """Say whether an environment variable can set the key; tables need a file."""
    return key.name not in _WITHOUT_VARIABLE


def written(name: str) -> str:
    """Return the name of a field as it is written in files."""
    return name.replace("_", "-")


def engines() -> tuple[str, ...]:
    """Return the engines that can resolve links."""
    from wikitools.wiki.engines import ENGINES

    return tuple(ENGINES)


def slug_makers() -> tuple[str, ...]:
    """Return the programs whose anchors are known."""
    from wikitools.markdown.slugs import SLUGGERS

    return tuple(SLUGGERS)
