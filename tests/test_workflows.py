"""The GitHub action and the workflows: their schemas, their safety, and the action's script as a shell runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from web.server import Asked, Server, response

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

REPOSITORY = Path(__file__).parent.parent
ACTION = REPOSITORY / "action.yml"
WORKFLOWS = sorted((REPOSITORY / ".github/workflows").glob("*.yml"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ACTION.exists() or not WORKFLOWS, reason="a source distribution without workflows"),
]


def program(name: str) -> str:
    """Return where a program of the development group is; skip, for all to see, without it."""
    found = shutil.which(name, path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def checked(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schemas_of_github() -> None:
    checker = program("check-jsonschema")
    checked(checker, "--builtin-schema", "vendor.github-actions", str(ACTION))
    checked(checker, "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS))


def test_a_security_audit_at_its_most_pedantic() -> None:
    checked(program("zizmor"), "--offline", "--pedantic", "--no-progress", str(ACTION), *map(str, WORKFLOWS))


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_what_is_used_is_pinned_and_scripts_hold_no_expressions(path: Path) -> None:
    text = path.read_text()
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for name, comment in used:
        assert name == "./" or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", name), name
        assert name == "./" or re.fullmatch(r" # v\d+\.\d+\.\d+", comment), comment
    for script in scripts(yaml.safe_load(text)):
        assert "${{" not in script


def scripts(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["run"]] if isinstance(value.get("run"), str) else []
        return own + [each for inner in value.values() for each in scripts(inner)]
    return [each for inner in value for each in scripts(inner)] if isinstance(value, list) else []


def test_only_publishing_and_attesting_may_sign() -> None:
    jobs = yaml.safe_load((REPOSITORY / ".github/workflows/release.yml").read_text())["jobs"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["environment"] == "pypi"
    assert jobs["attest"]["permissions"] == {"id-token": "write", "attestations": "write"}


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "index.md").write_text("# Index\n\nSee [[other page]] and [[lost]].\n")
    (root / "other page.md").write_text("# Other\n\nSee [[index]] and [[gone]].\n")
    return root


def lint(wiki: Path, inputs: Mapping[str, str]) -> tuple[int, str, str]:
    """Run the last step of the action; return its exit code, its output and its outputs."""
    step = yaml.safe_load(ACTION.read_text())["runs"]["steps"][-1]
    declared = {name: each["default"] for name, each in yaml.safe_load(ACTION.read_text())["inputs"].items()}
    given = {**declared, "output-format": "concise", **inputs}
    shim = wiki.parent / "python"
    # With "-I", Python finds the wikitools that is installed for it, whatever the variables say.
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    shim.chmod(0o755)
    values = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: given[match[1]], value)
        for name, value in step["env"].items()
    }
    environment = (
        os.environ
        | values
        | {
            "PYTHON": str(shim),
            "GITHUB_OUTPUT": str(wiki.parent / "outputs"),
            "PYTHONPATH": str(REPOSITORY),
            "WIKITOOLS_JOBS": "1",
        }
    )
    # As GitHub runs a step with "shell: bash".
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=wiki, check=False, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr, (wiki.parent / "outputs").read_text()


def test_the_action_runs_no_module_of_the_checkout(wiki: Path) -> None:
    trap = f"open({str(wiki.parent / 'sprung')!r}, 'w')\n"
    for name in ("pip", "venv", "json", "typer", "wikitools", "sitecustomize"):
        (wiki / f"{name}.py").write_text(trap)
    # Our first step, with a substitute for the Python that it sets up.
    step = yaml.safe_load(ACTION.read_text())["runs"]["steps"][1]
    (wiki.parent / "source").mkdir()
    (wiki.parent / "source/pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    environment = os.environ | {
        "PYTHON": sys.executable,
        "SOURCE": str(wiki.parent / "source"),
        "RUNNER_TEMP": str(wiki.parent),
        "GITHUB_OUTPUT": str(wiki.parent / "outputs"),
        "PYTHONPATH": str(wiki),
        # Nothing has to be fetched: pip is started, and that is what matters here.
        "PIP_NO_INDEX": "1",
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    subprocess.run(command, cwd=wiki, check=False, env=environment, capture_output=True)
    assert (wiki.parent / "wikitools").is_dir()
    assert not (wiki.parent / "sprung").exists()
    shutil.rmtree(wiki.parent / "wikitools")
    assert lint(wiki, {})[0] == 1
    assert not (wiki.parent / "sprung").exists()


def test_the_action_reports_and_fails(wiki: Path) -> None:
    code, output, outputs = lint(wiki, {})
    assert (code, outputs) == (1, "exit-code=1\n")
    assert "index.md:3:24: error[broken-wikilink]" in output
    assert "other page.md:3:" in output


def test_arguments_and_paths_are_lines(wiki: Path) -> None:
    code, output, outputs = lint(
        wiki, {"arguments": "--exit-zero\n--ignore\nbroken-anchor\n", "paths": "other page.md\n"}
    )
    assert (code, outputs) == (0, "exit-code=0\n")
    assert "index.md" not in output
    assert "other page.md:3:" in output


def test_the_action_writes_a_report_for_code_scanning(wiki: Path) -> None:
    assert lint(wiki, {"sarif": "out file.sarif"})[0] == 1
    assert '"runs"' in (wiki / "out file.sarif").read_text()


@pytest.mark.parametrize("name", ["arguments", "paths", "output-format", "sarif"])
def test_inputs_are_never_a_part_of_the_script(wiki: Path, name: str) -> None:
    nasty = 'a"; touch sprung; "$(touch sprung)`touch sprung`\' && touch sprung; #'
    lint(wiki, {name: nasty})
    assert not (wiki / "sprung").exists()


# The recipes of the documentation


def recipes(language: str, page: str = "docs/ci.md") -> list[str]:
    text = (REPOSITORY / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_recipes_use_hooks_that_exist() -> None:
    hooks = {each["id"] for each in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())}
    found = (*recipes("yaml"), *recipes("yaml", "docs/urls.md"))
    configured = [yaml.safe_load(each) for each in found if "hooks:" in each]
    named = {hook["id"] for each in configured for repo in each["repos"] for hook in repo["hooks"]}
    assert named
    assert named <= hooks


def test_recipes_fit_the_schemas(tmp_path: Path) -> None:
    checker = program("check-jsonschema")
    kinds = {"gitlab-ci": "codequality:", "github-workflows": "runs-on:"}
    for schema, sign in kinds.items():
        found = [each for each in recipes("yaml") if sign in each]
        assert found, schema
        for number, each in enumerate(found):
            file = tmp_path / f"{schema}-{number}.yml"
            file.write_text(each)
            checked(checker, "--builtin-schema", f"vendor.{schema}", str(file))


def test_recipes_name_options_that_exist() -> None:
    text = (REPOSITORY / "docs/ci.md").read_text()
    known = set(re.findall(r"--[a-z][a-z-]+", (REPOSITORY / "docs/cli.md").read_text()))
    for line in re.findall(r"wikitools (?:lint|backfill) [^\n`]*", text):
        assert set(re.findall(r"(?<!\S)--[a-z][a-z-]+", line)) <= known, line


def test_the_nightly_recipe_is_one_that_an_audit_passes(tmp_path: Path) -> None:
    nightly = next(each for each in recipes("yaml", "docs/urls.md") if "schedule:" in each)
    file = tmp_path / ".github/workflows/urls.yml"
    file.parent.mkdir(parents=True)
    file.write_text(nightly)
    checked(program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(file))
    checked(program("zizmor"), "--offline", "--pedantic", "--no-progress", str(file))


def test_the_nightly_recipe_remembers_from_night_to_night(tmp_path: Path) -> None:
    """Run its command twice, each time in a fresh checkout with nothing but the files that it restores."""
    job = yaml.safe_load(next(each for each in recipes("yaml", "docs/urls.md") if "schedule:" in each))["jobs"]["urls"]
    command = next(step["run"] for step in job["steps"] if "wikitools urls" in step.get("run", ""))
    saved = next(step["with"]["path"].split() for step in job["steps"] if "cache/save" in step.get("uses", ""))
    asked: list[int] = []
    with Server(answer) as site:
        for night in ("first", "second"):
            checkout = tmp_path / night
            checkout.mkdir()
            (checkout / "a.md").write_text(f"<{site.url}/fine> <{site.url}/404>\n")
            subprocess.run(["git", "init", "-q"], cwd=checkout, check=True)
            for path in saved if night == "second" else ():
                (checkout / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(tmp_path / "first" / path, checkout / path)
            environment = os.environ | {
                "WIKITOOLS_CACHE_DIR": job["env"]["WIKITOOLS_CACHE_DIR"],
                "WIKITOOLS_WEB_ALLOW_HOSTS": f"127.0.0.1:{site.port}",
                "WIKITOOLS_WEB_SERVICES": "wayback=http://127.0.0.1:1",
                "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            }
            done = subprocess.run(command.split(), cwd=checkout, check=False, env=environment, capture_output=True)
            assert done.returncode == 1, done.stderr
            assert b"/404" in done.stdout
            asked.append(len(site.asked))
    assert asked[0] > 0
    assert asked[1] == asked[0]


async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Say that some pages are not there."""
    writer.write(response(404 if asked.path == "/404" else 200))
