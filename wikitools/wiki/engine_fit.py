"""Finds an engine that suits a wiki better, from a sample of its links and the files that they may mean."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING
from zlib import crc32

from wikitools.records import dataclass
from wikitools.wiki.candidates import Candidates
from wikitools.wiki.engine_counts import Judge, links_on, tally_links
from wikitools.wiki.engines import ENGINES
from wikitools.wiki.names_index import Index

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence, Set

    from wikitools.wiki.engine_counts import Tally, Written
    from wikitools.wiki.wiki import Wiki

WIKILINKS, MARKDOWN_LINKS = KINDS = ("wikilinks", "Markdown links")
"""The kinds of links; each kind alone can show that an engine does not suit the wiki."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A wiki is read with an engine that it was not written for, which leaves `broken` of its `links` broken."""

    engine: str
    broken: int
    better: str
    better_broken: int
    links: int
    """How many links were tried under both engines: all of the kind, or a sample of them."""
    kind: str
    """One of `KINDS`."""
    all_links: int
    """How many links of this kind the wiki has."""


_FEWEST, _SHARE = 20, 0.2
"""Other engines are tried from this number of broken links, and from this share of all."""
_GAIN = 20
"""How many links of one kind another engine must repair for each link of the other kind that it breaks."""
_SAMPLE, _GROWTH = 200, 4
"""How many links of each kind are tried first, and by what factor that grows while it does not decide."""
_MOST, _FEW, _MORE = 0.05, 500, 0.02
"""At most this share of all links is tried; beyond this number of links, only this smaller share."""
_RUNS, _PAGES = 20, 0.01
"""A sample consists of at least this many runs of links, or of one run for this share of the pages: each page must be
read again."""
_SURE = 3
"""The margin by which a sample must decide, in standard deviations."""
_FILES = 300
"""Up to this number of files, links are resolved among all of them."""


def may_misfit(tallies: Iterable[Tally], kinds: Collection[str] = KINDS) -> bool:
    """Say, from the tallies of all pages, whether so many links are broken that `find_misfit` would compare engines."""
    return bool(_doubtful(tallies, kinds))


def find_misfit(
    wiki: Wiki,
    tallies: Mapping[str, Tally] | None = None,
    kinds: Collection[str] = KINDS,
    *,
    tried: set[str] | None = None,
) -> Misfit | None:
    """Return the engine that leaves few of the wiki's links broken if its own leaves many.

    `None` if there is no such engine. Few means less than half as many, and hardly more broken links of the other kind.
    `tallies` are those of all pages. Up to 200 links of a kind are all tried. From more, a sample is taken, which does
    not depend on the order of pages and grows until it is certain what all links would say, up to one link in twenty
    (in large wikis one in fifty). `tried` gets the pages whose links were tried: of these the content counts, of the
    others only the tallies and what they say of themselves.
    """
    if tallies is None:
        tallies = {path: tally_links(page, wiki) for path, page in wiki.pages.items()}
    doubtful = _doubtful(tallies.values(), kinds)
    if not doubtful:
        return None
    read = set() if tried is None else tried
    wikilinks = _Links(wiki, WIKILINKS, {path: tally[0] for path, tally in tallies.items() if tally[0]}, read)
    others = _Links(wiki, MARKDOWN_LINKS, {path: tally[2] for path, tally in tallies.items() if tally[2]}, read)
    for kind in doubtful:
        links = (wikilinks, others) if kind == WIKILINKS else (others, wikilinks)
        found = _find_better(wiki, *links)
        if found is not None:
            return found
    return None


def _doubtful(tallies: Iterable[Tally], kinds: Collection[str]) -> list[str]:
    """Return the kinds of links of which many are broken, or of which the number of broken ones is unknown."""
    found: list[str] = []
    all_tallies = list(tallies)
    for place, kind in ((0, WIKILINKS), (2, MARKDOWN_LINKS)):
        links = sum(tally[place] or 0 for tally in all_tallies)
        broken = [tally[place + 1] for tally in all_tallies]
        if kind in kinds and (None in broken or _are_many(sum(each or 0 for each in broken), links)):
            found.append(kind)
    return found


def _are_many(broken: float, links: int) -> bool:
    return broken >= _FEWEST and broken >= links * _SHARE


class _Links:
    """The links of one kind in a wiki; samples are spread over the pages by a hash of their paths."""

    def __init__(self, wiki: Wiki, kind: str, counts: Mapping[str, int], tried: set[str]) -> None:
        self.kind = kind
        self._tried = tried
        self._wiki = wiki
        self._paths = sorted(counts, key=lambda path: (crc32(path.encode("utf-8", "surrogatepass")), path))
        self._ends = list(accumulate(counts[path] for path in self._paths))
        self._known: dict[str, Sequence[Written]] = {}
        self.total = self._ends[-1] if self._ends else 0
        share = min(self.total * _MOST, _FEW + self.total * _MORE)
        self.most = min(self.total, max(_SAMPLE, math.ceil(share)))

    def sample(self, size: int) -> list[Written]:
        """Return `size` links, but never more than `most`, in runs at even distances."""
        size = min(size, self.most)
        runs = min(size, max(_RUNS, int(len(self._paths) * _PAGES)))
        if size == self.total:
            runs = min(size, 1)
        found: list[Written] = []
        for run in range(runs):
            start = run * self.total // runs
            stop = start + (run + 1) * size // runs - run * size // runs
            while start < stop:
                page = bisect_right(self._ends, start)
                first = self._ends[page - 1] if page else 0
                found += self._on(self._paths[page])[start - first : stop - first]
                start = self._ends[page]
        return found

    def _on(self, path: str) -> Sequence[Written]:
        links = self._known.get(path)
        if links is None:
            page = self._wiki.pages[path]
            self._tried.add(path)
            links = self._known[path] = tuple(links_on(page, markdown=self.kind == MARKDOWN_LINKS))
        return links


def _find_better(wiki: Wiki, links: _Links, others: _Links) -> Misfit | None:
    """Return the engine that leaves less than half as many of `links` broken, and hardly more of `others`."""
    own = wiki.engine
    engines = [name for name in ENGINES if name != own.name]
    size = _SAMPLE
    many = len(wiki.pages) + len(wiki.attachments) > _FILES
    candidates = Candidates(wiki.index) if many else None
    while True:
        last = size * 2 > max(links.most, others.most)
        sample = _Sample(wiki, links, others, max(links.most, others.most) if last else size, candidates)
        if not _are_many(sum(sample.own) * sample.scale, links.total):
            return None
        fits = {name: fit for name in engines if (fit := sample.fits(name, last=last)) is not False}
        engines = list(fits)
        if not fits:
            return None
        best = min(engines, key=sample.broken)
        if last or (None not in fits.values() and sample.is_best(best, engines)):
            return Misfit(
                own.name, sum(sample.own), best, sample.broken(best), len(sample.links), links.kind, links.total
            )
        size *= _GROWTH


class _Sample:
    """Links that are tried under one engine after the other."""

    def __init__(self, wiki: Wiki, links: _Links, others: _Links, size: int, candidates: Candidates | None) -> None:
        self.links, self.others = links.sample(size), others.sample(size)
        self.scale = links.total / len(self.links)
        self._other_scale = others.total / max(1, len(self.others))
        self._is_whole = len(self.links) == links.total
        self._others_are_whole = len(self.others) == others.total
        judge = Judge(wiki.index, wiki.engine)
        self.own = list(map(judge.breaks, self.links))
        self._others_own = list(map(judge.breaks, self.others))
        paths: Set[str] = wiki.pages.keys() | wiki.attachments
        if candidates is not None:
            paths = candidates.meant((*self.links, *self.others)) | judge.targets
        # Never the wiki's own index: the names that other engines read from pages are not kept up to date there.
        pages = {path: wiki.index.pages[path] for path in sorted(paths) if path in wiki.pages}
        self._index = Index(pages, paths & wiki.attachments, wiki.index.placeholders)
        self._tried: dict[str, list[bool]] = {}

    def _try(self, name: str) -> list[bool]:
        tried = self._tried.get(name)
        if tried is None:
            tried = self._tried[name] = list(map(Judge(self._index, ENGINES[name]).breaks, self.links))
        return tried

    def broken(self, name: str) -> int:
        """Return how many of the sampled links an engine leaves broken."""
        return sum(self._try(name))

    def fits(self, name: str, *, last: bool) -> bool | None:
        """Say whether an engine suits the wiki better.

        `None` if more links must be tried. The `last` sample always decides.
        """
        votes = [2 * new - old for new, old in zip(self._try(name), self.own, strict=True)]
        halves = sum(votes) < 0
        sure = last or self._is_whole or abs(sum(votes)) > _SURE * _spread(votes)
        if not halves:
            return False if sure else None
        judge = Judge(self._index, ENGINES[name])
        changes = [judge.breaks(each) - old for each, old in zip(self.others, self._others_own, strict=True)]
        rise = sum(changes) * self._other_scale
        bearable = int((sum(self.own) - self.broken(name)) * self.scale) // _GAIN
        margin = _SURE * self._other_scale * max(1.0, _spread(changes))
        if not (last or self._others_are_whole or abs(rise - bearable) > margin):
            return None
        return (rise <= bearable) if sure else (None if rise <= bearable else False)

    def is_best(self, best: str, engines: Iterable[str]) -> bool:
        """Say whether it is certain that no other engine leaves fewer links broken.

        Among equal engines the first counts.
        """
        for name in engines:
            lead = [int(new) - old for new, old in zip(self._try(name), self._try(best), strict=True)]
            if name != best and not self._is_whole and sum(lead) <= _SURE * _spread(lead):
                return False
        return True


def _spread(votes: Iterable[int]) -> float:
    """Return the standard deviation of a sum of votes, when links vote independently of one another."""
    return math.sqrt(sum(vote * vote for vote in votes))
