"""Writes a new entry of a BibTeX or biblatex file in the form of the existing ones."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from wikitools.sources.identifiers import doi_address
from wikitools.sources.named_work import STUB
from wikitools.sources.readers.bibtex import CSL_KINDS, read_bibtex
from wikitools.sources.readers.bibtex_blocks import split_file
from wikitools.sources.readers.bibtex_names import read_bibtex_names
from wikitools.sources.writers.as_latex import as_latex, protected
from wikitools.sources.writers.bibtex_layout import fields_of, layout_of
from wikitools.sources.writers.entry_habits import (
    NameHabits,
    insert_block,
    line_end,
    most,
    ordered,
    placed,
    position,
)
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.readers.salvage import RawEntry
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source

_TYPES = {
    "article-journal": ("article", "article"),
    "article": ("misc", "online"),
    "paper-conference": ("inproceedings", "inproceedings"),
    "book": ("book", "book"),
    "chapter": ("incollection", "incollection"),
    "entry": ("incollection", "inreference"),
    "report": ("techreport", "report"),
    "thesis": ("phdthesis", "thesis"),
    "dataset": ("misc", "dataset"),
    "software": ("misc", "software"),
    "webpage": ("misc", "online"),
    "review": ("article", "article"),
}
"""Entry types by CSL type: BibTeX's, and biblatex's."""
_USUAL = (
    "author editor title journal journaltitle booktitle volume number pages eid publisher institution school date year "
    "month doi eprint archiveprefix eprinttype primaryclass eprintclass isbn url note"
).split()
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_LONG_MONTHS = "January February March April May June July August September October November December".split()
SUPERSEDED = frozenset(
    "author title subtitle year date month journal journaltitle booktitle volume number pages eid publisher institution"
    " school howpublished doi".split()
)
"""Fields of an incomplete entry that the registry's take the place of."""
_BARE = re.compile(r"@[\w\s]+[{(][^,={}]*,(?:\s*[^\s,={}()]+\s*=|[\s,])*[})]")
"""An entry without its values."""
_OFTEN = 0.3
_FEW = 5


class BibTeXHand:
    """The style of a BibTeX file, learnt from its entries."""

    def __init__(self, text: str, sources: Sequence[Source]) -> None:
        self._text = text
        blocks = split_file(text)
        self._entries, self._plain = blocks.entries, blocks.plain
        self._sources = {source.span.start: source for source in sources}
        self._names = NameHabits(sources)
        lines = [fields_of(text, entry) for entry in self._entries]
        self._form = layout_of(text, self._entries, lines)
        self._spelled = {
            name: most((line["name"] for found in lines for line in found if line["name"].lower() == name), name)
            for name in {line["name"].lower() for found in lines for line in found}
        }
        self._case = most((_case(name) for name in self._spelled.values()), "lower")
        self._opened = {
            name: most((line["open"] for found in lines for line in found if line["name"].lower() == name), "{")
            for name in self._spelled
        }
        self._quote = most((line["open"] for found in lines for line in found if line["open"]), "{")
        numbers = (line["open"] for found in lines for line in found if re.match(r"\d+[\s},\"]*$", line["rest"]))
        self._quote_of_numbers = most(numbers, self._quote)
        self.is_biblatex = self._count("journaltitle", "date", "eprinttype") > self._count(
            "journal", "year", "archiveprefix"
        )

    def _count(self, *names: str) -> int:
        return sum(name in entry.values for entry in self._entries for name in names)

    # What is written

    def entry(self, record: Record, key: str, own: Mapping[str, str] | None = None) -> str:
        """Return the entry of a work, with LF line ends and without one at its end.

        `own` are further fields, with their delimiters, that win over what the record says.
        """
        own = own or {}
        kind = self._type(record)
        fields = self._values(record, kind)
        said = "".join((*own.values(), *fields.values()))
        if record.arxiv and record.arxiv not in said:
            fields |= {"eprint": record.arxiv, self._either("eprinttype", "archiveprefix"): "arXiv"}
        fields = {name: self._delimited(name, value) for name, value in fields.items()} | dict(own)
        # Entries of the same type are better models than others.
        models = (entry for entry in self._entries for _each in range(10 if entry.kind == kind else 1))
        names = ordered(fields, [list(entry.values) for entry in models], _USUAL)
        return self._form.joined(self._type_shown(kind), key, {self._name(name): fields[name] for name in names})

    def completed(self, source: Source, record: Record) -> Edit:
        """Return the edit that replaces an entry by that of a record. Raises `CannotWriteError`."""
        entry = next((each for each in self._entries if each.start == source.span.start), None)
        if entry is None:
            raise CannotWriteError("the entry cannot be read as it is")
        own = {name: value for name, value in self._written(entry).items() if name not in SUPERSEDED}
        if source.fields.get("note") == STUB:
            own.pop("note", None)
        new = re.sub(r"\r?\n", line_end(self._text), self.entry(record, source.key, own))
        return Edit(Span(source.span.path, entry.start, entry.end), new)

    def _written(self, entry: RawEntry) -> dict[str, str]:
        """Return the values of an entry as the file has them.

        Raises `CannotWriteError` unless the entry has each field once and nothing else: no comment, no lost text.
        """
        found: dict[str, str] = {}
        at, rest = entry.start, ""
        for name, value in entry.values.items():
            # Of equal length, but with other line ends.
            start = self._plain.find(value, at, entry.end)
            if start < 0:
                break
            rest += self._text[at:start]
            at = start + len(value)
            found[name] = self._text[start:at]
        rest += self._text[at : entry.end]
        names = [name.lower() for name in re.findall(r"([^\s,={}()]+)\s*=", rest)]
        if names != [*found] or len(found) < len(entry.values) or not _BARE.fullmatch(rest):
            raise CannotWriteError("the entry has more than fields, or is damaged")
        return found

    def with_doi(self, source: Source, doi: str) -> Edit:
        """Return the edit that adds a DOI to an existing entry, in its own layout. Raises `CannotWriteError`."""
        entry = next((each for each in self._entries if each.start == source.span.start), None)
        if entry is None or not entry.values:
            raise CannotWriteError("the entry cannot be read as it is")
        names, path = list(entry.values), source.span.path
        shown, value = self._name("doi"), self._delimited("doi", self._doi(doi))
        end = len(self._text[: entry.end - 1].rstrip())
        has_comma = self._text[end - 1] == ","
        lines = fields_of(self._text, entry)
        if any(line["lead"] for line in lines) or [line["name"].lower() for line in lines] != names:
            # Several fields share a line, or commas lead: the last field shows how one follows another.
            last = re.compile(rf"(\s*,\s*){re.escape(names[-1])}(\s*)=(\s*)", re.IGNORECASE)
            found = list(last.finditer(self._text, entry.start, end))
            if not found:
                raise CannotWriteError("the entry has no usual form")
            glue, pad, gap = found[-1].groups()
            field = f"{shown}{pad}={gap}{value}"
            return Edit(Span(path, end, end), f"{glue.replace(',', '', 1)}{field}," if has_comma else f"{glue}{field}")
        form = layout_of(self._text, [entry], [lines]) if len(lines) > 1 else self._form
        line = f"{form.left_of(shown, max(map(len, names)))}{value}"
        eol = line_end(self._text)
        at = placed("doi", names, (list(each.values) for each in self._entries), _USUAL)
        if at < len(lines):
            start = lines[at].start()
            return Edit(Span(path, start, start), f"{line},{eol}")
        return Edit(Span(path, end, end), f"{eol}{line}," if has_comma else f",{eol}{line}")

    def _name(self, name: str) -> str:
        if name in self._spelled:
            return self._spelled[name]
        return {"upper": name.upper(), "title": name.capitalize()}.get(self._case, name)

    def _type_shown(self, kind: str) -> str:
        found = [self._text[entry.start + 1 :][: len(entry.kind)] for entry in self._entries]
        own = [each for each in found if each.lower() == kind]
        if own:
            return most(own, kind)
        case = most(map(_case, found), "lower")
        return {"upper": kind.upper(), "title": kind.capitalize()}.get(case, kind)

    def _delimited(self, name: str, value: str) -> str:
        opened = self._opened.get(name, self._quote_of_numbers if value.isdigit() else self._quote)
        if name == "month" and value in _MONTHS:
            return value
        if not opened and value.isdigit():
            return value
        if (opened or self._quote) == '"' and '"' not in value and value.count("{") == value.count("}"):
            return f'"{value}"'
        return f"{{{value}}}"

    # Which fields

    def _type(self, record: Record) -> str:
        """Return the entry type: the one that entries of this kind have here."""
        kind = record.kind or "document"
        is_preprint = kind == "article" and bool(record.arxiv)
        peers = [
            entry.kind
            for entry in self._entries
            if (source := self._sources.get(entry.start)) is not None
            and (
                bool(source.arxiv) and not source.doi.startswith("10.1")
                if is_preprint
                else CSL_KINDS.get(entry.kind) == kind
            )
            and (not is_preprint or _is_preprint(entry, source))
        ]
        return most(peers, _TYPES.get(kind, ("misc", "misc"))[self.is_biblatex])

    def _peers(self, kind: str) -> list[RawEntry]:
        own = [entry for entry in self._entries if entry.kind == kind]
        return own if len(own) >= 3 else list(self._entries)

    def _wants(self, name: str, kind: str) -> bool:
        """Say whether entries like this one have such a field."""
        peers = self._peers(kind)
        return sum(name in entry.values for entry in peers) >= _OFTEN * len(peers) if peers else name in _PLAINLY

    def _values(self, record: Record, kind: str) -> dict[str, str]:
        values = self._people(record)
        values["title"] = self._title(record.title)
        values |= self._place(record, kind)
        values |= self._date(record, kind)
        values |= self._identifiers(record, kind)
        if record.isbn and (self._wants("isbn", kind) or not (record.doi or record.arxiv)):
            values["isbn"] = record.isbn[0]
        values["note"] = self._text_of(record.note)
        return {name: value for name, value in values.items() if value}

    def _people(self, record: Record) -> dict[str, str]:
        field = "author" if record.names else "editor"
        inverted = most(
            (
                "," in part
                for entry in self._entries
                for part in re.split(r"\s+and\s+", entry.values.get("author", ""))[:1]
            ),
            True,
        )
        names, more = self._names.shown(record.names or record.editors)
        more = more or record.others
        shown = [self._person(name, inverted=inverted) for name in names]
        found = {field: " and ".join((*shown, "others") if more else shown)}
        if record.names and record.editors and self._wants("editor", "incollection"):
            found["editor"] = " and ".join(
                self._person(name, inverted=inverted) for name in self._names.shown(record.editors)[0]
            )
        return found

    def _title(self, title: str) -> str:
        written = [entry.values["title"] for entry in self._entries if entry.values.get("title")]
        if written and sum(_is_doubly_braced(each) for each in written) > len(written) / 2:
            return f"{{{self._text_of(title)}}}"
        groups = [group for each in written for group in re.findall(r"\{+", each[1:-1].replace("\\{", ""))]
        if written and not groups:
            return self._text_of(title)
        doubly = sum(len(group) > 1 for group in groups) > len(groups) / 2
        return protected(self._text_of(title), doubly=doubly)

    def _place(self, record: Record, kind: str) -> dict[str, str]:
        found: dict[str, str] = {}
        container = self._text_of(record.container)
        if kind in {"article", "review"}:
            journal = self._either("journaltitle", "journal")
            found[journal] = container or (self._journal_of_preprint(record) if record.arxiv else "")
        elif container:
            found["booktitle"] = container
        found["volume"], found["number"] = self._text_of(record.volume), self._text_of(record.issue)
        dash = most(
            (
                match[1]
                for entry in self._entries
                if (match := re.search(r"\d\s*(--|-|–)\s*\d", entry.values.get("pages", "")))
            ),
            "--",
        )
        found["pages"] = re.sub(r"\s*[-–—]+\s*", dash, self._text_of(record.pages)) or self._text_of(record.number)
        publisher = {
            "techreport": "institution",
            "report": "institution",
            "phdthesis": "school",
            "thesis": "institution",
        }.get(kind, "publisher")
        if (
            record.publisher
            and not record.arxiv
            and (publisher != "publisher" or kind == "book" or self._wants("publisher", kind))
        ):
            found[publisher] = self._text_of(record.publisher)
        return found

    def _journal_of_preprint(self, record: Record) -> str:
        """Return "arXiv preprint arXiv:…" where entries here say so."""
        for entry in reversed(self._entries):
            source = self._sources.get(entry.start)
            journal = entry.values.get("journal", "")[1:-1]
            if source is not None and source.arxiv and source.arxiv in journal:
                plain = re.sub(r"v\d+\b", "", journal).replace(source.arxiv, record.arxiv)
                return re.sub(r"\[[\w.-]+\]", f"[{record.arxiv_class}]" if record.arxiv_class else "", plain).strip()
        return ""

    def _date(self, record: Record, kind: str) -> dict[str, str]:
        year = record.year
        if self._either("date", "year") == "date" and (self.is_biblatex or self._count("date")):
            full = most(
                (value.count("-") for entry in self._entries if (value := entry.values.get("date", "").strip('{}"'))), 0
            )
            parts = record.date[: 1 + full] if record.date and str(record.date[0]) == year else ()
            return {"date": "-".join(f"{part:02}" for part in parts) or year}
        found = {"year": year}
        if len(record.date) > 1 and str(record.date[0]) == year and self._entries and self._wants("month", kind):
            written = most((entry.values["month"] for entry in self._entries if entry.values.get("month")), "jan")
            inside = written.strip('{}"')
            month = record.date[1]
            name = _MONTHS[month - 1] if len(inside) == 3 and inside.isalpha() else _LONG_MONTHS[month - 1]
            found["month"] = name if inside.isalpha() else str(month)
        return found

    def _identifiers(self, record: Record, kind: str) -> dict[str, str]:
        found: dict[str, str] = {}
        entries = len(self._entries)
        sources = list(self._sources.values())
        doi = "" if record.arxiv and record.doi.startswith("10.48550/") else record.doi
        urls = self._count("url")
        # Those that name a DOI by its address only have no field for it.
        by_address = sum(bool(source.doi) for source in sources) > 2 and not self._count("doi")
        if doi and not by_address:
            found["doi"] = self._doi(doi)
        if record.arxiv:
            found |= self._eprint(record, sources, kind)
        mine = [source for source in sources if (source.arxiv if record.arxiv and not doi else source.doi)]
        linked = sum(bool(source.url) for source in mine)
        address = (
            f"https://arxiv.org/abs/{record.arxiv}"
            if record.arxiv and not doi
            else doi_address(doi)
            if doi
            else record.url
        )
        is_named = bool({"doi", "eprint"} & found.keys() or (kind == "article" and self._journal_of_preprint(record)))
        if not is_named or (mine and linked > len(mine) / 2) or (not mine and urls > entries / 2):
            found["url"] = address
        return found

    def _doi(self, doi: str) -> str:
        """Return a DOI as it is written here: bare, or as an address."""
        written = (entry.values["doi"].strip('{}"')[:4].lower() for entry in self._entries if "doi" in entry.values)
        return doi_address(doi) if most(written, "10.") == "http" else doi

    def _eprint(self, record: Record, sources: Sequence[Source], kind: str) -> dict[str, str]:
        preprints = [source for source in sources if source.arxiv]
        uses = self._count("eprint")
        if preprints and not uses and (kind == "article" and self._journal_of_preprint(record)):
            return {}
        if len(preprints) >= _FEW and not uses:
            # They say it by their address.
            return {}
        archive = self._either("eprinttype", "archiveprefix")
        known = most(
            (entry.values[archive].strip('{}"') for entry in self._entries if archive in entry.values), "arXiv"
        )
        found = {"eprint": record.arxiv, archive: known if known.lower() == "arxiv" else "arXiv"}
        group = self._either("eprintclass", "primaryclass")
        with_group = sum(group in entry.values for entry in self._entries if "eprint" in entry.values)
        if record.arxiv_class and with_group >= _OFTEN * uses:
            found[group] = record.arxiv_class
        return found

    def _either(self, biblatex: str, bibtex: str) -> str:
        """Return the name that a field has here: biblatex's or BibTeX's."""
        one, other = self._count(biblatex), self._count(bibtex)
        return biblatex if one > other or (one == other and self.is_biblatex) else bibtex

    def _text_of(self, value: str) -> str:
        """Return a value as LaTeX; letters beyond ASCII are macros only where the file has none of them."""
        return as_latex(value, ascii_only=bool(self._entries) and self._text.isascii())

    def _person(self, name: Name, *, inverted: bool) -> str:
        family, given, suffix = (self._text_of(part) for part in (name.family, name.given, name.suffix))
        if name.literal or not given:
            # A particle is known by its small letter; other words before the last would be taken for given names.
            is_parted = "," in family or (" " in family and not family[:1].islower())
            if not name.literal and not is_parted:
                return family
            # One pair of braces around "Panel, The" is read as a person in braces, as many write them.
            once = f"{{{family}}}"
            return f"{{{once}}}" if any(each.given for each in read_bibtex_names(once)[0]) else once
        # A comma or "and" would part the name; so would words before the last that begin with a capital.
        parts = family.split()
        parted = "," in family or " and " in f" {family} "
        if inverted:
            return ", ".join(part for part in (f"{{{family}}}" if parted else family, suffix, _whole(given)) if part)
        family = f"{{{family}}}" if parted or (len(parts) > 1 and parts[0][:1].isupper()) else family
        return f"{_whole(given)} {family}{f' {suffix}' if suffix else ''}"


def _whole(given: str) -> str:
    return f"{{{given}}}" if "," in given or " and " in f" {given} " else given


_PLAINLY = frozenset("publisher doi primaryclass eprintclass".split())


def _is_doubly_braced(value: str) -> bool:
    return value.startswith(("{{", '"{')) and value.endswith(("}}", '}"')) and "}" not in value[2:-2]


def _is_preprint(entry: RawEntry, source: Source) -> bool:
    """Say whether an entry with an arXiv id is about the preprint, not about what was published."""
    venue = entry.values.get("journal", "") or entry.values.get("journaltitle", "") or entry.values.get("booktitle", "")
    return not venue or "arxiv" in venue.lower() or "corr" in venue.lower()


def _case(word: str) -> str:
    return "upper" if word.isupper() and len(word) > 1 else "title" if word[:1].isupper() else "lower"


def insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds the entry of a work where it belongs."""
    entry = BibTeXHand(text, sources).entry(record, key)
    gap = "\n" * (1 + _blank_lines_between(text, sources))
    return insert_block(path, text, sources, position(sources, record.as_source(key)), entry, gap)


def completion(path: str, text: str, sources: Sequence[Source], source: Source, record: Record) -> Edit:
    """Return the edit that makes an entry that of a record. Raises `CannotWriteError`."""
    return BibTeXHand(text, sources).completed(source, record)


def doi_insertion(path: str, text: str, source: Source, doi: str) -> Edit:
    """Return the edit that adds a DOI to the entry of a source. Raises `CannotWriteError`."""
    return _hand_of(path, text).with_doi(source, doi)


@lru_cache(maxsize=2)
def _hand_of(path: str, text: str) -> BibTeXHand:
    return BibTeXHand(text, read_bibtex(path, text)[0])


def _blank_lines_between(text: str, sources: Sequence[Source]) -> int:
    """Return how many blank lines stand between entries, most often."""
    gaps = (text[one.span.end : other.span.start] for one, other in pairwise(sources))
    return most((gap.count("\n") - 1 for gap in gaps if not gap.strip() and "\n" in gap), 1)
