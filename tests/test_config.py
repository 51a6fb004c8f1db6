"""Settings: precedence, origins, and what is said about mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wikitools import config
from wikitools.config import ConfigError, Settings, load_settings


def settings(text: str = "", *, name: str = "wikitools.toml", **more: Any) -> Settings:
    files = [(f"/wiki/{name}", text)] if text else []
    return load_settings("/given", files, **more)


def test_defaults_without_a_file() -> None:
    found = settings()
    assert (found.root, found.config, found.folder) == (Path("/given"), None, Path("/given"))
    assert (found.engine, found.bibliography, found.fail_on) == ("obsidian", None, "warning")
    assert found.origin("engine") == "default"


def test_a_file_makes_its_folder_the_root() -> None:
    found = settings('bibliography = []\n[block]\nheading = "References"\n')
    assert (found.root, found.folder) == (Path("/wiki"), Path("/wiki"))
    assert (found.bibliography, found.block.heading) == ((), "References")
    assert found.origin("bibliography") == "wikitools.toml:1:1"
    assert found.origin("block.heading") == "wikitools.toml:3:1"


def test_pyproject_counts_only_with_its_table() -> None:
    outer = ("/wiki/wikitools.toml", 'engine = "obsidian"')
    other = ("/wiki/sub/pyproject.toml", '[project]\nname = "wikitools-user"\n')
    broken = ("/wiki/sub/pyproject.toml", "not toml")
    ours = ("/wiki/sub/pyproject.toml", '[project]\nname = "x"\n\n[tool.wikitools]\nfail-on = "error"\n')
    assert load_settings("/", [other, outer]).root == Path("/wiki")
    assert load_settings("/", [broken, outer]).root == Path("/wiki")
    found = load_settings("/", [ours, outer])
    assert (found.root, found.fail_on, found.origin("fail-on")) == (
        Path("/wiki/sub"),
        "error",
        "pyproject.toml:5:1",
    )
    with pytest.raises(ConfigError, match=r"has no \[tool\.wikitools\]"):
        load_settings("/", [other], named=True)


def test_command_line_over_environment_over_file() -> None:
    text = 'fail-on = "any"\nexclude = ["a"]\nengine = "obsidian"'
    environment = {"WIKITOOLS_FAIL_ON": "error", "WIKITOOLS_EXCLUDE": "b, c", "HOME": "/"}
    found = settings(text, environment=environment, options={"fail-on": "never", "exclude": ["d"], "ignore": None})
    assert (found.fail_on, found.exclude) == ("never", ("a", "b", "c", "d"))
    assert found.origin("fail-on") == "--fail-on"
    assert found.origin("exclude") == "wikitools.toml:2:1, WIKITOOLS_EXCLUDE, --exclude"
    assert settings(text, environment=environment).fail_on == "error"


def test_a_stronger_select_drops_weaker_ignores() -> None:
    text = 'select = ["links"]\nignore = ["broken-wikilink"]\nextend-select = ["pages"]'
    found = settings(text, options={"ignore": ["x"]})
    assert (found.select, found.ignore) == (("links",), ("broken-wikilink", "x"))
    found = settings(text, options={"ignore": ["x"], "select": ["broken-wikilink"]})
    assert (found.select, found.ignore, found.extend_select) == (("broken-wikilink",), ("x",), ())
    assert found.origin("extend-select") == "default"


def test_tables() -> None:
    text = '[severity]\nbroken-anchor = "info"\n[per-file-ignores]\n"archive/**" = ["links"]\n"x.md" = "ALL"\n'
    found = settings(text, assignments=['severity.stale-sources="error"'])
    assert found.severity == {"broken-anchor": "info", "stale-sources": "error"}
    assert found.per_file_ignores == (("archive/**", ("links",)), ("x.md", ("ALL",)))


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("engine=obsidian", "engine", "obsidian"),
        ('fail-on="error"', "fail_on", "error"),
        ("max-page-size=5 kB", "max_page_size", 5000),
        ("max-page-size=7", "max_page_size", 7),
        ("respect-gitignore=false", "respect_gitignore", False),
        ('bibliography=["a.bib"]', "bibliography", ("a.bib",)),
    ],
)
def test_single_values(line: str, field: str, value: object) -> None:
    assert getattr(settings(assignments=[line]), field) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('engin = "obsidian"', 'wikitools.toml:1:1: unknown key "engin"; did you mean "engine"?'),
        ("\n\nselct = []", 'wikitools.toml:3:1: unknown key "selct"; did you mean "select"?'),
        ("zzz = 1", 'wikitools.toml:1:1: unknown key "zzz"'),
        ("[blok]\nx=1", 'wikitools.toml:1:2: unknown key "blok"; did you mean "block"?'),
        (
            '[block]\nheding = "X"',
            'wikitools.toml:2:1: unknown key "heding" in "block"; did you mean "heading"?',
        ),
        (
            'fail-on = "warn"',
            'wikitools.toml:1:1: "fail-on" must be one of "any", "warning", "error", "never", not "warn"; '
            'did you mean "warning"?',
        ),
        ('engine = "obsidan"', 'wikitools.toml:1:1: "engine" must be'),
        ("select = 3", 'wikitools.toml:1:1: "select" must be a list of texts, not 3'),
        ("exclude = [1]", 'wikitools.toml:1:1: "exclude" must be a list of texts, not a list'),
        ('respect-gitignore = "no"', 'wikitools.toml:1:1: "respect-gitignore" must be true or false, not "no"'),
        ("max-page-size = 0", 'wikitools.toml:1:1: "max-page-size" must be a size like 20000000 or "20 MB", not 0'),
        (
            "max-page-size = true",
            'wikitools.toml:1:1: "max-page-size" must be a size like 20000000 or "20 MB", not true',
        ),
        ('block = "x"', 'wikitools.toml:1:1: "block" must be a table'),
        ("[block]\nheading-level = 9", "wikitools.toml:2:1: "),
        ("[block]\nnumbered = 1", 'wikitools.toml:2:1: "numbered" must be true or false, not 1'),
        ('[block]\ntemplate = "{lnk}"', "wikitools.toml:2:1: "),
        ('[block]\nforeign-markers = ["a"]', 'wikitools.toml:2:1: "foreign-markers" must be a list of pairs'),
        ('[severity]\nbroken-anchor = "fatal"', 'wikitools.toml:2:1: "broken-anchor" must be one of'),
        ('severity = "error"', 'wikitools.toml:1:1: "severity" must be a table, not "error"'),
        ('[per-file-ignores]\n"a.md" = 1', 'wikitools.toml:2:1: "a.md" must be a list of texts, not 1'),
        ("select = [", "/wiki/wikitools.toml"),
        ("a = 1\na = 2", "/wiki/wikitools.toml: cannot overwrite a value"),
    ],
)
def test_mistakes_are_said_with_their_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        settings(text)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_mistakes_outside_of_files() -> None:
    with pytest.raises(ConfigError, match=r'^--config engin=x: unknown key "engin"; did you mean "engine"\?'):
        settings(assignments=["engin=x"])
    with pytest.raises(ConfigError, match="not of the form key=value"):
        settings(assignments=["=x"])
    with pytest.raises(ConfigError, match=r'^WIKITOOLS_FAIL_ON: "fail-on" must be one of'):
        settings(environment={"WIKITOOLS_FAIL_ON": "sometimes"})
    with pytest.raises(ConfigError, match=r'^WIKITOOLS_RESPECT_GITIGNORE: must be true or false, not "maybe"'):
        settings(environment={"WIKITOOLS_RESPECT_GITIGNORE": "maybe"})


def test_a_variable_that_means_nothing_is_a_warning() -> None:
    found = settings(environment={"WIKITOOLS_SELCT": "x", "WIKITOOLS_DEBUG": "1"})
    assert found.warnings == (
        'the environment variable WIKITOOLS_SELCT means nothing; did you mean "WIKITOOLS_SELECT"?',
    )


def test_every_key_is_documented_and_settable() -> None:
    for key in config.top_keys():
        assert key.doc.endswith("."), key.name
        if config.has_variable(key):
            value = {"engine": "obsidian", "anchors": "github", "fail-on": "any", "respect-gitignore": "true"}.get(
                key.name, "7"
            )
            assert settings(environment={key.variable: value}).origin(key.name) == key.variable


def test_places_of_keys_on_hostile_files_take_linear_time() -> None:
    text = "a" * 200_000 + " = 1\n" + "# " + "[" * 200_000
    with pytest.raises(ConfigError, match="unknown key"):
        settings(text)
