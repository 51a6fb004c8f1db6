"""The generated docs say what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"


def generator() -> Any:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date() -> None:
    wanted = generator().render()
    stale = [name for name, text in wanted.items() if (DOCS / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run: python docs/generate.py"
    assert {f"rules/{path.name}" for path in DOCS.glob("rules/*.md")} <= wanted.keys()


@pytest.mark.parametrize("name", ["cli.md", "configuration.md"])
def test_pages_end_with_one_line_end(name: str) -> None:
    text = generator().render()[name]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
