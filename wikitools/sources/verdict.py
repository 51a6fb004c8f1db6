"""What registries say about a source: it is right, differs, does not exist, or remains unknown."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from wikitools.records import dataclass
from wikitools.sources.identifiers import url_key
from wikitools.sources.names import folded, is_cjk, words
from wikitools.sources.same_version import is_same_version
from wikitools.sources.same_work import head_of_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.record import Notice, Record
    from wikitools.sources.source import Source

# What was answered about one identifier


@dataclass(frozen=True, slots=True)
class Missing:
    """The registry itself says that there is no such identifier."""

    by: str


@dataclass(frozen=True, slots=True)
class Undetermined:
    """There was no answer, and why; this is never a verdict against the entry."""

    why: str


# Verdicts


@dataclass(frozen=True, slots=True)
class Verified:
    """The entry describes the work correctly."""

    record: Record


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is different in the registry."""

    field: str
    """`title`, `first author`, `authors` or `year`."""
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Differs:
    """The work is the right one, but something in the entry is wrong."""

    record: Record
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class WrongIdentifier:
    """The identifier belongs to another work."""

    identifier: str
    record: Record


@dataclass(frozen=True, slots=True)
class NoSuchIdentifier:
    """The registry says that there is no such identifier."""

    identifier: str
    by: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """Every service that could know a work without an identifier answered that it does not."""

    by: str


Verdict = Verified | Differs | WrongIdentifier | NoSuchIdentifier | NotFound | Undetermined


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and notices about the work since its publication."""

    verdict: Verdict
    notices: tuple[Notice, ...] = ()
    published: str = ""
    """The DOI of the published version, if the entry describes only the preprint."""
    doi: str = ""
    """The DOI that the very version described has at its registry, if the entry has none."""


def identifiers_of(source: Source) -> tuple[str, ...]:
    """Return the identifiers with which a source can be looked up: `doi:…`, `arxiv:…`; without a DOI also `pmid:…`."""
    found = [f"doi:{source.doi}"] if source.doi else []
    found += [f"arxiv:{source.arxiv}"] if source.arxiv else []
    written = source.fields.get("pmid", "").strip() or source.url
    if not source.doi and (pmid := url_key(f"pmid:{written}" if written.isdigit() else written)).startswith("pmid:"):
        found.append(pmid)
    return tuple(dict.fromkeys(url_key(each) if "10.48550" in each else each for each in found))


def judge(source: Source, said: Mapping[str, Record | Missing | Undetermined]) -> Judged | None:
    """Return the verdict on a source from the answers about its identifiers; `None` if it has no identifier.

    An entry that is right by one identifier is right: titles of preprints change. An identifier that does not exist, or
    belongs to another work, is wrong whatever the other says; if there is no answer about one, the verdict is unknown.
    """
    identifiers = identifiers_of(source)
    if not identifiers:
        return None
    records = [record for each in identifiers if not isinstance(record := said[each], Missing | Undetermined)]
    later = [other for record in records if (other := _published(record, said)) is not None]
    years = tuple(dict.fromkeys(year for record in (*records, *later) for year in record.years))
    verdicts = [_judge_one(source, each, said[each], years) for each in identifiers]
    verdict = min(verdicts, key=lambda each: _GRAVEST.index(type(each)))
    if isinstance(verdict, Differs | WrongIdentifier) and not _is_of_year(source, years):
        # The entry may be of the year of a published version that got no answer.
        answers = (said.get(f"doi:{record.published}") for record in records if record.published)
        verdict = next((each for each in answers if isinstance(each, Undetermined)), verdict)
    notices = tuple(dict.fromkeys(notice for record in (*records, *later) for notice in record.notices))
    if isinstance(verdict, WrongIdentifier):
        # A notice about another work says nothing about this one.
        return Judged(verdict)
    if source.doi:
        # The DOI may be the preprint's own.
        own = (each.published for each in records if each.doi == source.doi)
        return Judged(verdict, notices, next((doi for doi in own if doi and doi != source.doi), ""))
    if isinstance(verdict, Verified) and (doi := _doi_of(source, verdict.record, later)):
        return Judged(verdict, notices, doi=doi)
    published = next((record.published for record in records if record.arxiv and record.published), "")
    return Judged(verdict, notices, published)


def _doi_of(source: Source, record: Record, later: Sequence[Record]) -> str:
    """Return the DOI of the version that an entry describes: what PubMed has, or that of the published preprint."""
    if record.pmid and not record.arxiv:
        return record.doi
    return next((other.doi for other in later if is_same_version(source, other)), "")


_GRAVEST = (NoSuchIdentifier, WrongIdentifier, Undetermined, Verified, Differs)


def _published(record: Record, said: Mapping[str, Record | Missing | Undetermined]) -> Record | None:
    found = said.get(f"doi:{record.published}") if record.published else None
    return None if found is None or isinstance(found, Missing | Undetermined) else found


def _judge_one(source: Source, identifier: str, said: Record | Missing | Undetermined, years: Sequence[str]) -> Verdict:
    if isinstance(said, Missing):
        return NoSuchIdentifier(identifier, said.by)
    if isinstance(said, Undetermined):
        return said
    likeness = title_likeness(source.title, said.title)
    by_other = not _have_one_first_author(source, said)
    is_another = likeness < _ANOTHER_TITLE and (by_other or not _is_of_year(source, years))
    if is_another or (said.is_notice and _is_noticed(source.title, said.title)):
        return WrongIdentifier(identifier, said)
    found = tuple(_differences(source, said, years, likeness))
    return Differs(said, found) if found else Verified(said)


def differences(source: Source, record: Record) -> tuple[Difference, ...]:
    """Return the fields in which an entry differs from a record that is known to be its work's."""
    return tuple(_differences(source, record, record.years, title_likeness(source.title, record.title)))


def _differences(source: Source, record: Record, years: Sequence[str], likeness: float) -> Iterator[Difference]:
    people = record.names or record.editors
    if likeness < _SAME_TITLE:
        yield Difference("title", source.title, record.title)
    if not _have_one_first_author(source, record):
        yield Difference("first author", _shown(source.names[:1]), _shown(people[:1]))
    elif len(source.names) < len(record.names) and source.names and not source.fields.get("others"):
        yield Difference("authors", str(len(source.names)), str(len(record.names)))
    if not _is_of_year(source, years):
        yield Difference("year", next(year for year in source.years if year.isdigit()), record.year)


def _shown(names: Sequence[Name]) -> str:
    return ", ".join(name.family for name in names)


# Titles


_SAME_TITLE = 0.95
_ANOTHER_TITLE = 0.6
_STATE = re.compile(r"\W*(?:retracted|withdrawn)(?:\s+article)?\b\W*", re.IGNORECASE)


def title_likeness(one: str, other: str) -> float:
    """Return how similar two titles are: 1.0 if they are equal, also without the subtitle.

    It is less than 0.95 if a word is replaced by another one, however long the titles are.

    >>> title_likeness("Superintelligence", "Superintelligence: Paths, Dangers, Strategies")
    1.0
    >>> title_likeness("Attention is all you need", "Attention is all they need") < 0.95
    True
    >>> title_likeness("Speed kills: avian responses to cars", "Speed kills: avian responses to planes") < 0.95
    True
    """
    from rapidfuzz import fuzz

    mine, its = _STATE.sub("", one, count=1), _STATE.sub("", other, count=1)
    left, right = _telling(mine), _telling(its)
    if not left or not right:
        return 1.0
    whole, its_whole = "".join(left), "".join(right)
    # One may lack the subtitle; where both have one, it is part of the title.
    if its_whole in {whole, _head(mine)} or whole == _head(its):
        return 1.0
    likeness = fuzz.ratio(" ".join(left), " ".join(right)) / 100
    if likeness < _ANOTHER_TITLE:
        return likeness
    return max(likeness, _SAME_TITLE) if _say_the_same(left, right) else min(likeness, _REPLACED)


def _head(title: str) -> str:
    """Return a title without its subtitle, as its words in one."""
    return "".join(_telling(head_of_title(title)))


def _is_noticed(title: str, notice: str) -> bool:
    """Say whether a title is that of the work which a notice is about: "Kelp" for "Author Correction: Kelp"."""
    mine, (_label, colon, after) = _telling(title), notice.partition(":")
    if colon:
        return "".join(mine) in {"".join(_telling(after)), _head(after)}
    its = _telling(notice)
    return 0 < len(mine) < len(its) and its[-len(mine) :] == mine


def _telling(title: str) -> list[str]:
    """Return the words of a title; "and" is often a sign."""
    return [word for word in words(title) if word != "and"]


_REPLACED = 0.94
_NEAR = 85


def _say_the_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether two titles differ only in spelling: hyphens, plurals, misprints, formulas, and one word more or less.

    Formulas and symbols are written in many ways, so they are not compared.
    """
    from rapidfuzz import fuzz

    left, right = (Counter(one) - Counter(other)).elements(), (Counter(other) - Counter(one)).elements()
    rest = [[*left], [*right]]
    mine, its = ([word for word in words if _is_word(word)] for words in rest)
    if not mine or not its:
        # A word more is a slip; a word in the place of a formula is another word.
        return len(mine) + len(its) <= 1 and (not (mine or its) or not all(rest))
    return fuzz.ratio("".join(mine), "".join(its)) >= _NEAR or all(
        max(fuzz.ratio(word, each) for each in longer) >= _NEAR
        for shorter, longer in ((mine, its), (its, mine))
        for word in shorter
    )


_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega"
    "".split()
)


def _is_word(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and all(ord(char) < _END_OF_LATIN for char in word) and word not in _GREEK


# People and years


def _have_one_first_author(source: Source, record: Record) -> bool:
    """Say whether first authors may be one person, as far as both are named; transliterations count as equal."""
    people = record.names or record.editors
    if not source.names or not people:
        return True
    mine, its = source.names[0], people[0]
    if _script(mine) != _script(its):
        return True
    one, other = folded(mine), folded(its)
    if {one.core, one.other, one.family} & {other.core, other.other, other.family} - {()}:
        return True
    if one.core[-1:] == other.core[-1:] or one.core[:1] == other.core[:1]:
        # Compound names are cut at either end.
        return True
    if mine.literal != its.literal:
        # Some entries name the consortium, others its members.
        return True
    if mine.literal or not mine.given or not its.given:
        # Organisations have long and short names.
        return bool(set(one.family) & set(other.family)) or _is_acronym(one.family, other.family)
    return one.core == other.given or one.given == other.core


def _script(name: Name) -> str:
    letters = [char for char in name.family if char.isalpha()]
    if is_cjk(name.family):
        return "cjk"
    return "latin" if all(ord(char) < _END_OF_LATIN for char in letters) else "other"


_END_OF_LATIN = 0x250


def _is_acronym(one: Sequence[str], other: Sequence[str]) -> bool:
    return any(
        len(short) == 1 and short[0] == "".join(word[0] for word in long)
        for short, long in ((one, other), (other, one))
    )


def _is_of_year(source: Source, years: Sequence[str]) -> bool:
    """Say whether a year of the entry is one of the work's, or next to one: online and print differ."""
    mine = [int(year) for year in source.years if year.isdigit()]
    its = [int(year) for year in years if year.isdigit()]
    if not mine or not its:
        return True
    return any(min(its) - 1 <= year <= max(its) + 1 for year in mine[:1])
