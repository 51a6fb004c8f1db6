"""Adds to a configuration file what citations mean, without changing any other character."""

from __future__ import annotations

import json
import os
import re
from functools import partial
from typing import TYPE_CHECKING

from wikitools.config.settings import ConfigError
from wikitools.config.written_values import read_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE = "citations.means"


def add_meanings(path: str, text: str, means: Mapping[str, str]) -> str:
    """Return the text of a configuration file with more entries in `[citations.means]`: keys by citation.

    Raises `ConfigError` if the file has the table in another form, or has an entry for one of the citations.
    """
    name = f"tool.wikitools.{_TABLE}" if os.path.basename(path) == "pyproject.toml" else _TABLE
    # JSON strings are TOML strings.
    pairs = (map(partial(json.dumps, ensure_ascii=False), pair) for pair in means.items())
    added = "".join(f"{citation} = {key}\n" for citation, key in pairs)
    header = re.search(rf"^[ \t]*\[[ \t]*{re.escape(name)}[ \t]*\][^\n]*\n?", text, re.MULTILINE)
    if header is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        new = f"{text}{gap}[{name}]\n{added}"
    else:
        start, end = text[: header.end()], text[header.end() :]
        new = start + ("" if start.endswith("\n") else "\n") + added + end
    try:
        sound = _means(path, new) == {**_means(path, text), **means}
    except ConfigError:
        sound = False
    if not sound:
        raise ConfigError(
            f"{os.path.basename(path)}: [{name}] is written in another form; add by hand:\n{added.rstrip()}"
        )
    return new


def _means(path: str, text: str) -> dict[str, str]:
    """Return the entries of the existing table. Raises `ConfigError`."""
    layer = read_layer(path, text, origin=os.path.basename(path))
    table = layer.values.get("citations", {}) if layer is not None else {}
    means = table.get("means", {}) if isinstance(table, dict) else {}
    return dict(means) if isinstance(means, dict) else {}
