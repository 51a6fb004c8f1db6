"""The tables `[web.host."…"]`: what they change for one host, and that no token ever reaches another one."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from web.faults import Time
from web.server import Asked, Server, response

from wikitools.web.client import Ask, Client, Limits
from wikitools.web.guard import is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Call


async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Send `/to?ADDRESS` on to there; all else is fine."""
    path, _mark, target = asked.target.partition("?")
    said = response(302, b"", location=target) if path == "/to" else response(200, b"<p id=here>x</p>")
    writer.write(said.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if asked.method == "HEAD" else said)


@pytest.fixture
def docs() -> Iterator[Server]:
    with Server(answer) as server:
        yield server


@pytest.fixture
def other() -> Iterator[Server]:
    with Server(answer) as server:
        yield server


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, docs: Server, other: Server) -> Path:
    monkeypatch.setenv("WIKITOOLS_WEB_ALLOW_HOSTS", f"127.0.0.1:{docs.port} 127.0.0.1:{other.port}")
    monkeypatch.setattr("wikitools.web.client.Clock", lambda: Time().clock)
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text(
        f"<{docs.url}/a> <{docs.url}/to?{other.url}/b> <{other.url}/to?{docs.url}/c> <{other.url}/d>\n"
    )
    return tmp_path


def configure(server: Server, *lines: str) -> None:
    Path("wikitools.toml").write_text("\n".join([f'[web.host."127.0.0.1:{server.port}"]', *lines]) + "\n")


TOKEN = 'headers = { Authorization = "Bearer ${DOCS_TOKEN}" }'


def test_a_token_goes_to_the_host_that_the_user_lets_have_it_and_to_no_other(
    wiki: Path, docs: Server, other: Server, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(docs, TOKEN)
    monkeypatch.setenv("DOCS_TOKEN", "hush")
    monkeypatch.setenv("WIKITOOLS_WEB_TOKENS", f"127.0.0.1:{docs.port}=DOCS_TOKEN")
    _code, out, err = call("urls", "-v")
    assert {each.headers.get("authorization") for each in docs.asked} == {"Bearer hush"}
    assert {each.path for each in other.asked} >= {"/b", "/d"}
    assert not [each for each in other.asked if "authorization" in each.headers]
    assert "hush" not in out + err
    assert b"hush" not in b"".join(each.read_bytes() for each in Path(wiki).rglob("*.sqlite*"))


def test_a_file_of_the_wiki_hands_out_no_variable(
    wiki: Path, docs: Server, other: Server, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes to the wiki names a host of theirs, and a variable of yours."""
    configure(other, TOKEN)
    monkeypatch.setenv("DOCS_TOKEN", "hush")
    for let in (
        "",
        f"127.0.0.1:{docs.port}=DOCS_TOKEN",
        f"127.0.0.1:{other.port}=ANOTHER",
        f"127.0.0.1:{other.port}0=DOCS_TOKEN",
    ):
        monkeypatch.setenv("WIKITOOLS_WEB_TOKENS", let)
        _code, out, err = call("urls", "--no-cache")
        assert f'127.0.0.1:{other.port} does not get the header "Authorization"' in err
        assert f"set WIKITOOLS_WEB_TOKENS=127.0.0.1:{other.port}=DOCS_TOKEN" in err
        assert "hush" not in out + err
    assert other.asked
    assert not [each for each in (*docs.asked, *other.asked) if "authorization" in each.headers]


def test_a_variable_that_is_not_set_or_not_sendable(
    wiki: Path, docs: Server, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(docs, TOKEN)
    monkeypatch.setenv("WIKITOOLS_WEB_TOKENS", f"127.0.0.1:{docs.port}=DOCS_TOKEN")
    assert "the variable DOCS_TOKEN is not set" in call("urls", "--no-cache")[2]
    monkeypatch.setenv("DOCS_TOKEN", "hush\r\nx-more: yes")
    code, out, err = call("urls", "--no-cache")
    assert (code, "hush" in out + err) == (2, False)
    monkeypatch.setenv("WIKITOOLS_WEB_TOKENS", "hush")
    code, out, err = call("urls", "--no-cache")
    assert (code, "hush" in out + err) == (2, False)


def test_headers_without_variables_need_no_leave(wiki: Path, docs: Server, other: Server, call: Call) -> None:
    configure(docs, 'headers = { Accept-Language = "de" }')
    call("urls")
    assert {each.headers.get("accept-language") for each in docs.asked} == {"de"}
    assert {each.headers.get("accept-language") for each in other.asked} == {None}


def test_with_another_header_a_host_is_asked_again(wiki: Path, docs: Server, call: Call) -> None:
    Path("a.md").write_text(f"<{docs.url}/a>\n")
    hush, hurry = (f'headers = {{ X-Key = "{value}" }}' for value in ("hush", "hurry"))
    for table, expected in (("", 1), ("", 0), (hush, 1), (hush, 0), (hurry, 1), (hush, 0), ("", 0)):
        docs.asked.clear()
        configure(docs, table)
        call("urls", "--cache-dir", "memory")
        assert len(docs.asked) == expected
    # One byte of a hash of it is there, which is too little to guess it by.
    remembered = b"".join(each.read_bytes() for each in Path("memory").rglob("*") if each.is_file())
    digest = sha256(b"hush").hexdigest()
    assert f"x-key:{digest[:2]}".encode() in remembered
    assert not [each for each in (b"hush", digest[:3].encode(), bytes.fromhex(digest)[:3]) if each in remembered]


def test_a_host_that_is_skipped_and_one_without_anchors(wiki: Path, docs: Server, other: Server, call: Call) -> None:
    Path("a.md").write_text(f"<{docs.url}/a> <{other.url}/b#nowhere>\n")
    configure(docs, "skip = true")
    code, out, err = call("urls", "--no-cache", "--fail-on", "any")
    assert not docs.asked
    assert "(excluded)" in err
    assert (code, "has no anchor" in out) == (1, True)
    configure(other, "anchors = false")
    assert call("urls", "--no-cache", "--fail-on", "any")[0] == 0


def test_an_interval_and_a_timeout(wiki: Path, docs: Server, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    monkeypatch.setattr("wikitools.web.client.Clock", lambda: time.clock)
    Path("a.md").write_text("".join(f"<{docs.url}/{number}>\n" for number in range(5)))
    configure(docs, "interval = 20")
    call("urls", "--no-cache")
    assert sum(time.waits) == pytest.approx(80, abs=1)

    async def silent(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    with Server(silent) as server:
        monkeypatch.setenv("WIKITOOLS_WEB_ALLOW_HOSTS", f"127.0.0.1:{server.port}")
        Path("a.md").write_text(f"<{server.url}/>\n")
        Path("wikitools.toml").write_text("[web]\ntimeout = 5\n")
        hundredth = lambda seconds, cut: Limits(seconds=seconds / 100, cut=cut)  # noqa: E731
        monkeypatch.setattr("wikitools.web.client.Limits", hundredth)
        assert "no answer from" in (err := call("urls", "--no-cache")[2])
        assert "within 0.05 s" in err


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("concurrency = 50", '"concurrency" must be 1 to 4'),
        ("interval = 900", '"interval" must be 0 to 60 seconds'),
        ("pace = 1", 'unknown key "pace" in "web.host"'),
        ('headers = { Host = "inside" }', '"headers" cannot set "Host"'),
        ('headers = { Transfer-Encoding = "chunked" }', '"headers" cannot set "Transfer-Encoding"'),
        ('headers = { "a b" = "x" }', '"headers" cannot set "a b"'),
        ('headers = { X = "a\\nb" }', '"headers" must be ASCII'),
        ('headers = "x"', '"headers" must be a table'),
        ("skip = 1", '"skip" must be true or false'),
    ],
)
def test_what_no_host_gets(lines: str, message: str, wiki: Path, docs: Server, call: Call) -> None:
    configure(docs, lines)
    code, _out, err = call("urls")
    assert code == 2
    assert message in err
    assert err.startswith("error: wikitools.toml:")


def test_a_host_must_look_like_one_and_services_be_known(wiki: Path, call: Call) -> None:
    Path("wikitools.toml").write_text('[web.host."https://example.org/"]\nskip = true\n')
    assert '"https://example.org/" is not a host' in call("urls")[2]
    Path("wikitools.toml").write_text('[web]\nsources = ["crosref"]\n')
    assert 'wikitools.toml:2:1: "crosref" is not one of' in call("urls")[2]
    Path("wikitools.toml").write_text("[web]\ntimeout = 0\n")
    assert '"timeout" must be 1 to 60 seconds' in call("urls")[2]


def test_services_that_are_left_out_are_not_asked(wiki: Path, call: Call) -> None:
    Path("a.md").write_text("<https://doi.org/10.1000/182> <https://arxiv.org/abs/2105.14111>\n")
    Path("wikitools.toml").write_text('[web]\nsources = ["crossref"]\n')
    code, _out, err = call("urls", "-v")
    assert code == 0
    assert "web: ask" not in err
    assert '"sources" leaves out doi' in err
    assert "2 not asked" in err


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    monkeypatch.setattr(
        "wikitools.web.transport.is_public", lambda address: is_public(address) or address == "127.0.0.1"
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def run(server: Server, *insecure: str) -> str:
        async with Client(clock=Time().clock, proxies={}, insecure=insecure) as client:
            return type(await client.ask(Ask(server.url))).__name__

    with Server(answer, context) as server:
        assert asyncio.run(run(server)) == "Unknown"
        assert asyncio.run(run(server, "127.0.0.2")) == "Unknown"
        assert asyncio.run(run(server, f"127.0.0.1:{server.port}")) == "Received"


def test_the_settings_show_the_hosts(wiki: Path, docs: Server, call: Call) -> None:
    configure(docs, "interval = 5")
    out = call("config", "show")[1]
    assert f'host = {{"127.0.0.1:{docs.port}" = {{interval = 5}}}}' in out
