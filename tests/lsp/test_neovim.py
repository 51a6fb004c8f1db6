"""A real editor: Neovim from the distribution, without a screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nvim") is None, reason="needs Neovim: apt-get install neovim"),
]


def test_a_session_in_neovim(wiki: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "wikitools", "lsp", "--cache-dir", str(tmp_path / "cache")]
    environment = {**os.environ, "WIKITOOLS_LSP": json.dumps(command), "XDG_STATE_HOME": str(tmp_path)}
    script = Path(__file__).with_name("session.lua")
    done = subprocess.run(
        ["nvim", "--headless", "--clean", "-i", "NONE", "-n", "-c", f"luafile {script}"],
        cwd=wiki,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    seen = json.loads((wiki / "seen.json").read_text())
    assert "error" not in seen, seen["error"] + done.stderr
    assert seen["found"] == ['4:8 broken-wikilink no page is named "nowhere"']
    assert seen["proposed"] == ["Doe et al. 2019", "Doeringer 2005"]
    assert seen["left"] == {} or seen["left"] == []
    assert (wiki / "waves.md").read_text(encoding="utf-8") == (
        "# Waves\n\nAs Doe et al. (2019) and Roe & Poe (2001) say.\n\n"
        "<!-- wikitools-ignore-next-line broken-wikilink -->\nOf 😀 [[nowhere]], (Doe et al. 2019\n\n\n"
        "Of [tides](tides.md#tides), and [[Selene#Names of it]].\n"
    )
    assert not (wiki / "moon.md").exists()
    assert "## Names of it\n" in (wiki / "Selene.md").read_text(encoding="utf-8")
    assert "[[Selene]] and [[Mon]]" in (wiki / "tides.md").read_text(encoding="utf-8")
