"""Writes new entries for bibliographies of all formats, each in the style of the existing entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wikitools.sources.writers.write_error import CannotWriteError
from wikitools.text import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikitools.sources.record import Record
    from wikitools.sources.source import Source


def insertion(path: str, text: str, sources: Sequence[Source], record: Record, key: str) -> Edit:
    """Return the edit that adds a work to a bibliography with this text and these sources, in its style.

    Raises `CannotWriteError`.
    """
    if "\r" in text and "\n" not in text:
        # Line ends of old Macs.
        edit = insertion(path, text.replace("\r", "\n"), sources, record, key)
        return Edit(edit.span, edit.text.replace("\n", "\r"))
    name = path.lower()
    if record.note and not name.endswith((".bib", ".bibtex", ".biblatex")):
        raise CannotWriteError(f"{path}: an entry from a citation alone can be marked as such in BibTeX files only")
    if name.endswith((".bib", ".bibtex", ".biblatex")):
        from wikitools.sources.writers import bibtex

        return bibtex.insertion(path, text, sources, record, key)
    if name.endswith((".json", ".csljson")):
        from wikitools.sources.writers import csl_json

        return csl_json.insertion(path, text, sources, record, key)
    if name.endswith(".ris"):
        from wikitools.sources.writers import ris

        return ris.insertion(path, text, sources, record, key)
    if name.endswith((".csv", ".tsv", ".tab")):
        from wikitools.sources.writers import csv_row

        return csv_row.insertion(path, text, sources, record, key)
    if name.endswith((".yaml", ".yml")):
        from wikitools.sources.readers.yaml_forms import yaml_form
        from wikitools.sources.writers import yaml_entry

        if text.lstrip("\ufeff\r\n ")[:1] in ("[", "{"):
            raise CannotWriteError(
                "its entries are in brackets; entries can only be added to YAML with one entry per block of lines"
            )
        match yaml_form(path, text):
            case "csl":
                return yaml_entry.csl_insertion(path, text, sources, record, key)
            case "hayagriva":
                return yaml_entry.hayagriva_insertion(path, text, sources, record, key)
    raise CannotWriteError("works can be added to BibTeX, CSL-JSON, CSL-YAML, Hayagriva, RIS and CSV files only")


def completion(path: str, text: str, sources: Sequence[Source], source: Source, record: Record) -> Edit:
    """Return the edit that makes the entry of a source, which is incomplete, the whole entry of its work.

    It keeps its key, and the fields that registries do not have. Raises `CannotWriteError`.
    """
    name = path.lower()
    if name.endswith((".bib", ".bibtex", ".biblatex")):
        from wikitools.sources.writers import bibtex

        return bibtex.completion(path, text, sources, source, record)
    if name.endswith((".json", ".csljson")):
        from wikitools.sources.writers import csl_json

        return csl_json.completion(path, text, sources, source, record)
    raise CannotWriteError("entries can be completed in BibTeX and CSL-JSON files only")


def doi_insertion(path: str, text: str, sources: Sequence[Source], source: Source, doi: str) -> Edit:
    """Return the edit that adds a DOI to the entry of one of the sources of a bibliography, in the file's style.

    Raises `CannotWriteError`.
    """
    name = path.lower()
    if name.endswith((".bib", ".bibtex", ".biblatex")):
        from wikitools.sources.writers import bibtex

        return bibtex.doi_insertion(path, text, source, doi)
    if name.endswith((".json", ".csljson")):
        from wikitools.sources.writers import csl_json

        return csl_json.doi_insertion(path, text, sources, source, doi)
    if name.endswith(".ris"):
        from wikitools.sources.writers import ris

        return ris.doi_insertion(path, text, sources, source, doi)
    if name.endswith((".yaml", ".yml")):
        from wikitools.sources.readers.yaml_forms import yaml_form
        from wikitools.sources.writers import yaml_entry

        match yaml_form(path, text):
            case "csl":
                return yaml_entry.csl_doi_insertion(path, text, source, doi)
            case "hayagriva":
                return yaml_entry.hayagriva_doi_insertion(path, text, source, doi)
    raise CannotWriteError("a DOI can be added in BibTeX, CSL-JSON, CSL-YAML, Hayagriva and RIS files and source notes")
