"""Writes a new source note in the form of the existing ones: folder, name, front matter keys and their form."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from wikitools.sources.identifiers import doi_address
from wikitools.sources.readers import note_fields as reader
from wikitools.sources.writers.entry_habits import NameHabits, line_end, most, ordered, placed
from wikitools.sources.writers.key_style import Work, find_key_style, plain_letters
from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from wikitools.sources.names import Name
    from wikitools.sources.record import Record
    from wikitools.sources.source import Source

_FENCED = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_ENTRY = re.compile(r"^([\w-]+):[ \t]*(.*(?:\n(?:[ \t]+|- ).*)*)", re.MULTILINE)
_NOT_IN_NAMES = re.compile(r"[\\/:*?\"<>|#^\[\]\x00-\x1f]+")
_USUAL = (
    *(*reader.KEYS, *reader.TITLES, *reader.AUTHORS, *reader.YEARS, *reader.DATES, *reader.VENUES, *reader.URLS),
    *("doi", "arxiv", "isbn"),
)
_SPECIAL = re.compile(r"^[\s\-?:,\[\]{}#&*!|>'\"%@`]|:(?:\s|$)|\s#|\s$")
"""Characters that have another meaning in YAML values without quotes."""
_OFTEN = 0.5
_ALL_BUT = 0.8
_LONGEST_NAME = 120


class Note(NamedTuple):
    """An existing source note."""

    path: str
    text: str
    source: Source


class NewNote(NamedTuple):
    """A new source note."""

    path: str
    text: str


def new_note(notes: Sequence[Note], record: Record, key: str, taken: Collection[str]) -> NewNote:
    """Return the note of a work in the form of most existing notes; `taken` are paths in use.

    Keys whose value is the same in nearly all notes (`type: source`) are copied; others that the registry does not fill
    are left out. Raises `CannotWriteError` if there is no note as a model, or if the name is taken.
    """
    shaped = [(note, found[1]) for note in notes if (found := _FENCED.match(note.text)) is not None]
    if not shaped:
        raise CannotWriteError("there is no source note with a front matter to go by")
    heads = [dict(_ENTRY.findall(head.replace("\r\n", "\n"))) for _note, head in shaped]
    counts = Counter(name for head in heads for name in head)
    names = [name for name, count in counts.items() if count >= _OFTEN * len(heads)]
    form = _Head(heads, record, key, NameHabits([note.source for note in notes]))
    values = {name: value for name in names if (value := form.value(name))}
    values |= form.identifiers(values)
    order = ordered(values, [list(head) for head in heads], _USUAL)
    lines = [f"{name}:{'' if values[name].startswith(chr(10)) else ' '}{values[name]}" for name in order]
    text = "\n".join(("---", *lines, "---", "", *_body([note for note, _head in shaped], record)))
    folder = most((note.path.rpartition("/")[0] for note in notes), "")
    path = f"{folder}/" * bool(folder) + f"{_stem(notes, record)}.md"
    if path.casefold() in {each.casefold() for each in taken}:
        raise CannotWriteError(f"{path} already exists")
    return NewNote(path, text.replace("\n", line_end(notes[-1].text)))


def doi_insertion(note: Note, models: Sequence[str], doi: str) -> Edit:
    """Return the edit that adds a DOI to the front matter of a note, as notes with one have it.

    `models` are the texts of other notes. Raises `CannotWriteError`.
    """
    fenced = _FENCED.match(note.text)
    if fenced is None:
        raise CannotWriteError("the note has no front matter")
    entries = list(_ENTRY.finditer(note.text, fenced.start(1), fenced.end(1)))
    heads = [dict(_ENTRY.findall(found[1].replace("\r\n", "\n"))) for text in models if (found := _FENCED.match(text))]
    shown = most((name for head in heads for name in head if name.lower() == "doi"), "doi")
    raw = [head[shown].strip("\"' ") for head in heads if shown in head]
    value = doi_address(doi) if most((each.startswith("http") for each in raw), False) else doi
    at = placed(
        shown, [entry[1] for entry in entries], map(list, heads), [each if each != "doi" else shown for each in _USUAL]
    )
    start = entries[at].start() if at < len(entries) else fenced.end(1)
    quoted = scalar(value, [head[shown] for head in heads if shown in head])
    return Edit(Span(note.path, start, start), f"{shown}: {quoted}{line_end(note.text)}")


def _body(notes: Sequence[Note], record: Record) -> list[str]:
    """Return what stands below the head: the title as a heading, where most notes have it."""
    titled = 0
    for note in notes:
        below = note.text[_FENCED.match(note.text).end() :].lstrip()  # type: ignore[union-attr]  # it matched before
        titled += below.startswith(f"# {note.source.title}")
    return [f"# {record.title}", ""] if titled > _OFTEN * len(notes) else []


# The head


class _Head:
    """Writes the values of a front matter as other notes do."""

    def __init__(self, heads: Sequence[Mapping[str, str]], record: Record, key: str, habits: NameHabits) -> None:
        self._heads = heads
        self._record = record
        self._key = key
        self._habits = habits

    def value(self, name: str) -> str:
        """Return the value for a key, as written; "" where nothing is known of it."""
        raw = [head[name] for head in self._heads if name in head]
        role, record = name.lower(), self._record
        if role in reader.KEYS:
            marked = most((each.strip("\"'").startswith("@") for each in raw), False)
            return scalar(f"{'@' * marked}{self._key}", raw)
        if role in reader.TITLES:
            return scalar(record.title, raw)
        if role in reader.AUTHORS:
            return self._people(raw)
        if role in reader.YEARS or role in reader.DATES:
            full = most((bool(re.search(r"\d{4}-\d\d-\d\d", each)) for each in raw), False)
            whole = len(record.date) == 3 and str(record.date[0]) == record.year
            return scalar("-".join(f"{part:02}" for part in record.date) if full and whole else record.year, raw)
        if role == "doi":
            address = most((each.strip("\"'").startswith("http") for each in raw), False)
            doi = "" if record.doi.startswith("10.48550/") else record.doi
            return scalar(doi_address(doi) if doi and address else doi, raw)
        if role in ("arxiv", "arxiv_id", "arxiv-id"):
            return scalar(record.arxiv, raw)
        if role in reader.URLS:
            return scalar(self._address(), raw)
        if role in ("isbn", "publisher", "volume", "issue", "pages"):
            isbn = next(iter(record.isbn), "")
            return scalar(isbn if role == "isbn" else str(getattr(record, role)), raw)
        if role in reader.VENUES:
            return scalar(record.container, raw)
        usual, count = Counter(raw).most_common(1)[0]
        if len(raw) < 3:
            return ""
        return usual if count >= _ALL_BUT * len(raw) else _common_items(raw)

    def identifiers(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return a key for the work's identifier where no other one of the note's holds it."""
        record = self._record
        known = "".join(values.values())
        if record.arxiv and record.arxiv not in known:
            return {"arxiv": f'"{record.arxiv}"'}
        if record.doi and not record.arxiv and record.doi not in known:
            return {"doi": record.doi}
        if record.isbn and not (record.doi or record.arxiv) and record.isbn[0] not in known:
            return {"isbn": f'"{record.isbn[0]}"'}
        return {}

    def _address(self) -> str:
        record = self._record
        if record.arxiv and (not record.doi or record.doi.startswith("10.48550/")):
            return f"https://arxiv.org/abs/{record.arxiv}"
        return doi_address(record.doi) if record.doi else record.url

    def _people(self, raw: Sequence[str]) -> str:
        names, more = self._habits.shown(self._record.names or self._record.editors)
        linked = most(("[[" in each for each in raw), False)
        items = [item for each in raw for item in re.split(r"\n[ \t]*- |[\[\];]", each) if item.strip()]
        inverted = most(("," in item.strip(" ,\"'") for item in items if len(item.split()) < 5), False)
        shown = [_person(name, inverted=inverted) for name in names]
        shown = [f"[[{each}]]" for each in shown] if linked else shown
        shown += ["et al."] * more
        if not shown:
            return ""
        block = [match[1] for each in raw if (match := re.match(r"\n?([ \t]*)- ", each.lstrip(" ")))]
        if len(block) > len(raw) / 2:
            return "".join(f"\n{most(block, '  ')}- {scalar(each, items)}" for each in shown)
        if most((each.startswith("[") and not each.startswith("[[") for each in raw), False):
            return f"[{', '.join(scalar(each, items, listed=True) for each in shown)}]"
        signs = ("; " if ";" in each else ", " if "," in each or " and " not in each else " and " for each in raw)
        between = most(signs, ", ")
        return scalar(("; " if inverted and between == ", " else between).join(shown), raw)


def _common_items(raw: Sequence[str]) -> str:
    """Return the list of the items that nearly all of these lists have, as most are written; "" if there are none."""
    lists = [_LISTED.findall(each) for each in raw if _IS_LIST.match(each)]
    counts = Counter(item for items in lists for item in dict.fromkeys(items))
    common = [item for item, count in counts.items() if count >= _ALL_BUT * len(raw)]
    if not common:
        return ""
    block = [match[1] for each in raw if (match := re.match(r"\n?([ \t]*)- ", each.lstrip(" ")))]
    if 2 * len(block) > len(raw):
        return "".join(f"\n{most(block, '  ')}- {item}" for item in common)
    return f"[{', '.join(common)}]"


_IS_LIST = re.compile(r"\s*(?:\[(?!\[)[^\[\]{}]*\]\s*|(?:- [^\n]*(?:\n\s*)?)+)\Z")
_LISTED = re.compile(r"(?:(?<=\[)|(?<=,)|(?:(?<=\n)|^)[ \t]*-)[ \t]*([^\n,\[\]]*[^\s,\[\]])")


def scalar(value: str, raw: Sequence[str], *, listed: bool = False) -> str:
    """Return a value for a front matter in the quotes that others (`raw`) have, or that it needs."""
    if not value:
        return ""
    quote = most((sign if (sign := each.strip()[:1]) in "\"'" else "" for each in raw if each.strip()), "")
    needs = _SPECIAL.search(value) is not None or (listed and re.search(r"[,\[\]{}]", value) is not None)
    if not quote and not needs:
        return value
    if quote == "'" and "\n" not in value:
        doubled = value.replace("'", "''")
        return f"'{doubled}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _person(name: Name, *, inverted: bool) -> str:
    if name.literal or not name.given:
        return name.family
    if inverted:
        return f"{name.family}, {name.given}"
    return " ".join(part for part in (name.given, name.family, name.suffix) if part)


# The name of the file


def _file_name(text: str) -> str:
    return " ".join(_NOT_IN_NAMES.sub(" ", text).split())[:_LONGEST_NAME].rstrip(" .")


def _slug(text: str, between: str = "-") -> str:
    words = re.findall(r"[^\W_]+", plain_letters(text.replace("'", "").replace("’", "")).lower())
    return between.join(words)[:_LONGEST_NAME].strip(between)


def _family(work: Work) -> str:
    return work.names[0].family if work.names else ""


def _cited(work: Work) -> str:
    families = [name.family for name in work.names]
    if len(families) > 2:
        return f"{families[0]} et al."
    return " and ".join(families)


_STEMS: tuple[Callable[[Work], str], ...] = (
    lambda work: _file_name(work.title),
    lambda work: _slug(work.title),
    lambda work: _slug(work.title, "_"),
    lambda work: _slug(work.title.partition(":")[0]),
    lambda work: _file_name(work.title.partition(":")[0]),
    lambda work: f"{_cited(work)} {work.year}",
    lambda work: f"{_cited(work)} ({work.year})",
    lambda work: f"{_family(work)} {work.year}",
    lambda work: _file_name(f"{_cited(work)} {work.year} - {work.title}"),
    lambda work: _file_name(f"{_family(work)} {work.year} - {work.title}"),
    lambda work: _file_name(f"{_family(work)} ({work.year}) - {work.title}"),
    lambda work: _file_name(f"{work.year} - {work.title}"),
    lambda work: f"{_slug(_family(work))}-{work.year}-{_slug(work.title)}",
    lambda work: f"{work.year}-{_slug(work.title)}",
    lambda work: f"{_slug(work.title)}-{work.year}",
)


def _stem(notes: Sequence[Note], record: Record) -> str:
    """Return the name for the file, without its suffix: in the form that makes most names that are there."""
    known = [(note.path.rpartition("/")[2].removesuffix(".md"), _work(note.source)) for note in notes]
    marked = most((stem.startswith("@") for stem, _work in known), False)
    bare = [(stem.removeprefix("@") if marked else stem, work) for stem, work in known]
    work = Work(record.names or record.editors, record.year, record.title)
    best = max(_STEMS, key=lambda form: sum(form(work) == stem for stem, work in bare))
    hits = sum(best(other) == stem for stem, other in bare)
    style = find_key_style(bare)
    if hits < _OFTEN * len(bare) and style is not None and (made := style.make(work)):
        return f"{'@' * marked}{made}"
    if hits:
        return f"{'@' * marked}{best(work)}"
    slugs = sum(stem == _slug(stem) for stem, _work in bare)
    return _slug(record.title) if slugs > _OFTEN * len(bare) else _file_name(record.title)


def _work(source: Source) -> Work:
    return Work(source.names, next((year for year in source.years if year.isdigit()), ""), source.title)
