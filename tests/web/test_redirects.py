"""What a redirect means, fragments that name a place, and pages that only an attacker would write."""

from __future__ import annotations

import gzip
import time

import pytest

from wikitools.lint.rules.moved_url import _is_one
from wikitools.web.fragments import anchor_of, find_anchors
from wikitools.web.meta_tags import _identifiers
from wikitools.web.redirects import counts_as_move, is_front_page_now, is_short
from wikitools.web.shown import Page, read_page


def page_of(body: bytes, kind: str = "text/html") -> Page:
    """Return a page that has elements."""
    found = read_page(body, kind)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("page", "to", "expected"),
    [
        ("https://example.org/a", "https://example.org/", True),
        ("http://www.example.org/a/b.html", "https://example.org", True),
        # What was the front page all along, in any language.
        ("https://example.org/index.html", "https://example.org/", False),
        ("https://example.org/en/home.php", "https://example.org/", False),
        ("https://example.org/de-AT/", "https://example.org/", False),
        ("https://example.org/zh-Hans-CN/", "https://example.org/", False),
        ("https://example.org/es-419/", "https://example.org/", False),
        ("https://example.org", "https://example.org/", False),
        # A project with a domain of its own, and a wall before the page.
        ("https://someone.github.io/project/", "https://project.example/", False),
        ("https://example.org/a", "https://login.example.org/", False),
        ("https://example.org/a", "https://example.org/?next=a", False),
        ("https://doi.org/10/abc", "https://doi.org/", False),
        # A section of one long page, and another server on the same host.
        ("https://example.org/about", "https://example.org/#about", False),
        ("https://example.org:8443/a", "https://example.org/", False),
        ("http://example.org:80/a", "https://example.org:443/", True),
    ],
)
def test_a_front_page_in_the_place_of_a_page(page: str, to: str, expected: bool) -> None:
    assert is_front_page_now(page, to) is expected


@pytest.mark.parametrize(
    ("page", "to", "expected"),
    [
        ("https://example.org/a", "https://example.com/b", True),
        ("https://example.org/a", "https://example.org/login?next=a", False),
        ("https://example.org/a", "https://consent.example.org/x", False),
        ("https://example.org/a", "https://example.org/search?q=a", False),
        ("https://example.org/login", "https://example.org/login/", True),
        ("https://example.org/guide/auth.html", "https://www.example.org/guide/auth", True),
        ("https://example.org/login", "https://example.org/accounts/login", False),
        ("https://example.org/login/guide", "https://example.org/guide/sign_in", False),
        *(
            ("https://example.org/guide/search", f"https://example.org/{path}", False)
            for path in "users/sign_in logon.aspx SignIn auth age-verification choose-language x/cookie_consent "
            "sorry/index AgeGate select_language user_login.php authenticate".split()
        ),
        # Words that only contain such a word.
        ("https://example.org/a", "https://example.org/catalog-index", True),
        ("https://example.org/a", "https://example.org/language", True),
        ("https://example.org/a", "https://example.org/research", True),
        ("https://example.org/a", "https://example.org/authors/a", True),
        # Without encryption.
        ("https://example.org/a", "http://example.org/b", False),
        ("http://example.org/a", "http://example.org/b", True),
        ("https://bit.ly/a", "http://example.org/a", True),
        ("https://doi.org/10.1000/182", "https://example.org/a", False),
        ("https://purl.org/a", "https://example.org/a", False),
        ("https://example.org/ark:/12148/btv1b8449691v", "https://example.org/view/1", False),
        ("https://bit.ly/a", "https://example.org/a", True),
    ],
)
def test_what_counts_as_a_move(page: str, to: str, expected: bool) -> None:
    assert counts_as_move(page, to) is expected


def test_shorteners() -> None:
    assert is_short("https://bit.ly/a")
    assert is_short("http://www.tinyurl.com/a")
    assert not is_short("https://doi.org/10.1000/182")


@pytest.mark.parametrize(
    ("url", "to", "expected"),
    [
        ("http://www.example.org/a", "https://example.org/a", True),
        ("https://example.org/a", "https://example.org/a/", True),
        ("https://example.org/archive/a", "https://example.org/articles/a", True),
        ("https://example.org/doc/how-to-a", "https://example.org/docs/how-to-a", True),
        ("https://example.org/a?x=1", "https://example.org/b?x=1", True),
        ("https://example.org/a", "https://example.com/a", False),
        ("https://example.org/a", "https://shop.example.org/a", False),
        ("https://example.org/a", "https://example.org:8443/a", False),
        ("https://example.org/a", "https://example.org/a?session=7", False),
        ("https://example.org/a?x=1", "https://example.org/a", False),
        ("https://example.org/", "https://example.org/de/", False),
        ("https://example.org/a", "https://example.org/en-us/a", False),
        ("https://example.org/a", "https://example.org/404.html", False),
        ("https://example.org/a", "https://example.org/page-not-found", False),
        ("https://example.org/a", "https://example.org/", False),
        ("https://example.org/a", "http://example.org/a", False),
        ("https://example.org/a", "https://example.org/index.html", False),
        ("https://example.org/a", "https://example.org/home", False),
        ("https://example.org/en/a", "https://example.org/de/a", False),
        ("https://example.org/a.html", "https://example.org/a.de.html", False),
        ("https://example.org/a/b/c", "https://example.org/a/b/", False),
        ("https://example.org/a", "https://example.org/unavailable", False),
        ("https://example.org/error/a", "https://example.org/b/error", False),
        ("https://example.org/error/a", "https://www.example.org/error/a/", True),
    ],
)
def test_which_move_is_surely_the_same_page(url: str, to: str, expected: bool) -> None:
    assert _is_one(url, to) is expected


@pytest.mark.parametrize(
    "fragment", ["", "top", "TOP", "page=3", "L10-L20", "!route", ":~:text=a", "top:~:text=a", "issuecomment-1", "t=9"]
)
def test_fragments_that_name_no_place(fragment: str) -> None:
    assert anchor_of(fragment) == ""


@pytest.mark.parametrize(
    ("html", "anchor", "expected"),
    [
        ("<h1 id='method'>", "method", True),
        ('<a name="old">', "old", True),
        ("<p ID = bare>", "bare", True),
        ('<h1 id="a&amp;b">', "a&b", True),
        ("<h1 id='ä'>", "%C3%A4", True),
        ("<h1 id='%C3%A4'>", "%C3%A4", True),
        ("<p id='user-content-install'>", "install", True),
        # Scripts make places.
        ('<script>x = {"id":"later"}; y = "<h1 id=\\"made\\">"</script>', "made", True),
        ("<h1 id='Method'>", "method", "Method"),
        ("<h1 data-id='method'>", "method", ""),
        ("<p>method</p>", "method", ""),
    ],
)
def test_places_on_a_page(html: str, anchor: str, expected: str | bool) -> None:
    assert find_anchors(page_of(html.encode()), [anchor]) == {anchor: expected}


def test_the_encoding_of_a_page_is_heeded_and_an_unknown_one_says_nothing() -> None:
    latin = "<h1 id='größe'>".encode("latin-1")
    named = page_of(latin, "text/html; charset=ISO-8859-1")
    assert find_anchors(named, ["gr%C3%B6%C3%9Fe"]) == {"gr%C3%B6%C3%9Fe": True}
    assert find_anchors(page_of(b"<meta charset=latin-1>" + latin), ["größe"]) == {"größe": True}
    assert find_anchors(page_of(latin), ["größe", "plain"]) == {"größe": None, "plain": ""}
    assert find_anchors(page_of(latin, "text/html; charset=no-such"), ["größe"]) == {"größe": None}


@pytest.mark.parametrize("charset", ["undefined", "Punycode", "idna", "unicode_escape", "raw-unicode-escape", "zlib"])
def test_an_encoding_of_pythons_own_is_no_encoding_of_a_page(charset: str) -> None:
    # Decoded as Punycode, this takes minutes.
    body = b"<p>-" + b"a" * 1_000_000
    page = page_of(body, f"text/html; charset={charset}")
    assert (page.text, page.is_sure) == (body.decode(), False)


CONTENT = "<p>" + "Words that a reader reads. " * 50
EXPLAINED = "<p>" + "You see this because this site defends itself against programs. " * 25
SCRIPT = "<script src=/check.js></script>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # Challenges.
        (f"<title>One moment</title>{SCRIPT}<h1>Checking your browser</h1>", True),
        (f"<h1>Checking</h1>{EXPLAINED}{SCRIPT}<noscript><p>Your browser must run scripts.</p></noscript>", True),
        (f"<meta name='robots' content='noindex,nofollow'><h1>Checking</h1>{EXPLAINED}{SCRIPT}", True),
        (f"<meta content='0; url=/check?1' http-equiv='refresh'>{EXPLAINED}", True),
        ("<h1>Before you continue</h1><form action=/cookies><button>Accept all</button></form>", True),
        # Applications that draw themselves.
        (f"<title>Docs</title><div id=root></div>{SCRIPT}<noscript>This needs JavaScript.</noscript>", True),
        (f"<script>{'var words = 1; ' * 500}</script><style>{'a {} ' * 500}</style><main></main>", True),
        (f"<svg><text>{'drawn ' * 300}</text></svg><!-- {'said ' * 300} --><my-app></my-app>{SCRIPT}", True),
        # Pages.
        ("<p>short, but nothing can add to it", False),
        (f"{SCRIPT}{CONTENT}", False),
        (f"{SCRIPT}<p>{'中文的一頁' * 70}", False),
        (f"{SCRIPT}<h1>A stub</h1>{'<a href=/x>a</a> ' * 12}", False),
        (f"{SCRIPT}{CONTENT}<noscript><img src=/count.gif></noscript>", False),
        (f"{SCRIPT}{CONTENT}<meta http-equiv=refresh content=300>", False),
        (f"{SCRIPT}{CONTENT * 5}<noscript>Comments need JavaScript.</noscript>", False),
    ],
)
def test_pages_that_show_their_content_to_browsers_only(html: str, expected: bool) -> None:
    assert page_of(html.encode()).only_to_browsers is expected


ASKS = "<noscript>Please run scripts and take cookies.</noscript>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # A challenge, an application that is its own page of errors, and a page that leads there.
        (f"<!doctype html><title>One moment</title>{ASKS}{SCRIPT}", True),
        (f"<p>Checking your browser</p>{ASKS}{SCRIPT}", True),
        (f"<!DOCTYPE html><title>App</title>{SCRIPT}<div id=root></div>", True),
        ("<meta http-equiv=refresh content='0; url=/?/a'>", True),
        # Pages that say what is missing.
        (f"<h1>Not found</h1>{SCRIPT}", False),
        (f"<h1>Not found</h1>{SCRIPT}<noscript><img src=/count.gif></noscript>", False),
        (f"<h1>Not found</h1><meta name=robots content=noindex>{SCRIPT}", False),
        ("<p>Not found; you are led to the start<meta http-equiv=refresh content='5; url=/'>", False),
        (f"{CONTENT * 5}{ASKS}{SCRIPT}", False),
        ("<!doctype html><title>404</title>", False),
    ],
)
def test_pages_that_say_nothing_without_scripts(html: str, expected: bool) -> None:
    assert page_of(html.encode()).needs_scripts is expected


def test_what_has_no_element_is_no_page() -> None:
    assert read_page(b"", "text/html") is None
    assert read_page(gzip.compress(b"<p id=x>packed, and the headers do not say so"), "text/html") is None


def test_a_heading_of_which_a_script_may_make_an_anchor() -> None:
    html = f"<h2>How to <em>install</em> it? <a>¶</a></h2>{CONTENT}"
    anchors = ["how-to-install-it", "how-to"]
    scripted = page_of(f"{SCRIPT}{html}".encode())
    assert find_anchors(scripted, anchors) == {"how-to-install-it": None, "how-to": ""}
    assert find_anchors(page_of(html.encode()), anchors) == dict.fromkeys(anchors, "")


HOSTILE = {
    "tags without end": "<" * 2_000_000,
    "attributes without end": '<a x="' * 330_000,
    "comments": "<!--" * 500_000,
    "sections": "<![CDATA[" * 220_000,
    "instructions": "<?" * 1_000_000,
    "ids without end": 'id="' * 500_000,
    "ids and blanks": "id" + " " * 2_000_000,
    "a long tag": "<" + "a" * 2_000_000,
    "headings without end": "<h1>a" * 400_000,
    "instructions to robots": "<meta name=robots content=" + "no" * 1_000_000 + ">",
    "an element that nearly ends": "<script></scrip" * 130_000,
    "a long id": "id=" + "a" * 2_000_000,
    "meta tags": "<meta " * 330_000,
    "meta tags and quotes": '<meta x="' * 220_000,
    "a section that Python's parser dies of": "<![x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_takes_long(name: str) -> None:
    began = time.process_time()
    if (page := read_page(HOSTILE[name].encode(), "text/html")) is not None:
        find_anchors(page, ["x"])
    _identifiers(HOSTILE[name])
    # Python's own parser takes minutes for some of these.
    assert time.process_time() - began < 5


def test_what_a_page_says_of_itself() -> None:
    head = "<META NAME='citation_doi' content=\"10.1000/18&amp;2\" /><meta content=2105.14111 name=citation_arxiv_id>"
    assert list(_identifiers(head)) == ["doi:10.1000/18&2", "arxiv:2105.14111"]
    assert not _identifiers("<head></head><body><meta name=citation_doi content='10.1000/182'>")
