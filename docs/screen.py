"""The picture of a terminal in the README: what wikitools prints for a small wiki, drawn by rich."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from html import unescape
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
WIDTH = 58
"""Columns: as many as can be read where the picture is as wide as a phone."""
SHOWN = 620
"""Pixels that the picture is wide where there is room."""
COMMANDS = (("cite",), ("lint", "Penicillin.md"))

# Without fonts from the web: no page that shows a picture loads them.
_FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" width="SHOWN" viewBox="0 0 {width} {height}" role="img"
  aria-label="wikitools in a terminal">
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px ui-monospace, Menlo, Consolas, monospace }}
.{unique_id}-title {{ font: bold 16px system-ui, sans-serif }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture() -> str:
    """Return the picture as SVG: dark, with a border, so that it stands on light and dark pages alike."""
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    theme = TerminalTheme(
        (22, 27, 34),
        (208, 215, 222),
        [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255), (188, 140, 255), (57, 197, 207),
         (177, 186, 196)],
        [(139, 148, 158), (255, 161, 152), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255),
         (86, 212, 221), (255, 255, 255)],
    )  # fmt: skip
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for number, (command, output) in enumerate(_runs()):
        if number:
            console.print()
        console.print(Text.assemble(("$ ", "bright_black"), (command, "bold")))
        console.print(Text.from_ansi(output.rstrip("\n")), soft_wrap=False)
    drawn = console.export_svg(
        title="wikitools", theme=theme, code_format=_FORMAT.replace("SHOWN", str(SHOWN)), unique_id="wikitools"
    )
    # Line ends are drawn as empty texts; a line a text makes differences readable.
    return re.sub(r"<text [^>]*>\s*</text>", "", drawn).replace("</text><text ", "</text>\n<text ")


def _runs() -> list[tuple[str, str]]:
    """Return the commands and what they print in colour for a terminal of that width."""
    with tempfile.TemporaryDirectory() as work:
        wiki = Path(work, "wiki")
        shutil.copytree(REPOSITORY / "fixtures" / "first-steps" / "wiki", wiki)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WIKITOOLS_")}
        environment |= {
            "PYTHONPATH": str(REPOSITORY),
            "WIKITOOLS_JOBS": "1",
            "WIKITOOLS_CACHE_DIR": str(Path(work, "cache")),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
        }
        for name in ("COLUMNS", "NO_COLOR"):
            environment.pop(name, None)
        return [(" ".join(("wikitools", *command)), _on_a_terminal(command, wiki, environment)) for command in COMMANDS]


def _on_a_terminal(command: tuple[str, ...], folder: Path, environment: dict[str, str]) -> str:
    """Return what a command prints on a terminal of the picture's width."""
    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, WIDTH, 0, 0))
    with subprocess.Popen(
        (sys.executable, "-m", "wikitools", *command),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
    ) as program:
        os.close(terminal)
        printed = b""
        # Linux reports the end of a terminal as an error.
        with contextlib.suppress(OSError):
            while piece := os.read(reader, 65_536):
                printed += piece
        os.close(reader)
    if program.returncode not in (0, 1):
        raise RuntimeError(f"wikitools {' '.join(command)} exits with {program.returncode}")
    return printed.decode().replace("\r\n", "\n")


def said(svg: str) -> str:
    """Return the text in a picture: what must be the same, whichever version of rich drew it."""
    return "\n".join(unescape(text) for text in re.findall(r"<text [^>]*>([^<]*)</text>", svg))
