"""Shell completion: the script, what it answers, and what it costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


REPOSITORY = Path(__file__).parent.parent
HEAVY = (
    "mistletoe",
    "httpx",
    "rapidfuzz",
    "yaml",
    "bibtexparser",
    "asyncio",
    "pydantic",
    "rich",
    "wikitools.project.loading",
)


def wikitools(environment: dict[str, str], *arguments: str, code: str = "") -> str:
    command = [sys.executable, *(("-c", code) if code else ("-m", "wikitools")), *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("_TYPER", "_WIKITOOLS", "COMP_"))}
    done = subprocess.run(
        command, env=kept | environment, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=300
    )
    return done.stdout


def asked(shell: str, line: str) -> dict[str, str]:
    """Return the variables with which a shell asks for completions of a line."""
    if shell == "bash":
        words = line.split(" ")
        return {"_WIKITOOLS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    fish = {"_TYPER_COMPLETE_FISH_ACTION": "get-args"} if shell == "fish" else {}
    return {"_WIKITOOLS_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line, **fish}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_options_and_values(shell: str) -> None:
    assert "backfill" in wikitools(asked(shell, "wikitools back"))
    assert "--index" in wikitools(asked(shell, "wikitools lint --ind"))
    values = wikitools(asked(shell, "wikitools lint --index "))
    assert all(value in values for value in ("auto", "git", "disk"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(shell: str) -> None:
    script = wikitools({"_WIKITOOLS_COMPLETE": f"source_{shell}"})
    assert "wikitools" in script
    assert f"complete_{shell}" in script


def test_bash_takes_the_script(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    shim = tmp_path / "wikitools"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wikitools "$@"\n')
    shim.chmod(0o755)
    # The shell that asks is the one that starts the program.
    line = (
        'eval "$(wikitools --show-completion)"; COMP_WORDS=(wikitools lin); COMP_CWORD=1; '
        '_wikitools_completion wikitools; echo "${COMPREPLY[@]}"'
    )
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([bash, "-c", line], env=environment, check=False, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "lint links", done.stderr


def test_installing_writes_to_the_home_folder_only(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    line = f'"{sys.executable}" -m wikitools --install-completion; true'
    subprocess.run([bash, "-c", line], env=environment, check=True, capture_output=True, timeout=300)
    assert "wikitools" in (tmp_path / ".bashrc").read_text()
    assert "complete_bash" in (tmp_path / ".bash_completions/wikitools.sh").read_text()


def test_completing_imports_nothing_heavy() -> None:
    code = """
import sys
sys.argv = ["wikitools"]
from wikitools.__main__ import main
try:
    main()
finally:
    # Completion ends the program by itself.
    print("\\n" + " ".join(sys.modules))
"""
    loaded = wikitools(asked("bash", "wikitools lint --ind"), code=code).splitlines()[-1].split()
    assert "typer" in loaded
    assert not [name for name in HEAVY if name in loaded]
