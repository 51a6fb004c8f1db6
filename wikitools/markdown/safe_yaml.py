"""Reads YAML defensively: a tree of nodes with their offsets, within limits, so that no file is expensive to read."""

from __future__ import annotations

import re
from typing import Any

Node = Any
"""A node of PyYAML: `id` is "scalar", "sequence" or "mapping"; its published type lacks that."""

DEEPEST = 50
"""How deep lists and mappings may nest; people write up to five levels."""
_DEEPEST_WRITTEN = 10 * DEEPEST
"""How many brackets may be open; more than levels, because quoted values may contain brackets."""
_BRACKETS = re.compile(r"[\[{\]}]")
_RUN_OF_INDICATORS = re.compile(rf"(?:[-?:][ \t]{{1,100}}){{{_DEEPEST_WRITTEN}}}")
_DEEP_INDENT = re.compile(r"^[ ]{1000}", re.MULTILINE)
"""The deepest column; each level of indentation takes at least one column."""


class YamlError(ValueError):
    """What is wrong with a text, in words that follow "not valid YAML:", and in which range of it."""

    def __init__(self, problem: str, start: int = 0, end: int = 0) -> None:
        super().__init__(problem)
        self.start = start
        self.end = max(start, end)


def compose(text: str) -> Node | None:
    """Return the tree of YAML nodes of a text, `None` if it is empty. Aliases are shared, not expanded.

    Nodes have marks that count from the start of the text, a byte order mark left out. Raises `YamlError`.
    """
    import yaml

    _refuse_deep_nesting(text)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.compose(text, Loader=loader)
    except yaml.reader.ReaderError as error:
        raise YamlError("it contains a control character", error.position, error.position + 1) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.index if mark is not None else 0
        raise YamlError(error.problem or error.context or "it cannot be read", at, at) from error
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise YamlError("it cannot be read") from error


def _refuse_deep_nesting(text: str) -> None:
    """Refuse text that nests deeper than libyaml's stack: libyaml has no limit and would crash the process."""
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > _DEEPEST_WRITTEN:
                raise YamlError(_TOO_DEEP, match.start(), match.end())
        elif depth:
            depth -= 1
    for pattern in (_RUN_OF_INDICATORS, _DEEP_INDENT):
        if (found := pattern.search(text)) is not None:
            raise YamlError(_TOO_DEEP, found.start(), found.end())


_TOO_DEEP = "it nests too deep"


class Budget:
    """Counts the values of a tree while it is read, with aliases expanded: a small file can mean millions of values."""

    def __init__(self, text: str) -> None:
        # Without aliases no text has more values than characters.
        self._left = 2 * len(text) + 1000

    def enter(self, node: Node, depth: int) -> None:
        """Count one value. Raises `YamlError` if there are too many, or if they nest too deep."""
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            problem = _TOO_DEEP if depth > DEEPEST else "it has far more values than characters with aliases followed"
            raise YamlError(problem, node.start_mark.index, node.end_mark.index)
