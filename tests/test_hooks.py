"""The hooks, as pre-commit and prek really run them; each runner builds the package once for the whole session."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from web.server import Asked, Server, response

from wikitools.cli.app import tree

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator, Mapping

REPOSITORY = Path(__file__).parent.parent
HOOKS = REPOSITORY / ".pre-commit-hooks.yaml"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(not HOOKS.exists(), reason="a source distribution without the hooks"),
]

IDS = ("wikitools-lint", "wikitools-lint-changed", "wikitools-lint-new", "wikitools-backfill", "wikitools-urls")
LINTS = IDS[:3]
PASSED, FAILED = (0, 0, 0), (1, 1, 1)
NAMES = {hook["id"]: hook["name"] for hook in yaml.safe_load(HOOKS.read_text())} if HOOKS.exists() else {}
PAGES = {
    "index.md": "# Index\n\nSee [[alpha]], [[beta]] and [[gamma]].\n",
    "alpha.md": "# Alpha\n\nSee [[index]].\n",
    "beta.md": "# Beta\n\nSee [[index]].\n",
    "gamma.md": "# Gamma\n\nSee [[index]].\n",
}


def test_every_hook_runs_a_command_that_exists_and_says_what_it_needs() -> None:
    hooks = yaml.safe_load(HOOKS.read_text())
    assert tuple(hook["id"] for hook in hooks) == IDS
    commands = set(tree().commands)
    for hook in hooks:
        program, command, *_ = hook["entry"].split()
        assert program == "wikitools"
        assert command in commands
        assert hook["language"] == "python"
        assert hook["require_serial"] is True
        assert hook["minimum_pre_commit_version"]
        # Only a hook that is given no files can see that one is gone.
        assert hook.get("always_run", False) is not hook.get("pass_filenames", True)
        # A hook that is given names of files takes none for an option.
        assert hook["entry"].endswith(" --") is hook.get("pass_filenames", True)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of the session share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "hooks"
    folder.mkdir(exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def environment(shared: Path) -> dict[str, str]:
    """No settings of the machine, no hook, and the runners' environments in the shared folder."""
    left_out = ("GIT_", "WIKITOOLS_", "PRE_COMMIT", "PREK", "PYTHONPATH", "CI", "GITHUB_", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    (shared / "gitconfig").write_text(
        "[user]\nname = A\nemail = a@example.org\n[init]\ndefaultBranch = main\ntemplateDir =\n"
        "[commit]\ngpgsign = false\n"
    )
    return kept | {
        "GIT_CONFIG_GLOBAL": str(shared / "gitconfig"),
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PRE_COMMIT_HOME": str(shared / "pre-commit"),
        "PREK_HOME": str(shared / "prek"),
        "WIKITOOLS_CACHE_DIR": str(shared / "cache"),
        # What a hook imports is compiled by its first run; the other nine tenths never.
        "PIP_NO_COMPILE": "1",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
    }


@pytest.fixture(scope="session")
def source(shared: Path, environment: dict[str, str]) -> tuple[Path, str]:
    """This project as a repository of hooks, with the commit that users would name."""
    place = shared / "source"
    with locked(shared):
        if not place.exists():
            half = shared / "half"
            shutil.rmtree(half, ignore_errors=True)
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / "wikitools", half / "wikitools", ignore=skipped)
            for name in ("pyproject.toml", "README.md", "LICENSE", HOOKS.name):
                shutil.copy(REPOSITORY / name, half / name)
            for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "all")):
                subprocess.run(["git", *arguments], cwd=half, check=True, env=environment)
            half.rename(place)
    head = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(head, cwd=place, check=True, env=environment, capture_output=True, text=True).stdout
    return place, commit.strip()


def need(runner: str, shared: Path, environment: dict[str, str]) -> None:
    """Skip, and say why, where the runner is missing or cannot fetch packages for the environments that it builds.

    Each fetches as it is configured: pre-commit by the pip that virtualenv brings along, prek by uv. That the Python of
    these tests has a pip is not needed.
    """
    if shutil.which(runner, path=environment["PATH"]) is None:
        pytest.skip(f"{runner} is not installed")
    with locked(shared):
        answer = shared / f"{runner}-can-fetch"
        if not answer.exists():
            answer.write_text(why_not_fetched(runner, shared / f"{runner}-tried", environment))
        if reason := answer.read_text():
            pytest.skip(reason)


def why_not_fetched(runner: str, folder: Path, environment: dict[str, str]) -> str:
    """Return why the runner can fetch no package here; "" when it can."""
    python = [sys.executable, "-m"]
    commands = [[*python, "uv", "pip", "install", "-q", "--no-deps", "--target", str(folder), "hatchling"]]
    if runner == "pre-commit":
        pip = str(folder / "bin" / "pip")
        commands = [
            [*python, "virtualenv", "-q", str(folder)],
            [pip, "download", "-q", "--no-deps", "-d", str(folder / "wheels"), "hatchling"],
        ]
    for command in commands:
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=300)
        except subprocess.TimeoutExpired:
            return f"{runner} cannot fetch packages here: no answer within 300 seconds"
        except subprocess.CalledProcessError as error:
            said = [line for line in error.stderr.splitlines() if line.strip()] or ["no reason given"]
            return f"{runner} cannot fetch packages here: {said[-1].strip()}"
    return ""


@pytest.fixture(params=["pre-commit", pytest.param("prek", marks=pytest.mark.nightly)])
def runner(request: pytest.FixtureRequest, shared: Path, environment: dict[str, str]) -> str:
    """The program that runs the hooks."""
    need(request.param, shared, environment)
    return str(request.param)


class Project:
    """A wiki under git, with the hooks configured."""

    def __init__(self, root: Path, runner: str, environment: dict[str, str]) -> None:
        self.root = root
        self.runner = runner
        self.environment = environment

    def git(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=False, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, texts: Mapping[str, str]) -> None:
        for path, text in texts.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)

    def run(self, hook: str, *arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Run a hook ("": all) on what is staged; return the exit code and all output."""
        done = subprocess.run(
            [self.runner, "run", *arguments, *([hook] if hook else ())],
            cwd=self.root,
            check=False,
            env=environment or self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        assert done.returncode in (0, 1), output
        return done.returncode, output

    def lint(self, *arguments: str) -> Mapping[str, tuple[int, str]]:
        """Run the hooks that lint on what is staged, in one go; return the exit code and the output of each."""
        environment = self.environment | {"SKIP": "wikitools-backfill"}
        _code, output = self.run("", *arguments, environment=environment)
        # Each hook has a line with its name and how it ended; its output follows when it failed.
        parts = re.split(r"^(.+?)\.{3,}(?:\([^)]*\))?(Passed|Failed|Skipped)$", output, flags=re.MULTILINE)
        ended = {name: (int(how == "Failed"), text) for name, how, text in zip(*[iter(parts[1:])] * 3, strict=True)}
        return {hook: ended[NAMES[hook]] for hook in LINTS}

    def codes(self) -> tuple[int, ...]:
        """Return the exit codes of the hooks that lint, on what is staged."""
        return tuple(code for code, _output in self.lint().values())


@pytest.fixture
def project(
    tmp_path: Path, runner: str, environment: dict[str, str], shared: Path, source: tuple[Path, str]
) -> Project:
    """A wiki with one commit and nothing wrong."""
    made = Project(tmp_path / "wiki", runner, environment)
    hooks = "".join(f"      - id: {name}\n" for name in IDS)
    config = f"repos:\n  - repo: {source[0]}\n    rev: {source[1]}\n    hooks:\n{hooks}"
    made.write({**PAGES, ".pre-commit-config.yaml": config})
    made.git("init", "-q")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "first")
    with locked(shared):
        built = shared / f"{runner}-built"
        if not built.exists():
            # The first run builds the environment, which all others share.
            code, output = made.run("wikitools-lint")
            assert code == 0, output
            built.touch()
    return made


def test_a_broken_link_is_added(project: Project) -> None:
    project.write({"alpha.md": "# Alpha\n\nSee [[index]] and [[lost]].\n"})
    project.git("add", "-A")
    for code, output in project.lint().values():
        assert code == 1
        assert 'no page is named "lost"' in output
        assert "alpha.md:3:" in output
    assert project.run("wikitools-backfill")[0] == 0


def test_a_name_is_never_an_option(project: Project) -> None:
    names = ('--config=fail-on="never" #.md', "--exit-zero .md", "--ignore=ALL #.md", "-h.md", "--help.md")
    project.write(dict.fromkeys(names, "# N\n\nSee [[nowhere]].\n"))
    project.git("add", "-A")
    code, output = project.run("wikitools-lint-changed")
    assert code == 1
    assert "Found 5 problems in 5 pages" in output
    assert project.codes() == FAILED


def test_a_linked_page_is_deleted(project: Project) -> None:
    project.git("rm", "-q", "alpha.md")
    ended = project.lint()
    for hook in ("wikitools-lint", "wikitools-lint-new"):
        code, output = ended[hook]
        assert code == 1
        assert ('"alpha.md" was deleted in this commit' if hook == "wikitools-lint-new" else '"alpha"') in output
    # It is never started for files that are gone.
    assert ended["wikitools-lint-changed"][0] == 0


def test_a_page_is_renamed(project: Project) -> None:
    project.git("mv", "alpha.md", "delta.md")
    ended = project.lint()
    renamed = '"alpha.md" was renamed to "delta.md" in this commit'
    for hook, message in (("wikitools-lint", 'no page is named "alpha"'), ("wikitools-lint-new", renamed)):
        code, output = ended[hook]
        assert code == 1
        assert message in output
    project.write({"index.md": PAGES["index.md"].replace("alpha", "delta")})
    project.git("add", "-A")
    assert project.codes() == PASSED


def test_the_target_is_not_tracked(project: Project) -> None:
    project.write({"alpha.md": "# Alpha\n\nSee [[index]] and [[new]].\n", "new.md": "# New\n\nSee [[index]].\n"})
    project.git("add", "alpha.md")
    for code, output in project.lint().values():
        assert code == 1
        assert '"new"' in output
    project.git("add", "new.md")
    assert project.codes() == PASSED


def test_a_page_is_staged_in_part(project: Project) -> None:
    project.write({"alpha.md": "# Alpha\n\nSee [[index]], well.\n"})
    project.git("add", "alpha.md")
    project.write({"alpha.md": "# Alpha\n\nSee [[index]] and [[lost]].\n"})
    assert project.codes() == PASSED
    project.git("add", "alpha.md")
    project.write({"alpha.md": "# Alpha\n\nSee [[index]], well.\n"})
    assert project.codes() == FAILED
    assert (project.root / "alpha.md").read_text() == "# Alpha\n\nSee [[index]], well.\n"


def test_all_files_and_an_old_debt(project: Project) -> None:
    project.write({"beta.md": "# Beta\n\nSee [[index]] and [[debt]].\n"})
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "debt")
    ended = project.lint("--all-files")
    for hook in ("wikitools-lint", "wikitools-lint-changed"):
        code, output = ended[hook]
        assert code == 1
        assert "beta.md:3:" in output
    assert ended["wikitools-lint-new"][0] == 0
    project.write({"alpha.md": "# Alpha\n\nSee [[index]], well.\n"})
    project.git("add", "-A")
    ended = project.lint()
    assert ended["wikitools-lint"][0] == 1
    assert ended["wikitools-lint-changed"][0] == 0
    assert ended["wikitools-lint-new"][0] == 0


def test_three_thousand_files_in_several_calls(project: Project) -> None:
    folder = "a-folder-with-a-name-that-is-long-enough-for-the-limit"
    # All the same text: git stores it once, instead of 3,000 times.
    pages = {f"{folder}/page-{i:04}.md": "See [[index]], [[page-0000]] and [[page-2999]].\n" for i in range(3000)}
    broken = (0, 1499, 1500, 2999)
    for i in broken:
        pages[f"{folder}/page-{i:04}.md"] += f"\nAnd [[lost-{i}]].\n"
    project.write(pages)
    project.git("add", "-A")
    code, output = project.run("wikitools-lint-changed", "--all-files")
    assert code == 1
    found = re.findall(r'no page is named "lost-(\d+)"', output)
    assert sorted(map(int, found)) == list(broken)
    # Together, 3,000 names are longer than what one call is given.
    assert sum(map(len, pages)) > 128 * 1024
    if project.runner == "pre-commit":
        assert len(re.findall("^Found ", output, re.MULTILINE)) > 1


def test_blocks_are_regenerated(project: Project) -> None:
    entry = "@article{a, author = {Doe, Jane}, title = {On it}, year = {2019}, url = {https://example.org/a}}\n"
    block = "## Sources cited\n\n<!-- wikitools:sources -->\n<!-- /wikitools:sources -->\n"
    project.write({"refs.bib": entry, "alpha.md": f"# Alpha\n\nSee [[index]] (Doe 2019).\n\n{block}"})
    project.git("add", "-A")
    code, output = project.run("wikitools-backfill")
    assert code == 1
    assert "modified" in output
    assert "On it" in (project.root / "alpha.md").read_text()
    project.git("add", "-A")
    assert project.run("wikitools-backfill")[0] == 0


def test_a_real_commit(project: Project) -> None:
    install = [project.runner, "install"]
    subprocess.run(install, cwd=project.root, check=True, env=project.environment, capture_output=True)
    project.write({"alpha.md": "# Alpha\n\nSee [[index]] and [[lost]].\n", "gamma.md": "# Gamma\n\nSee [[lost]].\n"})
    project.git("add", "alpha.md")
    assert 'no page is named "lost"' in project.git("commit", "-m", "broken", code=1)
    project.write({"alpha.md": "# Alpha\n\nSee [[index]], well.\n"})
    project.git("add", "alpha.md")
    project.git("commit", "-m", "whole")
    assert (project.root / "gamma.md").read_text() == "# Gamma\n\nSee [[lost]].\n"


@pytest.mark.nightly
def test_pre_commit_tries_the_repository(
    tmp_path: Path, environment: dict[str, str], source: tuple[Path, str], shared: Path
) -> None:
    need("pre-commit", shared, environment)
    project = Project(tmp_path / "wiki", "pre-commit", environment)
    project.write(PAGES | {"alpha.md": "# Alpha\n\nSee [[lost]].\n"})
    project.git("init", "-q")
    project.git("add", "-A")
    command = ["pre-commit", "try-repo", str(source[0]), "wikitools-lint", "--all-files"]
    done = subprocess.run(command, cwd=project.root, check=False, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert 'no page is named "lost"' in done.stdout


async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Answer with the code that a path begins with."""
    writer.write(response(int(asked.path[1:4])))


def test_a_push_is_asked_for_what_it_adds(project: Project, tmp_path: Path) -> None:
    project.git("init", "-q", "--bare", str(tmp_path / "remote"))
    project.git("remote", "add", "origin", str(tmp_path / "remote"))
    install = [project.runner, "install", "--hook-type", "pre-push"]
    subprocess.run(install, cwd=project.root, check=True, env=project.environment, capture_output=True)
    with Server(answer) as site:
        project.environment = project.environment | {
            "WIKITOOLS_WEB_ALLOW_HOSTS": f"127.0.0.1:{site.port}",
            "WIKITOOLS_WEB_SERVICES": "wayback=http://127.0.0.1:1",
        }

        def push(paths: str, branch: str, *, code: int = 0) -> str:
            links = " ".join(f"<{site.url}/{path}>" for path in paths.split())
            project.write({"links.md": f"# Links\n\nSee [[index]] and {links}.\n"})
            project.git("add", "-A")
            project.git("commit", "-q", "-m", paths)
            site.asked.clear()
            return project.git("push", "-q", "origin", f"HEAD:{branch}", code=code)

        # The first push adds everything.
        push("200/a", "main")
        assert {each.path for each in site.asked} == {"/200/a"}
        said = push("200/a 200/b 404/c", "main", code=1)
        assert {each.path for each in site.asked} == {"/200/b", "/404/c"}
        assert '/404/c" is gone' in said
        assert "2 addresses on 1 host: 1 alive, 1 dead." in said
        push("200/a 200/d", "main")
        # Another branch: the remote has all but the last commit.
        push("200/a 200/d 200/e", "other")
        assert {each.path for each in site.asked} == {"/200/e"}
