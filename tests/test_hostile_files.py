"""Files that only an attacker writes: what reads them takes no longer than their size explains."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from growth import is_linear

from wikitools.config.settings import ConfigError
from wikitools.config.written_values import find_key, read_layer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Call

FILES: dict[str, tuple[str, Callable[[int], str]]] = {
    "line ends in a YAML list": ("references.yaml", lambda size: "title" + "\n" * size),
    "blanks in a list of submodules": (".gitmodules", lambda size: f'[submodule "x"]\n path={" " * size}"\n'),
    "blanks in broken front matter": ("a.md", lambda size: f"---\na: x{' ' * size}y\nb: [\n---\n[x](sub/b.md)\n"),
    "letters before a year": ("a.md", lambda size: f"{'é' * size} (2019)\n"),
    "hyphens in an identifier": ("a.md", lambda size: f"https://arxiv.org/abs/{'a-' * size}\n"),
    "blanks in a configuration": ("wikitools.toml", lambda size: " " * size + '\nexclude = ["a/"]\n'),
}


@pytest.mark.parametrize("name", FILES)
def test_a_run_takes_as_long_as_the_size_of_a_file_explains(tmp_path: Path, call: Call, name: str) -> None:
    path, text_of = FILES[name]
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.md").write_text("[x](sub/b.md)\n")

    def seconds(size: int) -> float:
        (tmp_path / path).write_text(text_of(size))
        began = time.process_time()
        code, _out, err = call("lint", "-q", "--no-cache", str(tmp_path))
        assert code in (0, 1), err
        return time.process_time() - began

    # Cubic would be 512 times as long, and the first size alone takes a second then.
    assert is_linear(seconds, 1000, times=8)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a." * 200_000 + "a = 1", "wikitools.toml:1:1: more than 50 names joined by dots"),
        ("[" + "a." * 200_000 + "a]", "wikitools.toml:1:2: more than 50 names joined by dots"),
        ("engine = " + "[" * 100_000, "wikitools.toml: lists or tables are nested too deeply"),
        ("a = " + "{a = " * 100_000, "wikitools.toml: lists or tables are nested too deeply"),
        ("a = " + "9" * 900_000, "wikitools.toml: Exceeds the limit"),
    ],
)
def test_a_configuration_that_nobody_would_write_is_refused(text: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_layer("wikitools.toml", text, origin="wikitools.toml")
    assert str(caught.value).startswith(why)


def test_a_configuration_may_have_dots() -> None:
    text = 'exclude = ["a.b.c.d/"]\n[severity]\n"a.b" = "error"\n[per-file-ignores]\n'
    layer = read_layer("wikitools.toml", text, origin="wikitools.toml")
    assert layer is not None
    assert layer.values["exclude"] == ["a.b.c.d/"]
    assert find_key(text, ("severity", "a.b")) == text.index('"a.b"')
