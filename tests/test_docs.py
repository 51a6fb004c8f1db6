"""The docs say what the code says, and what they show is what happens."""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import generate
import pytest
import transcript
import yaml

from wikitools import __version__
from wikitools.config import load_settings
from wikitools.wiki.engines import ENGINES

REPOSITORY = Path(__file__).parent.parent
DOCS = REPOSITORY / "docs"
FIRST_STEPS = REPOSITORY / "fixtures" / "first-steps"


def test_generated_pages_are_up_to_date() -> None:
    assert generate.stale() == [], "run: python docs/generate.py"


def test_pages_end_with_one_line_end() -> None:
    for page in DOCS.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert text.endswith("\n"), page
        assert not text.endswith("\n\n"), page


def test_the_changelog_keeps_its_form() -> None:
    text = (DOCS / "changelog.md").read_text(encoding="utf-8")
    first, *versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert first == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", version) for version in versions)
    numbers = [tuple(map(int, version.partition(" ")[0].split("."))) for version in versions]
    assert numbers == sorted(numbers, reverse=True)
    parts = [
        re.findall(r"^### (.+)$", version, re.MULTILINE) for version in re.split(r"^## ", text, flags=re.MULTILINE)
    ]
    order = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    assert all(part == [name for name in order if name in part] for part in parts), "each once, in this order"


PINNED = re.compile(r"(?:repo: \S+/wikitools\b.*\n +rev: v|wikitools@v|wikitools-md==)([\d.]+\d)")


def test_versions_to_pin_are_in_the_changelog() -> None:
    released = set(re.findall(r"^## ([\d.]+) - ", (DOCS / "changelog.md").read_text(encoding="utf-8"), re.MULTILINE))
    pages = (*DOCS.glob("*.md"), REPOSITORY / "README.md")
    named = {(page.name, version) for page in pages for version in PINNED.findall(page.read_text(encoding="utf-8"))}
    assert {page for page, _version in named} >= {"ci.md", "formatters.md", "urls.md"}
    assert {version for _page, version in named} <= released
    assert __version__ in released


def test_each_promise_of_the_page_on_security_names_tests_that_there_are() -> None:
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:tests/)?(?:[\w/]+\.py::)?(test_\w+)`", text))
    there = set()
    for file in (REPOSITORY / "tests").rglob("test_*.py"):
        there |= {file.stem, *re.findall(r"^def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)}
    assert len(named) > 10
    assert named <= there, sorted(named - there)


ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")


def test_the_layers_are_those_of_the_contract() -> None:
    drawn = re.search(r"^    cli → .*\n(?:    .*\n)*", ARCHITECTURE, re.MULTILINE)
    assert drawn is not None
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(each["layers"] for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    assert [layer.strip("()") for layer in " ".join(drawn[0].split()).split(" → ")] == layers
    for name in (name for layer in layers for name in layer.split(" | ")):
        assert re.search(rf"^    [├└]── {name}(?:\.py|/) ", ARCHITECTURE, re.MULTILINE), name


def test_all_rooms_and_modules_that_the_architecture_names_exist() -> None:
    folders: list[str] = []
    rooms: list[str] = []
    for branch, room in re.findall(r"^    ((?:│   )?[├└]── )(\S+) ", ARCHITECTURE, re.MULTILINE):
        folders[branch.count("│") :] = [room]
        rooms.append("".join(folders))
    assert len(rooms) > 15
    for path in (*rooms, *re.findall(r"`([\w/]+(?:\.py|/))`", ARCHITECTURE)):
        found = REPOSITORY / ("" if path.startswith("tests/") else "wikitools") / path
        # What the page names as a folder may be one file by now.
        assert found.exists() or (path.endswith("/") and found.with_suffix(".py").is_file()), path


def test_every_command_that_pages_name_exists() -> None:
    commands = {name for name, _command in generate.commands()}
    firsts = {name.split()[0] for name in commands}
    for page in (*DOCS.glob("*.md"), REPOSITORY / "README.md"):
        for first, second in re.findall(r"`wikitools ([a-z]+)(?: ([a-z]+))?", page.read_text(encoding="utf-8")):
            group = first in firsts - commands
            assert first in firsts, f"{page.name}: wikitools {first}"
            assert not (group and second) or f"{first} {second}" in commands, f"{page.name}: wikitools {first} {second}"


def test_every_option_that_pages_name_exists() -> None:
    options = {name: {*_options(command), "--help"} for name, command in generate.commands()}
    count = 0
    for page in (*DOCS.glob("*.md"), REPOSITORY / "README.md"):
        if page.name == "changelog.md":
            continue
        text = page.read_text(encoding="utf-8")
        # In prose, and in blocks for a shell.
        for words in re.findall(r"(?:`|^ *\$? ?)wikitools ([a-z][^`\n|;&]*)", text, re.MULTILINE):
            first, _, rest = words.partition(" ")
            second = f"{first} {rest.split(' ')[0]}"
            command = second if second in options else first
            for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", words.partition(" -- ")[0]):
                assert option in options.get(command, ()), f"{page.name}: wikitools {words}"
                count += 1
    assert count > 50


def _options(command: Any) -> set[str]:
    return {each for parameter in command.params for each in (*parameter.opts, *parameter.secondary_opts)}


def test_what_the_readme_counts_and_lists() -> None:
    """What no command on the page shows; the commands are run by `.ci/run`."""
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    compared = (DOCS / "compared.md").read_text(encoding="utf-8")
    assert f"| {len(ENGINES)} engines |" in readme
    links = re.search(r"on the same ([\d,]+) links", readme)
    assert links is not None
    assert f"{links[1]} links" in compared
    asks = {name for name, command in generate.commands() if "--offline" in _options(command)}
    named = re.search(r"only ((?:[^.]|\.\S)*) use the network", " ".join(readme.split()))
    assert named is not None
    assert {each.split(" -")[0] for each in re.findall(r"`([^`]+)`", named[1])} == asks
    assert len(readme.splitlines()) < 80, "one screen"


def test_every_extra_is_on_the_first_page() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    named = re.findall(r"^\| `(\w+)` \|", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) == set(settings["project"]["optional-dependencies"])


def test_configurations_on_pages_are_accepted() -> None:
    count = 0
    for page in DOCS.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        examples = re.findall(r"^`wikitools\.toml`:\n\n```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        examples += re.findall(r"^    # wikitools\.toml\n((?:    .*\n|\n)+)", text, re.MULTILINE)
        for example in examples:
            load_settings(str(REPOSITORY), [("wikitools.toml", textwrap.dedent(example))])
            count += 1
    assert count > 1


def same(file: Path, now: str) -> None:
    """Fail with a diff when a transcript does not say any more what happens."""
    before = file.read_text(encoding="utf-8")
    diff = "".join(difflib.unified_diff(before.splitlines(True), now.splitlines(True), "written", "happens", n=1))
    assert before == now, f"{diff}\nif that is right: python tests/transcript.py {file.relative_to(REPOSITORY)}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tutorial.md", "engines.md", "citations.md", "blocks.md"])
def test_commands_on_pages_print_what_is_shown(name: str, tmp_path: Path) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    assert "```console" in text
    folder = tmp_path / "wiki"
    folder.mkdir()
    same(DOCS / name, transcript.run(text, folder, page=True))


@pytest.mark.slow
def test_the_first_ten_minutes_of_a_new_user(tmp_path: Path) -> None:
    file = FIRST_STEPS / "first-ten-minutes.console"
    folder = tmp_path / "wiki"
    shutil.copytree(FIRST_STEPS / "wiki", folder)
    variables = transcript.wheel(tmp_path)
    same(file, transcript.run(file.read_text(encoding="utf-8"), folder, variables=variables))

    # What the CI file says, in a fresh clone.
    workflow = yaml.safe_load((folder / ".github/workflows/wiki.yml").read_text(encoding="utf-8"))
    install, *checks = [step["run"] for step in workflow["jobs"]["wiki"]["steps"] if "run" in step]
    assert install == 'pip install "$WIKITOOLS"'
    clone = tmp_path / "clone"
    subprocess.run(("git", "clone", "-q", str(folder), str(clone)), check=True)
    script = "$ . ../venv/bin/activate\n" + "".join(f"$ {line}\n" for line in checks)
    printed = transcript.run(script, clone, variables=variables)
    assert "No problems found (5 pages)." in printed
    assert re.search(r"^\?\d", printed, re.MULTILINE) is None, printed
    (clone / "index.md").write_text("[[Nowhere]]\n", encoding="utf-8")
    assert "\n?1\n" in transcript.run(script, clone, variables=variables)


@pytest.mark.slow
@pytest.mark.skipif(not transcript.PRETTIER.exists(), reason="needs: npm ci --ignore-scripts --prefix tests/formatters")
def test_the_first_hour_of_a_new_user_with_pre_commit_and_prettier(tmp_path: Path) -> None:
    file = FIRST_STEPS / "first-hour.console"
    folder = tmp_path / "wiki"
    shutil.copytree(FIRST_STEPS / "wiki", folder)
    same(file, transcript.run(file.read_text(encoding="utf-8"), folder))
