"""The formats' own tools have nothing to say about our reports."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from format_wiki import MULTITOOL, PAGES, VALIDATORS, Lint, put

from wikitools.report import rule_pages

RDFORMAT = VALIDATORS / "node_modules/.bin/rdformat-validator"

MISSING = "needs: npm ci --ignore-scripts --prefix tests/validators"

needs_multitool = pytest.mark.skipif(not MULTITOOL.exists() or sys.platform != "linux", reason=MISSING)

needs_rdformat = pytest.mark.skipif(not RDFORMAT.exists() or shutil.which("node") is None, reason=MISSING)


# The formats' own tools


def hostile_logs(lint: Lint, name: str) -> list[Path]:
    """Write all pages, each in its own folder, and return one report on all of them and one on none."""
    for number, kind in enumerate(PAGES):
        put(kind, f"{number:02}")
    Path("wiki/Inner alignment.md").write_text("# Same\n\n# Same\n\n[[inner alignmnt]] (Shah 2023) [[02/a#x]]\n")
    Path("wiki/refs.bib").write_text("@article{a, title = {No year}, author = {Shah, Rohin}}\n")
    paths = [Path(f"{each}.{name}") for each in ("all", "none")]
    assert lint("--extend-select", "ALL", "--report", f"{name}={paths[0]}")[0] == 1
    assert lint("--select", "missing-image", "--report", f"{name}={paths[1]}")[0] == 0
    return paths


@pytest.mark.slow
@needs_multitool
def test_sarif_multitool_has_nothing_to_say(lint: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    MULTITOOL.chmod(0o755)
    # The tool wants an address of the docs; it reports nothing but its absence.
    for docs in ("https://docs.example/", ""):
        monkeypatch.setattr(rule_pages, "DOCS", docs)
        paths = hostile_logs(lint, "sarif")[0 if docs else 1 :]
        done = subprocess.run(
            [MULTITOOL, "validate", "--rule-kind", "Sarif;Ghas", *paths], capture_output=True, text=True, check=False
        )
        said = [line for line in done.stdout.splitlines() if re.search(r": (?:error|warning|note) ", line)]
        wanted = 0 if docs else len(paths)
        assert len([line for line in said if "SARIF2005" in line and "informationUri" in line]) == wanted, done.stdout
        assert len(said) == wanted, done.stdout
        assert "Analysis completed successfully" in done.stdout, done.stdout + done.stderr


@needs_multitool
@pytest.mark.slow
def test_hashes_of_lines_are_those_of_the_multitool(lint: Lint) -> None:
    MULTITOOL.chmod(0o755)
    lines = [
        f"Line {number % 7}: [[Gone {number % 3}]] \t and é 日本 {'more ' * (number % 20)}" for number in range(60)
    ]
    Path("wiki/a.md").write_text("\n".join(lines), encoding="utf-8")
    ours = json.loads(lint("--output-format", "sarif")[1])
    hashes = [each["partialFingerprints"].pop("primaryLocationLineHash") for each in ours["runs"][0]["results"]]
    ours["runs"][0]["originalUriBaseIds"]["%SRCROOT%"]["uri"] = f"{Path.cwd().as_uri()}/"
    Path("in.sarif").write_text(json.dumps(ours))
    insert = ("rewrite", "in.sarif", "--output", "out.sarif", "--insert", "RollingHashPartialFingerprints")
    subprocess.run([MULTITOOL, *insert], capture_output=True, check=True)
    theirs = json.loads(Path("out.sarif").read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    assert [each["partialFingerprints"]["primaryLocationLineHash"] for each in theirs] == hashes


@needs_rdformat
def test_rdformat_validator_has_nothing_to_say(lint: Lint) -> None:
    for path in hostile_logs(lint, "rdjson"):
        done = subprocess.run(
            [RDFORMAT, "--strict", "--no-extra-fields", "--format", "json", path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert json.loads(done.stdout)["totalErrors"] == 0, done.stdout
