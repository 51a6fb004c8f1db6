"""Settings: precedence, origins, and messages about mistakes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from wikitools import __version__, config
from wikitools.cli.app import run
from wikitools.config import ConfigError, Settings, load_settings, make_schema


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
        ("exclude = [1]", 'wikitools.toml:1:1: "exclude" must be a list of texts, not a list with 1 in it'),
        ("select = [['a']]", 'wikitools.toml:1:1: "select" must be a list of texts, not a list with a list in it'),
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
            value = {
                "engine": "obsidian",
                "anchors": "github",
                "fail-on": "any",
                "respect-gitignore": "true",
                "required-version": ">=0.1",
                "suffixes": ".md",
            }.get(key.name, "7")
            assert settings(environment={key.variable: value}).origin(key.name) == key.variable


def test_places_of_keys_on_hostile_files_take_linear_time() -> None:
    text = "a" * 200_000 + " = 1\n" + "# " + "[" * 200_000
    with pytest.raises(ConfigError, match="unknown key"):
        settings(text)


# What a file extends


def extending(files: dict[str, str], **more: Any) -> Settings:
    """Return the settings of /org/wiki/wikitools.toml; `files` are texts by path."""

    def read(path: str, _home: str, _follow_links: bool) -> str:
        if path not in files:
            raise ConfigError(f"{path}: no such file or directory")
        return files[path]

    start = "/org/wiki/wikitools.toml"
    return load_settings("/given", [(start, files[start])], read=read, **more)


def test_what_a_file_extends_is_weaker() -> None:
    found = extending(
        {
            "/org/wiki/wikitools.toml": 'extend = "../shared/base.toml"\nengine = "foam"\nignore = ["pages"]\n'
            '[severity]\nbroken-anchor = "info"\n[block]\nheading = "References"\n',
            "/org/shared/base.toml": 'extend = "pyproject.toml"\nengine = "logseq"\nfail-on = "error"\n'
            'ignore = ["links"]\n[severity]\nbroken-link = "info"\nbroken-anchor = "error"\n[block]\nsort = "year"\n',
            "/org/shared/pyproject.toml": '[tool.wikitools]\nexclude = ["drafts/"]\nbibliography = ["all.bib"]\n',
        }
    )
    assert (found.engine, found.fail_on, found.exclude) == ("foam", "error", ("drafts/",))
    assert found.ignore == ("links", "pages")
    assert found.severity == {"broken-link": "info", "broken-anchor": "info"}
    assert (found.block.heading, found.block.sort) == ("References", "year")
    # Paths are relative to the file that names them, and the wiki stays where it is.
    assert (found.root, found.bibliography) == (Path("/org/wiki"), ("../shared/all.bib",))
    assert [path.as_posix() for path in found.files] == [
        "/org/wiki/wikitools.toml",
        "/org/shared/base.toml",
        "/org/shared/pyproject.toml",
    ]
    assert found.origin("engine") == "wikitools.toml:2:1"
    assert found.origin("fail-on") == "../shared/base.toml:3:1"
    assert found.origin("exclude") == "../shared/pyproject.toml:2:1"
    assert found.origin("ignore") == "../shared/base.toml:4:1, wikitools.toml:3:1"
    assert found.origin_of_rule("links") == "../shared/base.toml:4:11"
    assert found.origin_of_rule("broken-anchor") == "wikitools.toml:5:1"


def test_a_select_drops_the_ignores_of_the_file_it_extends() -> None:
    found = extending(
        {
            "/org/wiki/wikitools.toml": 'extend = "base.toml"\nselect = ["links"]\n',
            "/org/wiki/base.toml": 'ignore = ["broken-link"]\nextend-select = ["pages"]\n',
        }
    )
    assert (found.select, found.ignore, found.extend_select) == (("links",), (), ())
    assert found.origin_of_rule("broken-link") == ""


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"wikitools.toml": 'extend = "b.toml"', "b.toml": '\nextend = "wikitools.toml"'},
            'b.toml:2:1: "extend" forms a circle: wikitools.toml → b.toml → wikitools.toml',
        ),
        (
            {"wikitools.toml": 'extend = "wikitools.toml"'},
            'wikitools.toml:1:1: "extend" forms a circle: wikitools.toml → wikitools.toml',
        ),
        (
            {"wikitools.toml": '\n  extend = "no.toml"'},
            'wikitools.toml:2:3: "extend": /org/wiki/no.toml: no such file or directory',
        ),
        ({"wikitools.toml": "extend = 3"}, 'wikitools.toml:1:1: "extend" must be the path of one configuration file'),
        (
            {"wikitools.toml": 'extend = "b.toml"', "b.toml": "x = zzz"},
            'wikitools.toml:1:1: "extend": /org/wiki/b.toml:1:5: invalid value; text needs quotes: x = "zzz"',
        ),
        (
            {"wikitools.toml": 'extend = "pyproject.toml"', "pyproject.toml": "[project]"},
            'wikitools.toml:1:1: "extend": /org/wiki/pyproject.toml: has no [tool.wikitools]',
        ),
        (
            {"wikitools.toml": 'extend = "../b.toml"', "../b.toml": 'engin = "foam"'},
            '../b.toml:1:1: unknown key "engin"; did you mean "engine"?',
        ),
    ],
)
def test_mistakes_in_what_a_file_extends(files: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        extending({str(Path("/org/wiki", name)).replace("wiki/../", ""): text for name, text in files.items()})
    assert str(error.value) == message


def test_the_command_line_extends_a_file_by_one_of_its_own() -> None:
    texts = {"/org/wiki/wikitools.toml": 'extend = "../a.toml"\nengine = "foam"\n', "/b.toml": 'fail-on = "error"\n'}
    found = extending(texts, assignments=["extend=/b.toml"])
    assert (found.engine, found.fail_on) == ("foam", "error")
    with pytest.raises(ConfigError, match=r"^--config extend=x: there is no configuration file to extend"):
        load_settings("/given", assignments=["extend=x"])


# Versions


@pytest.mark.parametrize("wanted", [">=0.1", "<999", "~=0.1", __version__, f"=={__version__}", ">=0.0.1,<999"])
def test_versions_that_are_wanted(wanted: str) -> None:
    assert settings(f'required-version = "{wanted}"').required_version == wanted


def test_another_version_is_refused_before_its_keys() -> None:
    with pytest.raises(ConfigError) as error:
        settings('key-of-tomorrow = 1\nrequired-version = ">=999"\n')
    assert str(error.value) == (
        f"wikitools.toml:2:1: this configuration is for wikitools >=999, and this is {__version__}; "
        "install another version: pip install 'wikitools-md>=999'"
    )


@pytest.mark.parametrize("value", ['"newest"', "3", '"1.x.y"'])
def test_what_is_no_version(value: str) -> None:
    with pytest.raises(ConfigError, match=r'^wikitools.toml:1:1: "required-version" must be versions like'):
        settings(f"required-version = {value}")


# Where a key belongs, and where a rule is named


def test_a_key_of_the_block_at_the_top_is_said_to_belong_there() -> None:
    with pytest.raises(ConfigError, match='unknown key "heading"; it belongs in the table "block"'):
        settings('heading = "References"')


def test_places_of_rules() -> None:
    found = settings(
        'select = [\n  "links",\n  \'anchors\',\n]\n[per-file-ignores]\n"a/**" = ["pages", "sources"]\n',
        options={"ignore": ["citations"]},
    )
    assert found.origin_of_rule("anchors") == "wikitools.toml:3:3"
    assert found.origin_of_rule("sources") == "wikitools.toml:6:20"
    assert found.origin_of_rule("citations") == "--ignore"
    assert found.origin_of_rule("bibliography") == ""


# The schema


def validator() -> Any:
    schema = make_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_takes_the_fixtures_and_all_defaults() -> None:
    check = validator()
    fixtures = sorted((Path(__file__).parent.parent / "fixtures").glob("*/wikitools.toml"))
    assert len(fixtures) >= 2
    for file in fixtures:
        check.validate(tomllib.loads(file.read_text(encoding="utf-8")))
    schema = check.schema
    assert list(schema["properties"]) == [key.name for key in config.top_keys()]
    assert all(each["description"] for each in schema["properties"].values())
    assert all(each["description"] for each in schema["properties"]["block"]["properties"].values())
    for name, each in schema["properties"].items():
        if "default" in each:
            check.validate({name: each["default"]})


@pytest.mark.parametrize(
    "text",
    [
        'engin = "obsidian"',
        'engine = "obsidan"',
        'fail-on = "warn"',
        "select = 3",
        "exclude = [1]",
        'select = ["broken-wikilnk"]',
        'respect-gitignore = "no"',
        "max-page-size = 0",
        'block = "x"',
        "[block]\nheading-level = 9",
        '[block]\nheding = "X"',
        '[block]\nsort = "size"',
        '[severity]\nbroken-anchor = "high"',
        '[severity]\nbrokn-anchor = "info"',
        '[per-file-ignores]\n"a/**" = [3]',
    ],
)
def test_the_schema_refuses_what_the_program_refuses(text: str) -> None:
    assert not validator().is_valid(tomllib.loads(text))


# What the command shows


def test_config_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WIKITOOLS_FAIL_ON", "error")
    (tmp_path / "base.toml").write_text('exclude = ["drafts/"]\n')
    text = 'extend = "base.toml"\nselect = ["links"]\n[severity]\nbroken-anchor = "info"\n'
    (tmp_path / "wikitools.toml").write_text(text + '[per-file-ignores]\n"a/**" = ["pages"]\n[block]\nsort = "year"\n')

    def shown(*arguments: str) -> str:
        assert run(["config", "show", str(tmp_path), *arguments]) == 0
        return capsys.readouterr().out

    whole = shown()
    # What is shown is a configuration that says the same.
    again = load_settings(str(tmp_path), [(str(tmp_path / "wikitools.toml"), whole)])
    assert (again.select, again.exclude, again.fail_on) == (("links",), ("drafts/",), "error")
    assert (again.severity, again.block.sort) == ({"broken-anchor": "info"}, "year")
    assert again.per_file_ignores == (("a/**", ("pages",)),)
    assert len(whole.splitlines()) > 30
    changed = shown("--changed", "--config", "max-page-size=7 kB")
    assert changed == (
        f"# wiki: {tmp_path}\n# configuration: {tmp_path}/wikitools.toml, {tmp_path}/base.toml\n\n"
        'exclude = ["drafts/"]  # base.toml:1:1\n'
        'select = ["links"]     # wikitools.toml:2:1\n'
        'fail-on = "error"      # WIKITOOLS_FAIL_ON\n'
        "max-page-size = 7000   # --config max-page-size=7 kB\n\n"
        "[severity]  # wikitools.toml:3:2\n"
        'broken-anchor = "info"\n\n'
        "[per-file-ignores]  # wikitools.toml:5:2\n"
        '"a/**" = ["pages"]\n\n'
        "[block]\n"
        'sort = "year"  # wikitools.toml:8:1\n'
    )
    data = json.loads(shown("--output-format", "json"))
    assert data["settings"]["exclude"] == {"value": ["drafts/"], "origin": "base.toml:1:1"}
    assert data["settings"]["bibliography"] == {"value": None, "origin": "default"}
    (tmp_path / "wikitools.toml").write_text('ignore = ["brokn-link"]\n')
    assert run(["config", "show", str(tmp_path)]) == 2
    assert 'wikitools.toml:1:11: no rule or group is named "brokn-link"; did you mean' in capsys.readouterr().err


def test_config_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == make_schema()
