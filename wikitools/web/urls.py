"""Requests web addresses: identifiers at their registries, pages at their hosts, each host at its own pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urlsplit

from wikitools.lint import url_status as status
from wikitools.web import answer as answers
from wikitools.web.client import Ask, Limits
from wikitools.web.fragments import anchor_of, find_anchors
from wikitools.web.lookup_result import Here, NoAnswer, Nothing
from wikitools.web.memory import Remembered, Status
from wikitools.web.redirects import counts_as_move, is_front_page_now, is_short, site_of, stands_in
from wikitools.web.registry.identified import REGISTRIES, identify, is_newer, is_surely
from wikitools.web.shown import read_page
from wikitools.wiki.addresses import address_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wikitools.lint.url_status import UrlStatus
    from wikitools.web.answer import Answer
    from wikitools.web.asking import Web
    from wikitools.web.lookup_result import LookupResult
    from wikitools.web.shown import Page

PAGE = "page"
"""The name of pages in the memory; those that are asked for with further headers have their names, too."""
_TRIED = "page, no answer"
"""The name of pages that answered once, but not the last time."""
_HOSTS, _ENCRYPTED = 1000, 400
"""How many hosts are asked at once, and how many of them over TLS.

Each keeps its connection until its last page: it takes 25 kB, and 65 kB over TLS, of which OpenSSL holds 35.
"""
_DAY = 86_400.0
_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
_PERMANENT = frozenset({301, 308})
_BY_HEAD = frozenset({Status.HERE, Status.UNREACHABLE})
"""Pages with another last answer are requested whole at once: HEAD did not settle it then."""
_BEGINNING = 200_000
"""Bytes that are read of a page only to see whether it has content."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to request, and within which limits."""

    seconds: float | None = None
    """After this time no more requests are sent; `None` for no limit."""
    excluded: Callable[[str], bool] = lambda _url: False
    reads_anchors: Callable[[str], bool] = lambda _url: True
    """Whether a page is read to find the anchors on it."""
    limits: Limits = field(default_factory=lambda: Limits(cut=True))
    progress: Callable[[Callable[[], str], int, int], None] = lambda _phase, _done, _total: None


async def find_statuses(web: Web, urls: Iterable[str], plan: Plan | None = None) -> dict[str, UrlStatus]:
    """Return the status of each address, as it is written. Raises nothing for what a host does.

    Answers in the memory that are not due yet are used; addresses that were asked longest ago come first.
    """
    checker = _Checker(web, plan or Plan())
    return await checker.run(list(dict.fromkeys(urls)))


def oldest_answer(web: Web, urls: Iterable[str]) -> float | None:
    """Return the time of the oldest answer about these addresses, in seconds since 1970; `None` if there is none."""
    asked: list[float] = []
    for url in urls:
        kind, name = identify(url, web.keys)
        kept = web.memory.get(
            *((REGISTRIES[kind].service, name) if kind else (_kind(web, page := _page_of(url)), page))
        )
        asked += [kept.asked] if kept is not None else []
    return min(asked, default=None)


def _kind(web: Web, page: str) -> str:
    """Return the name under which a page is remembered: what a host answers with a token, it may not without."""
    return " ".join((PAGE, *web.client.header_marks(page)))


class _Checker:
    def __init__(self, web: Web, plan: Plan) -> None:
        self.web = web
        self.plan = plan
        self.found: dict[str, UrlStatus] = {}
        self.done = self.total = 0
        self.left: Counter[str] = Counter()
        """How many requests for pages each host still gets."""
        self.unreachable: dict[str, tuple[str, list[str]]] = {}
        """Pages whose host is out of reach, each with the reason and its addresses, as long as no host has answered."""

    async def run(self, urls: list[str]) -> dict[str, UrlStatus]:
        pages: dict[str, list[str]] = {}
        identifiers: dict[tuple[str, str], list[str]] = {}
        for url in urls:
            if not (page := _page_of(url)):
                self.found[url] = status.Unasked("not a valid address")
            elif self.plan.excluded(url):
                self.found[url] = status.Unasked("excluded")
            elif (key := identify(url, self.web.keys))[0]:
                service = REGISTRIES[key[0]].service
                if service in self.web.left_out:
                    self.found[url] = status.Unasked(f'"sources" leaves out {service}')
                else:
                    identifiers.setdefault(key, []).append(url)
            else:
                pages.setdefault(page, []).append(url)
        self.total = len(pages) + len(identifiers)
        try:
            async with asyncio.timeout(self.plan.seconds):
                await asyncio.gather(self._identifiers(identifiers), self._pages(pages))
                # A publisher's address may only look as if it contained a DOI: then its host decides.
                unsettled: dict[str, list[str]] = {}
                for url in (each for known in identifiers.values() for each in known if each not in self.found):
                    unsettled.setdefault(_page_of(url), []).append(url)
                self.total += len(unsettled)
                await self._pages(unsettled)
                if self.unreachable and not self.web.client.heard:
                    await self._ask_again(self._answered_before(pages))
        except TimeoutError:
            pass
        finally:
            self._note_unreachable(pages)
        late = status.Unasked("no time left")
        return {url: self.found.get(url, late) for url in urls}

    def _count(self, host: str) -> None:
        self.done += 1
        self.left[host] -= 1
        self.plan.progress(self._phase, self.done, self.total)

    def _phase(self) -> str:
        """Return a line on which hosts are left: the host with most addresses decides how long a run takes."""
        most, number = max(self.left.items(), key=lambda each: each[1])
        hosts = sum(left > 0 for left in self.left.values())
        if hosts < 2:
            return f"asking {most}" if number else "asking"
        return f"asking {hosts:,} hosts, {most} has {number:,} left"

    # Identifiers

    async def _identifiers(self, urls: Mapping[tuple[str, str], list[str]]) -> None:
        names: dict[str, list[str]] = {}
        for kind, name in urls:
            names.setdefault(kind, []).append(name)
            self.left[self._label(kind)] += 1
        await asyncio.gather(*(self._registered(kind, each, urls) for kind, each in names.items()))

    async def _registered(self, kind: str, names: list[str], urls: Mapping[tuple[str, str], list[str]]) -> None:
        registry = REGISTRIES[kind]
        for start in range(0, len(names), registry.batch):
            for name, found in (await registry.ask(self.web, names[start : start + registry.batch])).items():
                for url in urls[kind, name]:
                    known = self._known(url, (kind, name), found)
                    if known is not None:
                        self.found[url] = known
                self._count(self._label(kind))

    def _label(self, kind: str) -> str:
        return self.web.services[REGISTRIES[kind].service].label

    def _known(self, url: str, key: tuple[str, str], found: LookupResult[Any]) -> UrlStatus | None:
        """Return what a registry says of an address; `None` if that does not settle it."""
        match found:
            case NoAnswer(why):
                return status.Unasked(_OFFLINE) if self.web.offline else status.Unknown(why)
            case Nothing():
                return status.Gone(REGISTRIES[key[0]].absent) if is_surely(url, *key) else None
            case Here(int(latest)) if key[0] == "arxiv" and is_newer(url, latest):
                return None
            case Here(str(to)) if key[0] == "github" and not to.lower().endswith(f"/{key[1]}"):
                return status.Moved(to, permanent=True)
        return status.Ok()

    # Pages

    async def _pages(self, urls: Mapping[str, list[str]]) -> None:
        memory = self.web.memory
        order = sorted(urls, key=lambda page: (self._tried(page), page))
        hosts: dict[str, list[str]] = {}
        for page in order:
            hosts.setdefault(urlsplit(page).netloc.lower(), []).append(page)
            self.left[site_of(page)] += 1

        async def work(shares: Iterator[Iterator[str]]) -> None:
            for waiting in shares:
                page = ""
                for page in waiting:
                    await self._page(page, urls[page], memory.get(_kind(self.web, page), page))
                await self.web.client.leave(page)

        # A host answers one request at a time. Hosts with many pages get several shares: some redirect to slow hosts.
        at = self.web.client.at_once
        shares: dict[bool, list[Iterator[str]]] = {True: [], False: []}
        for host, pages in hosts.items():
            waiting = iter(pages)
            number = max(at(host), min(1 + len(pages) // 10, 10))
            shares[pages[0].startswith("https:")] += [waiting] * number
        secure = min(_ENCRYPTED, len(shares[True]))
        number_of = {True: secure, False: _HOSTS - secure}
        each_in_turn = {is_secure: iter(waiting) for is_secure, waiting in shares.items()}
        await asyncio.gather(
            *(work(each_in_turn[is_secure]) for is_secure, number in number_of.items() for _each in range(number))
        )

    def _tried(self, page: str) -> float:
        """Return when a page was last requested, answered or not: pages without an answer must not delay others."""
        kept = (self.web.memory.get(service, page) for service in (_kind(self.web, page), _TRIED))
        return max((each.asked for each in kept if each is not None), default=0.0)

    async def _page(self, page: str, urls: list[str], kept: Remembered | None) -> None:
        anchors = {url: anchor for url in urls if (anchor := self._anchor(page, url))}
        fresh = self.web.memory.fresh(_kind(self.web, page), page, insist=False)
        known = fresh is not None and (fresh.status != Status.HERE or _anchors_in(fresh).keys() >= {*anchors.values()})
        if self.web.offline:
            found = kept
        elif known:
            found = fresh
        else:
            found = await self._ask(page, urls, {*anchors.values()})
        for url in urls:
            self.found[url] = _meaning(page, found, anchors.get(url, ""))
        self._count(site_of(page))

    def _anchor(self, page: str, url: str) -> str:
        return anchor_of(urldefrag(url).fragment) if self.plan.reads_anchors(page) else ""

    async def _ask(self, page: str, urls: list[str], anchors: set[str]) -> Remembered | None:
        client, memory, kind = self.web.client, self.web.memory, _kind(self.web, page)
        answer: Answer | None = None
        before = memory.get(kind, page)
        leads_on = before is not None and bool(_page_data(before).get("to"))
        if not anchors and not leads_on and (before is None or before.status in _BY_HEAD):
            head = Ask(page, accept=_ACCEPT, head=True, limits=self.plan.limits, attempts=1)
            answer = await client.ask(head)
            leads_on = isinstance(answer, answers.Received) and bool(answer.hops)
        is_there = isinstance(answer, answers.Received) and not leads_on
        if not is_there and not isinstance(answer, status.Unreachable | status.Unasked):
            # Not every host answers HEAD as it answers a GET, so only the GET says that a page is gone or has moved.
            # Whether a move is surely one, the beginning of the page shows.
            limits = self.plan.limits if anchors else replace(self.plan.limits, size=_BEGINNING, cut=True)
            got = await client.ask(Ask(page, accept=_ACCEPT, reads=bool(anchors) or leads_on, limits=limits))
            # A host that asked for a pause is not asked again: then its reason is worth more than that.
            answer = answer if isinstance(answer, status.Unknown) and isinstance(got, status.Unasked) else got
        match answer:
            case answers.Received():
                read = _read(answer)
                if anchors and read is not None and answer.whole and read.only_to_browsers:
                    why = f"{urlsplit(answer.url).hostname} shows its content to browsers only"
                    return memory.put(kind, page, Status.REFUSED, why=why, replaces=True)
                return memory.put(kind, page, Status.HERE, self._data(page, answer, read, anchors))
            case answers.Absent():
                read = _read(answer)
                if read is not None and read.needs_scripts:
                    # A challenge, or an application that is sent with 404 for every path, of which browsers make pages.
                    why = f"{urlsplit(answer.url).hostname} answers {answer.code} with a page for browsers only"
                    return memory.put(kind, page, Status.REFUSED, why=why, replaces=True)
                return memory.put(kind, page, Status.GONE, why=f"{urlsplit(answer.url).hostname} answers {answer.code}")
            case status.Unreachable(why) if client.heard:
                return memory.put(kind, page, Status.UNREACHABLE, why=why, replaces=True)
            case status.Unreachable(why):
                self.unreachable[page] = why, urls
                return Remembered(Status.UNKNOWN, None, why, 0.0, 0.0, 0.0, 0)
            case status.Refused(why):
                return memory.put(kind, page, Status.REFUSED, why=why, replaces=True)
            case status.Unknown(why, until):
                if memory.put(kind, page, Status.UNKNOWN, why=why, until=until).status != Status.UNKNOWN:
                    memory.put(_TRIED, page, Status.HERE)
                # An earlier answer stays in the memory, but it is not what the host says now.
                return Remembered(Status.UNKNOWN, None, why, 0.0, 0.0, 0.0, 0)
            case status.Unasked(why):
                return Remembered(Status.UNKNOWN, None, f"{_UNASKED}{why}", 0.0, 0.0, 0.0, 0)
            case _:
                raise TypeError("a page was asked for neither way")

    def _data(self, page: str, answer: answers.Received, read: Page | None, anchors: set[str]) -> dict[str, Any]:
        """Return what to remember about a page that exists: its address now, since when, and its anchors."""
        to = answer.url if answer.hops else ""
        before = self.web.memory.get(_kind(self.web, page), page)
        old = before.data if before is not None and before.status == Status.HERE else None
        now = self.web.memory.now()
        data: dict[str, Any] = {
            "to": to,
            "permanent": bool(answer.hops) and all(hop.code in _PERMANENT and not hop.doubtful for hop in answer.hops),
            "code": answer.code,
            # Without a body nobody knows what is there; what is no HTML is no challenge.
            "shown": bool(answer.body) and not (read is not None and read.only_to_browsers),
        }
        same = isinstance(old, dict) and all(old.get(name) == value for name, value in data.items())
        data["since"] = old.get("since", now) if same and isinstance(old, dict) else now
        if anchors:
            wanted = sorted({*anchors, *(_anchors_in(before) if before is not None else ())})[:_MOST_ANCHORS]
            # The anchors are unknown if the page was not read to its end, or is not HTML.
            is_read = read is not None and answer.whole
            data["anchors"] = find_anchors(read, wanted) if read and is_read else dict.fromkeys(wanted)
        return data

    # Hosts out of reach

    def _answered_before(self, pages: Iterable[str]) -> list[str]:
        kept = (
            (self.web.memory.get(_kind(self.web, page), page), page) for page in pages if page not in self.unreachable
        )
        known = sorted((each.asked, page) for each, page in kept if each is not None and each.status == Status.HERE)
        return [page for _asked, page in known[-_PROBES:]]

    async def _ask_again(self, pages: Iterable[str]) -> None:
        """Ask pages that answered before until one of them answers."""
        for page in pages:
            await self.web.client.ask(Ask(page, accept=_ACCEPT, head=True, limits=self.plan.limits, attempts=1))
            if self.web.client.heard:
                break

    def _note_unreachable(self, pages: Iterable[str]) -> None:
        """Remember which pages are out of reach, unless no host that answered before does now: our network is down."""
        is_cut_off = bool(self.unreachable) and not self.web.client.heard and bool(self._answered_before(pages))
        for page, (why, urls) in self.unreachable.items():
            found = Remembered(Status.UNKNOWN, None, _NO_NETWORK, 0.0, 0.0, 0.0, 0)
            if not is_cut_off:
                found = self.web.memory.put(_kind(self.web, page), page, Status.UNREACHABLE, why=why, replaces=True)
            self.found.update(dict.fromkeys(urls, _meaning(page, found, "")))


_UNASKED = "not asked: "
_OFFLINE = "offline, and not asked before"
_NO_NETWORK = "no host can be reached; check your network"
_PROBES = 3
_MOST_ANCHORS = 1000


def _page_of(url: str) -> str:
    """Return the address without its fragment, with its scheme, in one spelling; "" if it is not an address."""
    try:
        page = address_key(urldefrag(f"https:{url}" if url.startswith("//") else url).url)
        return page if urlsplit(page).hostname else ""
    except ValueError:
        return ""


def _read(answer: answers.Received | answers.Absent) -> Page | None:
    """Return the page that was received; `None` if it is not one of HTML, or only its headers were asked for."""
    kind = answer.headers.get("content-type", "")
    is_page = answer.code == 200 or isinstance(answer, answers.Absent)
    return read_page(answer.body, kind) if answer.body and is_page and "html" in kind.lower() else None


def _page_data(kept: Remembered) -> Mapping[str, Any]:
    return kept.data if isinstance(kept.data, dict) else {}


def _anchors_in(kept: Remembered) -> Mapping[str, Any]:
    found = _page_data(kept).get("anchors")
    return found if isinstance(found, dict) else {}


def _meaning(page: str, found: Remembered | None, anchor: str) -> UrlStatus:
    if found is None:
        return status.Unasked(_OFFLINE)
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
    data = _page_data(found)
    to, permanent = data.get("to") or "", bool(data.get("permanent"))
    if to and permanent and is_front_page_now(page, to):
        return status.Gone("now shows the front page")
    has = _anchors_in(found).get(anchor)
    if isinstance(has, str) and not (to and stands_in(page, to)):
        return status.NoAnchor(unquote(anchor), has)
    if to and counts_as_move(page, to):
        settled = (
            data.get("code") == 200
            and data.get("shown") is True
            and found.asked - float(data.get("since", found.asked)) >= _DAY
        )
        return status.Moved(to, permanent, settled, is_short(page))
    return status.Ok()
