"""Addresses on the web, asked for: identifiers at their registries, pages at their hosts, each at its pace."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from wikitools.lint import url_status as status
from wikitools.sources.identifiers import url_key
from wikitools.web import answer as answers
from wikitools.web.client import Ask, Limits
from wikitools.web.lookup_result import Here, NoAnswer, Nothing
from wikitools.web.memory import Remembered, Status
from wikitools.web.registry import doi
from wikitools.web.works import arxiv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wikitools.lint.url_status import UrlStatus
    from wikitools.web.answer import Answer
    from wikitools.web.asking import Web

PAGE = "page"
"""What pages are kept under in the memory."""
_HOSTS = 1000
"""How many hosts are in work at once: so many keep their connection until their last page."""
_DAY = 86_400.0
_LIMITS = Limits(size=2_000_000, seconds=15.0, cut=True)
_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
_PERMANENT = frozenset({301, 308})
_NOT_IDS = re.compile(
    r"[!:/]|:~:|page=|L\d+(?:C\d+)?(?:-L\d+(?:C\d+)?)?$|issuecomment-|discussion_r|diff-|t=\d|slide=|search=",
    re.IGNORECASE,
)
"""Fragments that programs on the page read: nothing of that name stands in its HTML."""
_BY_DESIGN = frozenset(
    {"doi.org", "dx.doi.org", "hdl.handle.net", "purl.org", "w3id.org", "n2t.net", "web.archive.org", "arxiv.org"}
    | {"bit.ly", "t.co", "goo.gl", "tinyurl.com", "ow.ly", "is.gd", "youtu.be", "amzn.to", "go.nature.com"}
)
"""Hosts whose addresses are meant to lead elsewhere."""
_PASSING = re.compile(
    r"(?:^|[/._-])(?:log-?in|sign-?in|sso|auth|oauth\d?|consent|cookies?|captcha|search|lang)(?:[/._?-]|$)", re.I
)
"""Words in the address of a page that stands in for the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked, and how far one may go."""

    seconds: float | None = None
    """After this time nothing more is asked; `None`: no limit."""
    excluded: Callable[[str], bool] = lambda _url: False
    progress: Callable[[str, int, int], None] = lambda _phase, _done, _total: None


async def find_statuses(web: Web, urls: Iterable[str], plan: Plan | None = None) -> dict[str, UrlStatus]:
    """Return what is known of each address, as it is written; nothing that a host does is raised.

    What the memory knows and is not due yet is not asked again; what was asked longest ago comes first.
    """
    checker = _Checker(web, plan or Plan())
    return await checker.run(list(dict.fromkeys(urls)))


class _Checker:
    def __init__(self, web: Web, plan: Plan) -> None:
        self.web = web
        self.plan = plan
        self.found: dict[str, UrlStatus] = {}
        self.done = self.total = 0

    async def run(self, urls: list[str]) -> dict[str, UrlStatus]:
        pages: dict[str, list[str]] = {}
        identifiers: dict[str, list[str]] = {}
        for url in urls:
            if self.plan.excluded(url):
                self.found[url] = status.Unasked("excluded")
            elif (key := url_key(url)).startswith(("doi:", "arxiv:")):
                identifiers.setdefault(key, []).append(url)
            else:
                pages.setdefault(urldefrag(_absolute(url)).url, []).append(url)
        self.total = len(pages) + len(identifiers)
        try:
            async with asyncio.timeout(self.plan.seconds):
                await asyncio.gather(self._identifiers(identifiers), self._pages(pages))
        except TimeoutError:
            pass
        late = status.Unasked("no time left")
        return {url: self.found.get(url, late) for url in urls}

    def _count(self, number: int = 1) -> None:
        self.done += number
        self.plan.progress("asking", self.done, self.total)

    # Identifiers

    async def _identifiers(self, urls: Mapping[str, list[str]]) -> None:
        names = {kind: [key.partition(":")[2] for key in urls if key.startswith(kind)] for kind in ("doi:", "arxiv:")}
        await asyncio.gather(self._dois(names["doi:"], urls), self._preprints(names["arxiv:"], urls))

    async def _dois(self, names: list[str], urls: Mapping[str, list[str]]) -> None:
        for name in names:
            self._settle(urls[f"doi:{name}"], (await doi.exists(self.web, [name]))[name], "doi.org has no such DOI")

    async def _preprints(self, names: list[str], urls: Mapping[str, list[str]]) -> None:
        for start in range(0, len(names), arxiv.BATCH):
            chunk = names[start : start + arxiv.BATCH]
            for name, found in (await arxiv.records(self.web, chunk)).items():
                self._settle(urls[f"arxiv:{name}"], found, "arXiv has no such preprint")

    def _settle(self, urls: Iterable[str], found: Any, gone: str) -> None:
        known: UrlStatus
        match found:
            case Here():
                known = status.Ok()
            case Nothing():
                known = status.Gone(gone)
            case NoAnswer(why):
                known = status.Unknown(why)
        self.found.update(dict.fromkeys(urls, known))
        self._count()

    # Pages

    async def _pages(self, urls: Mapping[str, list[str]]) -> None:
        memory = self.web.memory
        kept = {page: memory.get(PAGE, page) for page in urls}
        order = sorted(urls, key=lambda page: (each.asked if (each := kept[page]) is not None else 0.0, page))
        hosts: dict[str, list[str]] = {}
        for page in order:
            hosts.setdefault(urlsplit(page).netloc.lower(), []).append(page)

        at_once = asyncio.Semaphore(_HOSTS)

        async def work(waiting: Iterator[str]) -> None:
            async with at_once:
                for page in waiting:
                    await self._page(page, urls[page], kept[page])

        # A host answers one request at a time. Several tasks where it has many pages: some lead to slow hosts.
        shared = ((iter(pages), min(1 + len(pages) // 10, 10)) for pages in hosts.values())
        await asyncio.gather(*(work(waiting) for waiting, workers in shared for _each in range(workers)))

    async def _page(self, page: str, urls: list[str], kept: Remembered | None) -> None:
        anchors = {url: anchor for url in urls if (anchor := _anchor(url))}
        fresh = self.web.memory.fresh(PAGE, page, insist=False)
        known = fresh is not None and (not anchors or fresh.status != Status.HERE or "ids" in (fresh.data or {}))
        if self.web.offline:
            found = kept
        elif known:
            found = fresh
        else:
            found = await self._ask(page, reads=bool(anchors))
        for url in urls:
            self.found[url] = _meaning(page, found, anchors.get(url, ""))
        self._count()

    async def _ask(self, page: str, *, reads: bool) -> Remembered | None:
        client, memory = self.web.client, self.web.memory
        answer: Answer | None = None
        if not reads:
            answer = await client.ask(Ask(page, accept=_ACCEPT, head=True, limits=_LIMITS))
        if not isinstance(answer, answers.Received | answers.Unreachable | answers.Unasked):
            # Not every host answers HEAD as it answers a GET: only that one counts.
            answer = await client.ask(Ask(page, accept=_ACCEPT, reads=reads, limits=_LIMITS))
        match answer:
            case answers.Received():
                return memory.put(PAGE, page, Status.HERE, self._data(page, answer, reads=reads))
            case answers.Absent():
                return memory.put(PAGE, page, Status.GONE, why=f"{urlsplit(answer.url).hostname} answers {answer.code}")
            case answers.Unreachable(why):
                return memory.put(PAGE, page, Status.UNREACHABLE, why=why, replaces=True)
            case answers.Refused(why):
                return memory.put(PAGE, page, Status.REFUSED, why=why, replaces=True)
            case answers.Unknown(why, until):
                memory.put(PAGE, page, Status.UNKNOWN, why=why, until=until)
                # What was answered some other day stays in the memory, and is not what the host says now.
                return Remembered(Status.UNKNOWN, None, why, 0.0, 0.0, 0.0, 0)
            case answers.Unasked(why):
                return Remembered(Status.UNKNOWN, None, f"{_UNASKED}{why}", 0.0, 0.0, 0.0, 0)

    def _data(self, page: str, answer: answers.Received, *, reads: bool) -> dict[str, Any]:
        """Return what is kept of a page that is there: where it is now, since when, and the places on it."""
        to = answer.url if answer.hops else ""
        before = self.web.memory.get(PAGE, page)
        old = (
            before.data if before is not None and before.status == Status.HERE and isinstance(before.data, dict) else {}
        )
        now = self.web.memory.now()
        data: dict[str, Any] = {
            "to": to,
            "permanent": bool(answer.hops) and all(hop.code in _PERMANENT for hop in answer.hops),
            "since": old.get("since", now) if old.get("to") == to else now,
        }
        if reads and answer.whole and "html" in answer.headers.get("content-type", "").lower():
            data["ids"] = sorted(_ids(answer.body.decode("utf-8", "replace")))
        elif reads:
            # Nothing is known of the places on a page that was not read to its end, or is no page.
            data["ids"] = None
        return data


_UNASKED = "not asked: "


def _absolute(url: str) -> str:
    return f"https:{url}" if url.startswith("//") else url


def _anchor(url: str) -> str:
    """Return the place that an address names on a page; "" for none, and for what only programs understand."""
    fragment = urldefrag(url).fragment
    return "" if not fragment or fragment == "top" or _NOT_IDS.match(fragment) else unquote(fragment)


def _meaning(page: str, found: Remembered | None, anchor: str) -> UrlStatus:
    if found is None:
        return status.Unasked("offline, and not asked before")
    match found.status:
        case Status.GONE:
            return status.Gone(found.why or "the host says that it is gone")
        case Status.UNREACHABLE:
            return status.Unreachable(found.why, found.looks, (found.asked - found.since) / _DAY)
        case Status.REFUSED:
            return status.Refused(found.why)
        case Status.UNKNOWN if found.why.startswith(_UNASKED):
            return status.Unasked(found.why.removeprefix(_UNASKED))
        case Status.UNKNOWN:
            return status.Unknown(found.why)
    data = found.data if isinstance(found.data, dict) else {}
    to = data.get("to") or ""
    if to and _is_front_page(page, to):
        return status.Gone("now shows the front page")
    ids = data.get("ids")
    if anchor and isinstance(ids, list) and anchor not in ids and f"user-content-{anchor}" not in ids:
        return status.NoAnchor(anchor, next((each for each in ids if each.casefold() == anchor.casefold()), ""))
    if to and _counts_as_moved(page, to):
        return status.Moved(
            to, bool(data.get("permanent")), found.asked - float(data.get("since", found.asked)) >= _DAY
        )
    return status.Ok()


def _is_front_page(page: str, to: str) -> bool:
    """Say whether a page with a path of its own leads to a front page now."""
    before, now = urlsplit(page), urlsplit(to)
    return (
        before.path.strip("/") != "" and now.path.strip("/") == "" and not now.query and _host(page) not in _BY_DESIGN
    )


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _counts_as_moved(page: str, to: str) -> bool:
    """Say whether a redirect means that the page has another address, not that another one stands in for it."""
    target = urlsplit(urljoin(page, to))
    stands_in = _PASSING.search(f"{target.hostname}/{target.path}")
    return _host(page) not in _BY_DESIGN and not (stands_in and not _PASSING.search(page))


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.update(value for name, value in attrs if value and (name == "id" or (name == "name" and tag == "a")))


def _ids(html: str) -> set[str]:
    """Return the names of the places on a page."""
    parser = _Ids()
    parser.feed(html)
    parser.close()
    return parser.ids
