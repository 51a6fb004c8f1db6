"""The real services, for those who have a network: WIKITOOLS_LIVE=1 pytest tests/live

What they answer changes; here it is only asked that they still answer in the shapes that we read.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest

from wikitools.web.asking import Web
from wikitools.web.client import Client
from wikitools.web.lookup_result import Here, Nothing
from wikitools.web.memory import Memory
from wikitools.web.services import SERVICES, paces_of
from wikitools.web.works import crossref, datacite, open_library
from wikitools.web.works.by_identifier import records

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# The environment is read before tests take these variables away.
LIVE = os.environ.get("WIKITOOLS_LIVE") == "1"
pytestmark = pytest.mark.skipif(not LIVE, reason="asks real services; WIKITOOLS_LIVE=1 runs it")


def ask(question: Callable[[Web], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Client(paces=paces_of(SERVICES)) as client:
            return await question(Web(client, Memory()))

    return asyncio.run(run())


def test_works_by_their_identifiers() -> None:
    wanted = {
        "doi:10.1038/nature14539": "Deep learning",
        "doi:10.14454/3w3z-sa82": "DataCite Metadata Schema",
        "arxiv:1906.01820": "Risks from Learned Optimization",
        "arxiv:hep-th/9901001": "",
        "pmid:26017442": "Deep learning",
        "isbn:9780199678112": "Superintelligence",
    }
    found = ask(lambda web: records(web, [*wanted, "doi:10.1038/no-such-work-of-ours", "arxiv:1906.99999"]))
    for subject, title in wanted.items():
        said = found[subject]
        assert isinstance(said, Here), (subject, said)
        assert said.what.title.startswith(title), subject
        assert said.what.names, subject
        assert said.what.years, subject
    assert isinstance(found["doi:10.1038/no-such-work-of-ours"], Nothing)
    assert isinstance(found["arxiv:1906.99999"], Nothing)


def test_many_in_one_request() -> None:
    dois = ["10.1038/nature14539", "10.1016/s0140-6736(97)11096-0", "10.24963/ijcai.2017/32"]
    found = ask(lambda web: crossref.records(web, dois))
    assert all(isinstance(each, Here) for each in found.values()), found
    assert any(notice.kind == "retracted" for notice in found[dois[1]].what.notices)


def test_searches() -> None:
    found = ask(lambda web: crossref.search(web, title="Deep learning", author="LeCun", years=(2014, 2016)))
    assert isinstance(found, Here)
    assert any(work.doi == "10.1038/nature14539" for work in found.what)
    books = ask(lambda web: open_library.search(web, title="Superintelligence", author="Bostrom"))
    assert isinstance(books, Here)
    questions = {(("Ngo", "Mindermann"), "2022"): "2209.00626", (("Hubinger",), "2019"): "1906.01820"}
    preprints = ask(lambda web: datacite.search(web, questions))
    for question, arxiv in questions.items():
        assert isinstance(preprints[question], Here)
        assert any(work.arxiv == arxiv for work in preprints[question].what)
