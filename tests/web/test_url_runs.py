"""Runs of `wikitools urls`: what comes first, what ends a run, and what is no host's fault."""

from __future__ import annotations

import asyncio
import socket
import threading
import time as wall
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from web.fakes import Fakes
from web.faults import Time
from web.library import LIBRARY
from web.server import Asked, Server, response
from web.test_urls import DAY, look

from wikitools.lint import url_status as status
from wikitools.web.asking import Web
from wikitools.web.client import Ask, Client
from wikitools.web.memory import Memory, Status
from wikitools.web.pace import Pace
from wikitools.web.registry.identified import identify
from wikitools.web.services import services_at
from wikitools.web.transport import Names
from wikitools.web.urls import Plan, find_statuses

if TYPE_CHECKING:
    from conftest import Call

    from wikitools.lint.url_status import UrlStatus


async def simple(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Answer with the number that a path begins with, in case 301 with the way home, else with "fine"."""
    code = int(asked.path[1:4]) if asked.path[1:4].isdigit() else 200
    said = response(code, b"x", location="/home")
    writer.write(said.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if asked.method == "HEAD" else said)


def test_a_page_that_is_no_address_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wikitools.web.client.Clock", lambda: Time().clock)
    Path("a.md").write_text(
        "[a](http://[bad/) <http://[::1> [b](http:///x) <http://a.example:port/> [c](http://u:p@e.example/) "
        "[d](http://xn--/) <http://127.0.0.1:99999/> <http://127.0.0.1:0/> [e](http://"
        + "a" * 300
        + ".example/) ![f](http://[v1.x]/)\n"
    )
    code, _out, err = call("urls", "--max-time", "20s")
    assert code == 0
    assert "bug" not in err
    assert "not asked" in err


def test_an_address_in_several_spellings_is_asked_once() -> None:
    with Server(simple) as site:
        paths = ["/%7Ea", "/~a", "/%7ea?b=%c3%a9", "/~a?b=é", "/x/../~a#top", "", "/"]
        urls = [*(site.url + path for path in paths), f"HTTP://127.0.0.1:{site.port}"]
        found = look(site, *urls)
        assert found == dict.fromkeys(urls, status.Ok())
        assert sorted(each.target for each in site.asked) == ["/", "/~a", "/~a?b=%C3%A9"]


def test_those_that_never_answer_do_not_keep_others_waiting() -> None:
    """Three pages that always fail close the host for the run; in the next one, the others come first."""
    time = Time()
    memory = Memory(clock=time.clock)
    with Server(simple) as site:
        pages = ["a", "b", "c", "d", "e"]
        for page in pages[:3]:
            memory.put("page", f"{site.url}/500{page}", Status.HERE)
            time.passed += 1
        asked = [f"500{page}" for page in pages[:3]] + ["later-d", "later-e"]
        for page in asked[3:]:
            memory.put("page", f"{site.url}/{page}", Status.HERE)
        time.passed += 60 * DAY
        first = look(site, *asked, time=time, memory=memory)
        assert [type(first[page]) for page in asked] == [status.Unknown] * 3 + [status.Unasked] * 2
        time.passed += DAY
        site.asked.clear()
        second = look(site, *asked, time=time, memory=memory)
        assert [type(second[page]) for page in asked] == [status.Unknown] * 3 + [status.Ok] * 2
        assert site.asked[0].path == "/later-d"


def test_an_overloaded_host_gets_four_requests_for_a_page() -> None:
    with Server(simple) as site:
        assert isinstance(look(site, "503")["503"], status.Unknown)
        assert [each.method for each in site.asked] == ["HEAD", "GET", "GET", "GET"]


def nobody_home() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_without_a_network_no_host_is_out_of_reach() -> None:
    time = Time()
    memory = Memory(clock=time.clock)
    port = nobody_home()
    alive, dead = (f"http://127.0.0.1:{port}/{name}" for name in ("alive", "dead"))

    def run(*urls: str) -> dict[str, UrlStatus]:
        async def question() -> dict[str, UrlStatus]:
            async with Client(allowed=["127.0.0.1"], clock=time.clock, proxies={}) as client:
                return await find_statuses(Web(client, memory), urls)

        return asyncio.run(question())

    # Nobody is known to be alive: this is all that can be said.
    assert isinstance(run(dead)[dead], status.Unreachable)
    memory.put("page", alive, Status.HERE)
    time.passed += 2 * DAY
    # The other page answered before. It is not due, and is asked all the same: our own network may be down.
    found = run(alive, dead)
    assert found[alive] == status.Ok()
    assert found[dead] == status.Unknown("no host can be reached; check your network")
    kept = memory.get("page", dead)
    assert kept is not None
    assert (kept.status, kept.looks) == (Status.UNREACHABLE, 1)


def test_a_host_out_of_reach_counts_when_another_one_answers() -> None:
    time = Time()
    memory = Memory(clock=time.clock)
    dead = f"http://127.0.0.1:{nobody_home()}/"

    async def question(site: Server) -> dict[str, UrlStatus]:
        async with Client(allowed=["127.0.0.1"], clock=time.clock, proxies={}) as client:
            return await find_statuses(Web(client, memory), [dead, f"{site.url}/home"])

    with Server(simple) as site:
        for _night in range(4):
            found = asyncio.run(question(site))
            time.passed += 3 * DAY
        last = found[dead]
        assert isinstance(last, status.Unreachable)
        assert (last.looks, round(last.days)) == (4, 9)


def test_a_silent_name_server_keeps_no_run_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_about, **_more: ended.wait(60) and [])

    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await Names()("silent.example", 80)

    began = wall.monotonic()
    asyncio.run(run())
    assert wall.monotonic() - began < 30
    ended.set()


def test_an_address_needs_no_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_about, **_more: pytest.fail("looked up"))
    assert asyncio.run(Names()("127.0.0.1", 80)) == ["127.0.0.1"]
    assert asyncio.run(Names()("::1", 80)) == ["::1"]


def test_a_host_may_get_several_requests_at_once() -> None:
    waiting = most = at_once = 0
    all_there = asyncio.Event()

    async def slow(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        if waiting == at_once:
            all_there.set()
        await asyncio.wait_for(all_there.wait(), 30)
        # One more than it may get would come now.
        await asyncio.sleep(0.03)
        waiting -= 1
        writer.write(response(200, b"x"))

    async def run(site: Server, at_once: int) -> None:
        name = f"127.0.0.1:{site.port}"
        pace = Pace(0.001, 0.001, at_once)
        async with Client(allowed=[name], paces={name: pace}, proxies={}) as client:
            await asyncio.gather(*(client.ask(Ask(f"{site.url}/{number}")) for number in range(6)))

    for at_once in (1, 3):
        most = 0
        all_there = asyncio.Event()
        with Server(slow) as site:
            asyncio.run(run(site, at_once))
        assert most == at_once


def test_a_publishers_address_that_only_looks_like_a_doi_is_asked_for_itself() -> None:
    with Server(simple) as site, Fakes() as services:
        paths = ["doi/10.9999/nothing/supplement", "404/doi/10.9999/nothing"]

        def ask(web: Web) -> object:
            return find_statuses(web, [f"{site.url}/{path}" for path in paths])

        services.allowed = [f"127.0.0.1:{site.port}"]
        found = services.ask(ask, Time().clock)
    assert list(found.values()) == [status.Ok(), status.Gone("127.0.0.1 answers 404")]


PMID = next(work.pmid for work in LIBRARY if work.pmid)


def test_each_registry_is_asked_for_its_identifiers_many_at_once() -> None:
    expected: dict[str, UrlStatus] = {
        "http://hdl.handle.net/2027/mdp.39015": status.Ok(),
        "https://hdl.handle.net/1234/nothing": status.Gone("hdl.handle.net has no such handle"),
        f"https://pubmed.ncbi.nlm.nih.gov/{PMID}/": status.Ok(),
        "https://pubmed.ncbi.nlm.nih.gov/99999999": status.Gone("PubMed has no such article"),
        "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/": status.Ok(),
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC1234568/": status.Gone("PubMed Central has no such article"),
        "https://github.com/some/Name": status.Ok(),
        "https://github.com/some/other.git": status.Ok(),
        "http://www.github.com/gone/name/": status.Gone("www.github.com answers 404"),
        "https://github.com/old/name": status.Moved("https://github.com/new/Name", permanent=True),
    }
    # GitHub's "no" may mean only that the token may not see it, so the page is asked for, which answered already.
    memory = Memory(clock=Time().clock)
    memory.put("page", "http://www.github.com/gone/name/", Status.GONE, why="www.github.com answers 404")
    with Fakes() as services:
        assert services.ask(lambda web: find_statuses(web, expected), Time().clock, memory=memory) == expected
        asked = services.asked()
    assert {service: len(requests) for service, requests in asked.items()} == {"handle": 2, "pubmed": 2, "github": 1}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        *((f"https://arxiv.org/{path}", ("arxiv", "1906.01820")) for path in (
            "abs/1906.01820", "abs/1906.01820v3?context=cs", "pdf/1906.01820v3.pdf#page=3", "html/1906%2E01820/")),
        ("http://export.arxiv.org/abs/math.GT/0309136v2", ("arxiv", "math/0309136")),
        ("https://arxiv.org/abs/1401.0182", ("arxiv", "1401.0182")),
        ("https://doi.org/10.48550/arXiv.1906.01820", ("arxiv", "1906.01820")),
        # What begins like an id may be no page: its host knows.
        *((f"https://arxiv.org/abs/{name}", ("", "")) for name in (
            "1906.018201", "1906.01820foo", "1906.01820,", "1906.0182", "1413.0182", "1401.01823", "1906.01820/more",
            "11906.01820", "x1906.01820", "1906.01820v0", "hep-th/99010011")),
        ("https://doi.org/10.48550/arXiv.1906.018201", ("doi", "10.48550/arxiv.1906.018201")),
        # Copies of it elsewhere.
        ("https://example.org/arxiv.org/abs/1906.01820", ("", "")),
        ("https://web.archive.org/web/2020/https://arxiv.org/abs/1906.01820", ("", "")),
        ("https://web.archive.org/web/2020/https://doi.org/10.1000/182", ("", "")),
    ],
)  # fmt: skip
def test_which_address_is_exactly_an_identifier(url: str, expected: tuple[str, str]) -> None:
    assert identify(url, {}) == expected


def test_a_version_that_arxiv_did_not_tell_of_is_asked_for_itself() -> None:
    memory = Memory(clock=Time().clock)
    later = "https://arxiv.org/abs/1906.01820v4"
    memory.put("page", later, Status.GONE, why="arxiv.org answers 404")
    expected: dict[str, UrlStatus] = {
        "https://arxiv.org/abs/1906.01820v3": status.Ok(),
        later: status.Gone("arxiv.org answers 404"),
    }
    with Fakes() as services:
        assert services.ask(lambda web: find_statuses(web, expected), Time().clock, memory=memory) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/some/name/issues/1",
        "https://github.com/topics/wiki",
        "https://github.com/some",
        "https://gist.github.com/some/name",
        "https://hdl.handle.net/",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC1234567/pdf/",
    ],
)
def test_what_is_a_page_and_no_identifier(url: str) -> None:
    assert identify(url, {"github": "key"}) == ("", "")


def test_without_a_key_github_is_a_host_like_others() -> None:
    assert identify("https://github.com/some/name", {}) == ("", "")


@pytest.mark.parametrize("outage", ["reset", "down", "busy", "proxy", "portal 404", "null", "other JSON"])
def test_no_outage_of_a_registry_calls_anything_dead(outage: str) -> None:
    urls = [
        "https://hdl.handle.net/1234/nothing",
        "https://pubmed.ncbi.nlm.nih.gov/99999999",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC1234568/",
        "https://github.com/gone/name",
        "https://doi.org/10.9999/nothing",
        "https://arxiv.org/abs/2105.99999",
    ]
    with Fakes(out=dict.fromkeys(("handle", "pubmed", "github", "doi", "arxiv"), outage)) as services:
        found = services.ask(lambda web: find_statuses(web, urls), Time().clock)
    assert {type(each) for each in found.values()} == {status.Unknown}


@pytest.mark.parametrize("addresses", [[], ["10.0.0.1"]])
def test_a_host_that_nothing_is_sent_to_costs_no_time(addresses: list[str]) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return addresses

    async def question() -> None:
        async with Client(resolve=resolve, clock=time.clock, proxies={}) as client:
            web = Web(client, Memory(clock=time.clock))
            await find_statuses(web, [f"http://wiki.example/{number}" for number in range(30)])

    time = Time()
    asyncio.run(question())
    assert time.passed == 0


def test_a_service_that_refuses_us_is_not_asked_about_each_subject() -> None:
    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(code, b"{}"))

    async def question(memory: Memory) -> dict[str, UrlStatus]:
        services = services_at(f"github={site.url}")
        async with Client(allowed=["127.0.0.1"], clock=time.clock, proxies={}) as client:
            return await find_statuses(Web(client, memory, services, keys={"github": "x"}), urls)

    time = Time()
    urls = [f"https://github.com/o/r{number}" for number in range(100)]
    with Server(handler) as site:
        code = 403
        assert {type(each) for each in asyncio.run(question(Memory(clock=time.clock))).values()} == {status.Unknown}
        assert len(site.asked) == 12
        # A wrong key is wrong for all, and its successor need not wait until the answers are due.
        code = 401
        memory = Memory(clock=time.clock)
        for asked in (13, 14):
            found = asyncio.run(question(memory))
            assert set(found.values()) == {status.Unknown("GitHub does not accept your key")}
            assert len(site.asked) == asked


def test_a_move_is_settled_only_if_it_was_permanent_both_times(tmp_path: Path) -> None:
    time = Time()
    memory = Memory(clock=time.clock)
    code, home = 302, b""

    async def changing(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, home) if asked.path == "/home" else response(code, b"", location="/home"))

    with Server(changing) as site:
        for code, body, settled in (
            (302, b"fine", False),
            (301, b"fine", False),
            (301, b"fine", True),
            # What is there now is unknown.
            (301, b"<script src=challenge.js></script>Wait.", False),
            (301, b"<script src=challenge.js></script>Wait.", False),
            (301, b"", False),
        ):
            home = body
            found = look(site, "old", time=time, memory=memory)["old"]
            assert found == status.Moved(f"{site.url}/home", permanent=code == 301, settled=settled)
            time.passed += 30 * DAY


def test_what_a_request_for_headers_did_not_settle_is_requested_whole_at_once() -> None:
    """A redirect costs a HEAD, and a GET for each step of the way; from then on only the GETs."""
    time = Time()
    memory = Memory(clock=time.clock)
    with Server(simple) as site:
        for path, first, again in (
            ("301", ["HEAD /301", "GET /301", "GET /home"], ["GET /301", "GET /home"]),
            ("404", ["HEAD /404", "GET /404"], ["GET /404"]),
            ("403", ["HEAD /403", "GET /403"], ["GET /403"]),
            ("fine", ["HEAD /fine"], ["HEAD /fine"]),
        ):
            for expected in (first, again):
                site.asked.clear()
                look(site, path, time=time, memory=memory)
                assert [f"{each.method} {each.path}" for each in site.asked] == expected
                time.passed += 60 * DAY


def test_a_host_keeps_no_connection_after_its_last_page() -> None:
    async def question(sites: tuple[Server, ...]) -> None:
        async with Client(allowed=["127.0.0.1"], clock=Time().clock, proxies={}) as client:
            await find_statuses(Web(client, Memory()), [f"{site.url}/{name}" for site in sites for name in "abc"])
            assert client.heard
            assert not client._transport._pools

    with Server(simple) as one, Server(simple) as other:
        asyncio.run(question((one, other)))
        assert len(one.asked) == len(other.asked) == 3


def test_the_bar_says_who_is_still_asked() -> None:
    shown: list[str] = []
    plan = Plan(progress=lambda phase, _done, _total: shown.append(phase()))
    with Server(simple) as site:
        look(site, "a", "b", "c", *(f"http://10.0.0.1/{number}" for number in range(3)), plan=plan)
    assert shown[0] == "asking 2 hosts, 127.0.0.1 has 3 left"
    assert shown[-2:] == ["asking 127.0.0.1", "asking"]


def test_the_time_is_that_of_the_whole_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text("<http://127.0.0.1:9/>\n")
    moments = iter([0.0, 100.0])
    monkeypatch.setattr("wikitools.cli.urls.time.monotonic", lambda: next(moments, 100.0))
    # Reading took a minute and more.
    assert "(no time left)" in call("urls", "--max-time", "60s")[2]


def test_long_lines_of_the_summary_are_folded_below_their_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 x\r\nno header \x00: x\r\n\r\n")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wikitools.web.client.Clock", lambda: Time().clock)
    monkeypatch.setattr("wikitools.cli.urls.columns", lambda _room, _stream: 60)
    with Server(handler) as site:
        monkeypatch.setenv("WIKITOOLS_WEB_ALLOW_HOSTS", "127.0.0.1")
        Path("a.md").write_text(f"<{site.url}/>\n")
        err = call("urls")[2]
    said = f"  127.0.0.1: 1 address (the answer of 127.0.0.1:{site.port} is no\n    valid HTTP (illegal header line))\n"
    assert said in err


def test_all_addresses_that_an_entry_prints_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wikitools.web.client.Clock", lambda: Time().clock)
    Path("a.md").write_text("See (Doe 2019).\n")
    with Server(simple) as site, Fakes() as services:
        monkeypatch.setenv("WIKITOOLS_WEB_ALLOW_HOSTS", f"127.0.0.1:{site.port}")
        monkeypatch.setenv("WIKITOOLS_WEB_SERVICES", services.addresses)
        Path("r.bib").write_text(
            f"@misc{{doe, author = {{Doe, Ann}}, title = {{T}}, year = {{2019}}, url = {{{site.url}/main}},\n"
            f"  howpublished = {{\\url{{{site.url}/404_a}} and \\href{{{site.url}/b\\_c}}{{here}}}},\n"
            f"  note = {{See {site.url}/404--d. Also {site.url}/main and https://doi.org/10.1038/nature14539}},\n"
            f"  abstract = {{{site.url}/404-unprinted}}, doi = {{10.1038/nature14539}}}}\n"
        )
        for _run in range(2):
            out = call("urls", "--output-format", "concise")[1].replace(site.url, "SITE")
            gone = {line.split('"')[1] for line in out.splitlines() if "is gone" in line}
            assert gone == {"SITE/404_a", "SITE/404--d"}
        assert {each.path for each in site.asked} == {"/main", "/404_a", "/b_c", "/404--d"}
        assert len(services.asked()["doi"]) == 1


@pytest.mark.usefixtures("services")
def test_services_that_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: Call) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text("<https://doi.org/10.9999/nothing>\n")
    code, out, _err = call("urls", "--output-format", "concise")
    assert code == 1
    assert '"https://doi.org/10.9999/nothing" is gone: doi.org has no such DOI' in out
