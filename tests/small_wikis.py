"""Small wikis of any engine, links on their pages, and answers as tables of cases show them."""

from __future__ import annotations

from wikitools.markdown.page import Field, Page, Wikilink
from wikitools.text import Span
from wikitools.wiki.resolution import Ambiguous, Found, Resolution
from wikitools.wiki.wiki import Wiki


def page(path: str, text: str = "", **fields: object) -> Page:
    return Page(path, text, front_matter={key: Field(value, Span(path, 0, 0)) for key, value in fields.items()})


def wiki(engine: str, *files: Page | str) -> Wiki:
    pages = [file for file in files if isinstance(file, Page)]
    pages += [Page(file, "") for file in files if isinstance(file, str) and file.lower().endswith(".md")]
    others = [file for file in files if isinstance(file, str) and not file.lower().endswith(".md")]
    return Wiki(pages, attachments=others, engine=engine)


def shown(answer: Resolution[str]) -> object:
    if isinstance(answer, Found):
        return answer.target
    return answer.candidates if isinstance(answer, Ambiguous) else str(answer.why)


def link(written: str, path: str) -> Wikilink:
    target, bar, label = written.partition("|")
    target, hash_sign, anchor = target.partition("#")
    return Wikilink(Span(path, 0, 1), target, anchor if hash_sign else None, label if bar else None)
