"""`wikitools urls`: what is called dead, moved or out of reach, and that nothing else ever is."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from program import PROGRAM, environment
from web.fakes import Fakes
from web.faults import Time
from web.server import Asked, Server, response

from wikitools.lint import url_status as status
from wikitools.web.asking import Web
from wikitools.web.client import Client
from wikitools.web.memory import Memory
from wikitools.web.urls import Plan, find_statuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Call

    from wikitools.lint.url_status import UrlStatus

DAY = 86_400.0
HTML = b"<html><h1 id='method'>Method</h1><a name=old>x</a><p id='user-content-github'>y</p></html>"


async def pages(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Answer a path with what its name says, to HEAD as to GET, but for those that treat HEAD badly."""
    path, is_head = asked.path[1:], asked.method == "HEAD"
    match path:
        case "html":
            said = response(200, HTML)
        case "packed":
            said = response(200, gzip.compress(HTML), content_encoding="gzip")
        case "pdf":
            said = response(200, b"%PDF-1.7", "application/pdf")
        case "no-head-405" | "no-head-501" | "no-head-404" | "no-head-403":
            said = response(int(path[-3:]) if is_head else 200, b"fine")
        case "head-resets":
            if is_head:
                writer.transport.abort()
                return
            said = response(200, b"fine")
        case "head-only":
            said = response(200 if is_head else 404, b"x")
        case "moved" | "for-now":
            said = response(301 if path == "moved" else 302, location="/html")
        case "moved-twice":
            said = response(308, location="/for-now")
        case "front":
            said = response(301, location="/")
        case "head-front":
            said = response(301, location="/") if is_head else response(200, b"fine")
        case "head-moved":
            said = response(301, location="/html") if is_head else response(200, b"fine")
        case "head-404-then-hour":
            said = response(404, b"x") if is_head else response(429, retry_after="3600")
        case "head-404-pause":
            more = {"ratelimit_remaining": "0", "ratelimit_reset": "3600"}
            said = response(404, b"x", **more) if is_head else response(200, b"fine")
        case "head-404-inside" | "head-moved-inside" | "head-404-scheme" | "head-404-user":
            to = {"inside": "http://10.0.0.1/", "scheme": "ftp://example.org/", "user": "http://a:b@example.org/"}
            to_get = response(302, location=to[path.rpartition("-")[2]])
            head = response(301, location="/html") if "moved" in path else response(404, b"x")
            said = head if is_head else to_get
        case "sent-on":
            said = response(301, location="/login?next=x")
        case "loop":
            said = response(302, location="/loop")
        case "inside":
            said = response(301, location="http://10.0.0.1/")
        case "hour":
            said = response(429, retry_after="3600")
        case "wall":
            has = "seen=1" in asked.headers.get("cookie", "")
            said = response(200, b"fine") if has else response(302, location="/wall", set_cookie="seen=1")
        case "cut":
            writer.write(b"HTTP/1.1 200 x\r\ncontent-length: 999\r\ncontent-type: text/html\r\n\r\n<p>half")
            writer.close()
            return
        case "reset":
            writer.transport.abort()
            return
        case "browsers-only":
            said = response(200, b"<h1>One moment</h1><script src=/check.js></script>")
        case "challenge":
            said = response(403, b"x", cf_mitigated="challenge")
        case "challenge-404" | "challenge-410":
            said = response(int(path[-3:]), b"<noscript>Run scripts</noscript><script src=/x></script>")
        case "login" | "new" | "" | "~a":
            said = response(200, b"fine")
        case code:
            said = response(int(code), b"x")
    writer.write(said.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if is_head else said)


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    with Server(pages) as server:
        yield server


def look(
    site: Server, *paths: str, time: Time | None = None, memory: Memory | None = None, **more: Any
) -> dict[str, UrlStatus]:
    """Return what is found of paths, or of whole addresses, by them."""
    clock = (time or Time()).clock
    urls = {path: path if "://" in path else f"{site.url}/{path}" for path in paths}
    plan = more.pop("plan", None)

    async def run() -> dict[str, UrlStatus]:
        async with Client(allowed=[f"127.0.0.1:{site.port}"], clock=clock, proxies={}) as client:
            web = Web(client, memory or Memory(clock=clock), **more)
            found = await find_statuses(web, urls.values(), plan)
            return {path: found[url] for path, url in urls.items()}

    return asyncio.run(run())


@pytest.mark.parametrize(
    "path",
    # A page that is cut off is there all the same.
    "html packed pdf no-head-405 no-head-501 no-head-404 no-head-403 head-resets wall cut html#method html#old "
    "html#github pdf#page=3 html#L10-L20 html#:~:text=any html#top pdf#x for-now moved-twice#L3 sent-on".split(),
)
def test_what_is_there(path: str, site: Server) -> None:
    found = look(site, path)[path]
    assert isinstance(found, status.Ok) or (isinstance(found, status.Moved) and not found.permanent), found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("404", status.Gone("127.0.0.1 answers 404")),
        ("410", status.Gone("127.0.0.1 answers 410")),
        ("front", status.Gone("now shows the front page")),
        ("html#nowhere", status.NoAnchor("nowhere")),
        ("html#Method", status.NoAnchor("Method", "method")),
    ],
)
def test_what_is_gone(path: str, expected: UrlStatus, site: Server) -> None:
    assert look(site, path)[path] == expected


@pytest.mark.parametrize(
    "path",
    "202 400 401 403 406 418 451 999 challenge challenge-404 challenge-410 loop browsers-only#x".split(),
)
def test_a_refusal_says_nothing(path: str, site: Server) -> None:
    assert isinstance(look(site, path)[path], status.Refused)


@pytest.mark.parametrize("path", ["408", "429", "500", "502", "503", "504", "hour", "reset"])
def test_no_answer_says_nothing(path: str, site: Server) -> None:
    assert isinstance(look(site, path)[path], status.Unknown)


@pytest.mark.parametrize("path", ["head-front", "head-moved"])
def test_a_redirect_of_head_alone_says_nothing(path: str, site: Server) -> None:
    assert look(site, path)[path] == status.Ok()


@pytest.mark.parametrize(
    "path",
    "head-404-then-hour head-404-pause head-404-inside head-moved-inside head-404-scheme head-404-user".split(),
)
def test_what_head_says_does_not_stand_in_for_a_missing_answer(path: str, site: Server) -> None:
    assert isinstance(look(site, path)[path], status.Unasked | status.Unknown)


def test_a_login_has_no_anchors_of_the_page(site: Server) -> None:
    assert look(site, "sent-on#method")["sent-on#method"] == status.Ok()


@pytest.mark.parametrize("path", ["inside", "http://10.0.0.1/", "http://[::ffff:127.0.0.1]/", "ftp://example.org/a"])
def test_what_is_not_asked(path: str, site: Server) -> None:
    assert isinstance(look(site, path)[path], status.Unasked)


def test_only_a_move_that_was_seen_on_two_days_is_settled(site: Server) -> None:
    time, memory = Time(), Memory(clock=Time().clock)
    memory = Memory(clock=time.clock)
    first = look(site, "moved", time=time, memory=memory)["moved"]
    assert first == status.Moved(f"{site.url}/html", permanent=True, settled=False)
    time.passed += 30 * DAY
    assert look(site, "moved", time=time, memory=memory)["moved"] == status.Moved(f"{site.url}/html", True, True)


def test_a_host_must_be_out_of_reach_for_a_week_and_three_looks(site: Server) -> None:
    time = Time()
    memory = Memory(clock=time.clock)
    dead = "http://nosuch.invalid/a"
    for _look in range(5):
        found = look(site, dead, time=time, memory=memory)[dead]
        time.passed += 2 * DAY
    assert isinstance(found, status.Unreachable)
    assert (found.looks, round(found.days)) == (5, 8)


def test_what_was_asked_is_not_asked_again_before_it_is_due(site: Server) -> None:
    time = Time()
    memory = Memory(clock=time.clock)
    paths = ("html", "html#method", "404", "403", "moved")
    before = look(site, *paths, time=time, memory=memory)
    site.asked.clear()
    assert look(site, *paths, time=time, memory=memory) == before
    assert look(site, *paths, time=time, memory=memory, offline=True) == before
    assert not site.asked
    time.passed += 30 * DAY
    look(site, *paths, time=time, memory=memory)
    assert site.asked


def test_an_answer_of_another_day_is_not_what_the_host_says_now(site: Server) -> None:
    time = Time()
    memory = Memory(clock=time.clock)
    memory.put("page", f"{site.url}/500", __import__("wikitools.web.memory", fromlist=["Status"]).Status.GONE)
    time.passed += 30 * DAY
    assert isinstance(look(site, "500", time=time, memory=memory)["500"], status.Unknown)


def test_what_there_is_no_time_for_is_not_asked(site: Server) -> None:
    found = look(site, "html", plan=Plan(seconds=0.0))["html"]
    assert found == status.Unasked("no time left")


def test_identifiers_are_asked_at_their_registries() -> None:
    with Fakes() as services:
        urls = [
            "https://doi.org/10.1038/nature14539",
            "https://arxiv.org/abs/1706.03762",
            "https://doi.org/10.9999/nothing",
        ]
        found = services.ask(lambda web: find_statuses(web, urls), Time().clock)
        asked = services.asked()
    assert found[urls[2]] == status.Gone("doi.org has no such DOI")
    assert {*asked} <= {"doi", "arxiv"}


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Server) -> Path:
    monkeypatch.setenv("WIKITOOLS_WEB_ALLOW_HOSTS", f"127.0.0.1:{site.port}")
    monkeypatch.setattr("wikitools.web.client.Clock", lambda: Time().clock)
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(f"[a]({site.url}/404) <{site.url}/404> [b]({site.url}/403) [c]({site.url}/moved#method)\n")
    Path("r.bib").write_text(
        f"@book{{doe, author = {{Doe, Ann}}, title = {{T}}, year = {{2019}}, url = {{{site.url}/410}}}}\n"
    )
    return tmp_path


def test_the_command_reports_as_lint_does(wiki: Path, site: Server, call: Call) -> None:
    code, out, err = call("urls", "--output-format", "concise")
    assert code == 1
    lines = out.replace(site.url, "SITE").splitlines()
    assert lines[:3] == [
        'a.md:1:5: warning[dead-url] "SITE/404" is gone: 127.0.0.1 answers 404 (2 places on 1 page)',
        'r.bib:1:1: warning[dead-url] "SITE/410" is gone: 127.0.0.1 answers 410',
        lines[2],
    ]
    assert 'info[moved-url] "SITE/moved#method" has moved to "SITE/html"' in lines[2]
    assert "4 addresses on 1 host: 1 alive, 2 dead, 1 refused.\n" in err
    what = "Refused: these hosts do not answer programs. Open the addresses in a browser"
    assert f"{what}:\n  127.0.0.1: 1 address (answers 403)\n" in err


def test_findings_are_grouped_by_host_and_an_address_is_one_finding(wiki: Path, site: Server, call: Call) -> None:
    for number in range(20):
        Path(f"note-{number:02}.md").write_text(f"See <{site.url}/404>.\n")
    out = call("urls")[1].replace(site.url, "SITE")
    assert out.startswith(
        "127.0.0.1: 24 problems in 21 pages and 1 bibliography\n"
        '  warning  dead-url  "SITE/404" is gone: 127.0.0.1 answers 404 (22 places on 21 pages)\n'
        "    at a.md:1:5, note-00.md:1:6, note-01.md:1:6, note-02.md:1:6 and 18 more\n"
    )
    assert "\na.md: 1 problem" in call("urls", "--group-by", "page")[1]


def test_the_summary_says_when_a_host_has_more_than_one_reason(wiki: Path, site: Server, call: Call) -> None:
    Path("a.md").write_text(" ".join(f"<{site.url}/{path}>" for path in ("403", "403?b", "401")))
    _code, _out, err = call("urls")
    assert "  127.0.0.1: 3 addresses (answers 403; 1 other reason)\n" in err


def test_a_second_run_asks_nobody(wiki: Path, site: Server, call: Call) -> None:
    first = call("urls", "--output-format", "json")
    site.asked.clear()
    assert call("urls", "--output-format", "json") == first
    code, out, err = call("urls", "--offline", "--output-format", "json")
    assert (code, out) == first[:2]
    assert "Remembered answers, the oldest from 20" in err
    assert not site.asked


def test_machines_baselines_and_comments(wiki: Path, call: Call) -> None:
    sarif = json.loads(call("urls", "--output-format", "sarif")[1])
    assert {each["ruleId"] for each in sarif["runs"][0]["results"]} == {"dead-url", "moved-url"}
    text = Path("a.md").read_text()
    Path("a.md").write_text(f"<!-- wikitools-ignore-next-line dead-url -- kept for its name -->\n{text}")
    out = call("urls", "--output-format", "concise", "--min-severity", "warning")[1]
    assert "a.md" not in out
    assert "r.bib" in out


def test_what_is_remembered_can_be_a_baseline(wiki: Path, site: Server, call: Call) -> None:
    assert call("urls")[0] == 1
    site.asked.clear()
    assert call("baseline", "create", "--urls")[0] == 0
    assert not site.asked
    code, out, _err = call("urls")
    assert (code, "(1 page, 4 in baseline)" in out) == (0, True)
    # Other runs cannot see these findings, and neither call them stale nor drop them.
    before = Path("wikitools-baseline.json").read_text()
    assert "stale" not in call("lint")[1]
    for command in ("update", "prune"):
        assert call("baseline", command)[0] == 0
        assert Path("wikitools-baseline.json").read_text() == before
    Path("a.md").write_text(Path("a.md").read_text() + f"\n<{site.url}/410>\n")
    code, out, _err = call("urls")
    assert (code, "/410" in out, "/404" in out) == (1, True, False)
    Path("a.md").write_text("# Nothing\n")
    assert "1 added" not in call("baseline", "update", "--urls")[1]
    assert "404" not in Path("wikitools-baseline.json").read_text()


def test_the_report_shows_what_is_remembered(wiki: Path, site: Server, call: Call) -> None:
    report = str(Path.cwd().parent / "report.html")
    assert call("report", "-o", report)[0] == 0
    assert "Dead and moved addresses" not in Path(report).read_text()
    assert call("urls")[0] == 1
    site.asked.clear()
    assert call("report", "-o", report)[0] == 0
    assert not site.asked
    text = Path(report).read_text()
    assert re.search(r"different findings; the oldest answer is from 20\d\d-\d\d-\d\d</caption>", text)
    assert f"<td>&quot;{site.url}/404&quot; is gone: " in text
    assert "<td>moved-url</td>" in text
    assert call("report", "--no-cache", "-o", report)[0] == 0
    assert "Dead and moved addresses" not in Path(report).read_text()


def test_a_repair_of_a_move(wiki: Path, site: Server, call: Call) -> None:
    assert call("urls", "--fix")[0] == 1
    # On the first day it is only a guess.
    assert "moved" in Path("a.md").read_text()
    call("urls", "--fix", "--unsafe-fixes")
    assert f"[c]({site.url}/html#method)" in Path("a.md").read_text()


def test_what_is_left_out(wiki: Path, site: Server, call: Call) -> None:
    site.asked.clear()
    code, _out, err = call("urls", "--exclude-url", f"{site.url}/4*", "--select", "dead-url")
    assert code == 0
    assert {each.path for each in site.asked} == {"/moved", "/html"}
    assert "Not asked:\n  127.0.0.1: 3 addresses (excluded)\n" in err
    assert "matches no address" not in err
    _code, _out, err = call("urls", "--exclude-url", "https://a.example/**, https://b.example/**", "--offline")
    assert "warning: --exclude-url: https://a.example/**, https://b.example/** matches no address; write several" in err
    assert call("urls", "--max-time", "soon")[::2] == (
        2,
        "error: --max-time soon: write a time such as 90s, 10m or 1h\n",
    )


def test_the_configuration_makes_it_ask_less(wiki: Path, site: Server, call: Call) -> None:
    site.asked.clear()
    globs = f'["{site.url}/4*", "https://gone.example/**"]'
    Path("wikitools.toml").write_text(f'[web]\nexclude = {globs}\nmax-time = "10m"\ninterval = 2\n')
    err = call("urls", "--select", "dead-url")[2]
    assert "Not asked:\n  127.0.0.1: 3 addresses (excluded)\n" in err
    assert err.startswith(
        'warning: wikitools.toml:2:1: "https://gone.example/**" in exclude of [web] matches no address\n'
    )
    assert {each.path for each in site.asked} == {"/moved", "/html"}
    Path("wikitools.toml").write_text('[web]\nmax-time = "soon"\n')
    assert "[web] max-time soon: write a time" in call("urls")[2]
    # Settings that contact others or reveal something are not for authors of the wiki.
    for key in ("allow-hosts", "services", "headers", "keys"):
        Path("wikitools.toml").write_text(f'[web]\n{key} = ["127.0.0.1"]\n')
        assert call("urls")[0] == 2


def test_what_a_night_learned_is_there_in_the_next_one(wiki: Path, site: Server, call: Call) -> None:
    """As the recipe in docs/urls.md has it: another machine, another folder, the memory restored."""
    first = call("urls", "--cache-dir", "memory", "--output-format", "concise")
    site.asked.clear()
    another = wiki.parent / "another"
    (another / "wiki").mkdir(parents=True)
    for each in wiki.glob("*.*"):
        shutil.copy(each, another / "wiki")
    shutil.copytree("memory", another / "wiki/memory")
    os.chdir(another / "wiki")
    assert call("urls", "--cache-dir", "memory", "--output-format", "concise") == first
    assert not site.asked


def test_a_change_is_asked_for_what_it_adds(wiki: Path, site: Server, call: Call) -> None:
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments], check=True)
    site.asked.clear()
    text = Path("a.md").read_text()
    Path("a.md").write_text(f"{text}\nNew: <{site.url}/404/more> and <{site.url}/410>.\n")
    out = call("urls", "--changed", "--output-format", "concise")[1].replace(site.url, "SITE")
    assert {each.path for each in site.asked} == {"/404/more", "/410"}
    assert "SITE/410" in out
    assert "moved" not in out
    # The bibliography did not change, and says it, too.
    assert "r.bib:" not in out


def test_an_address_that_begins_like_an_old_one_is_new(wiki: Path, site: Server, call: Call) -> None:
    Path("a.md").write_text(f"<{site.url}/404.html> <https://doi.org/10.1000/182.5>\n")
    Path("r.bib").write_text("@book{doe, title = {T}, url = {" + site.url + "/410.html}}\n")
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments], check=True)
    Path("a.md").write_text(f"<{site.url}/404.html> <{site.url}/404> <https://doi.org/10.1000/182>\n")
    Path("r.bib").write_text("@book{doe, title = {T}, url = {" + site.url + "/410}}\n")
    site.asked.clear()
    with Fakes() as services:
        os.environ["WIKITOOLS_WEB_SERVICES"] = services.addresses
        out = call("urls", "--changed", "--output-format", "concise")[1].replace(site.url, "SITE")
        del os.environ["WIKITOOLS_WEB_SERVICES"]
    assert {each.path for each in site.asked} == {"/404", "/410"}
    assert {line.split('"')[1] for line in out.splitlines() if "is gone" in line} == {
        "SITE/404",
        "SITE/410",
        "https://doi.org/10.1000/182",
    }


def test_offline_nothing_is_asked_and_nothing_called_unclear(wiki: Path, site: Server, call: Call) -> None:
    Path("a.md").write_text(f"<{site.url}/404> <https://doi.org/10.1000/182> <https://arxiv.org/abs/2105.14111>\n")
    code, _out, err = call("urls", "--offline", "a.md")
    assert code == 0
    assert "3 addresses on 3 hosts: 3 not asked." in err


def test_an_interrupt_keeps_what_was_learned(wiki: Path, site: Server) -> None:
    """As with Ctrl-C: the run ends at once, and the next one asks for the rest only."""
    arrived = threading.Event()

    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.path == "/slow":
            arrived.set()
            await asyncio.sleep(60)
        writer.write(response(404 if asked.path == "/404" else 200))

    with Server(slow) as server:
        # The slow one is asked last: what was asked longest ago comes first, then by name. With an
        # anchor, the other is requested whole at once.
        Path("a.md").write_text(f"<{server.url}/404#a> <{server.url}/slow>\n")
        Path("r.bib").unlink()
        settings = environment(
            WIKITOOLS_WEB_ALLOW_HOSTS=f"127.0.0.1:{server.port}", WIKITOOLS_WEB_SERVICES="wayback=http://127.0.0.1:1"
        )
        command = [*PROGRAM, "urls", "--cache-dir", "memory"]
        with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            assert arrived.wait(60)
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=30)
        assert run.returncode == 130
        server.asked.clear()
        done = subprocess.run([*command, "--offline"], env=settings, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "/404" in done.stdout
        assert "2 addresses on 1 host: 1 dead, 1 not asked." in done.stderr
        assert not server.asked


def test_lint_asks_nobody_and_says_so(wiki: Path, site: Server, call: Call) -> None:
    site.asked.clear()
    _code, out, err = call("lint", "--select", "web")
    assert "dead-url, missing-url-anchor, moved-url, unreachable-url were skipped: needs the web" in err
    assert "No problems found" in out
    assert not site.asked


def test_the_hint_for_since_names_options_of_this_command(wiki: Path, call: Call) -> None:
    err = call("urls", "--since", "main")[2]
    assert "write --changed --since REF" in err
    assert "--new-since" not in err


def test_a_run_that_asked_nobody_does_not_say_that_there_are_no_problems(wiki: Path, call: Call) -> None:
    _code, out, err = call("urls", "--offline", "--no-cache")
    assert "Nothing was checked: no address was asked for (1 page)." in out
    assert "No problems found" not in out + err
