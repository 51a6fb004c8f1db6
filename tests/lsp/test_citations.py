"""Citations in an editor: proposals in the page's manner, what they mean, and where else they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsp.editor import CODE, Editor, applied, edit
from lsprotocol import types

from wikitools.block.manner import Manner, manner_of
from wikitools.lint.facts import facts_of
from wikitools.lsp.cite import Begun
from wikitools.lsp.meaning_only import meaning_only
from wikitools.wiki.resolution import Found

if TYPE_CHECKING:
    from pathlib import Path

BIB = """\
@article{doe2019, author = {Doe, Ann and Fox, Cy and Gnu, Di}, title = {Tides}, year = {2019}}
@book{roe2001, author = {Roe, Jo and Poe, Al}, title = {Waves}, year = {2001}}
@book{one2005, author = {One, Max}, title = {Sands}, year = {2005}}
@book{four2006, author = {Four, A. and Five, B. and Six, C. and Seven, D.}, title = {Many}, year = {2006}}
"""


def manner(text: str) -> Manner:
    facts = facts_of({"a.md": text, "refs.bib": BIB})
    return manner_of(facts.cited["a.md"])


@pytest.mark.parametrize(
    ("text", "one", "two", "three", "four"),
    [
        ("Nothing.", "One 2005", "Roe and Poe 2001", "Doe et al. 2019", "Four et al. 2006"),
        ("(One, 2005; Roe & Poe, 2001)", "One, 2005", "Roe & Poe, 2001", "Doe et al., 2019", "Four et al., 2006"),
        (
            "(Doe, Fox, and Gnu 2019; Four et al. 2006)",
            "One 2005",
            "Roe and Poe 2001",
            "Doe, Fox, and Gnu 2019",
            "Four et al. 2006",
        ),
        (
            "(Kay & Lee, 2018), (Orr, Pim & Quin, 2017)",  # no source of theirs is known
            "One, 2005",
            "Roe & Poe, 2001",
            "Doe, Fox, & Gnu, 2019",
            "Four et al., 2006",
        ),
        ("(Roe et al. 2001)", "One 2005", "Roe et al. 2001", "Doe et al. 2019", "Four et al. 2006"),
    ],
)
def test_a_citation_is_written_in_the_manner_of_the_page(text: str, one: str, two: str, three: str, four: str) -> None:
    facts = facts_of({"a.md": text, "refs.bib": BIB})
    by_key = {source.key: source for source in facts.bibliography.sources}
    found = manner(text)
    keys = ("one2005", "roe2001", "doe2019", "four2006")
    assert [found.write(by_key[key], narrative=False) for key in keys] == [one, two, three, four]
    assert found.write(by_key["one2005"], narrative=True) == "One (2005)"


def test_counts_can_be_taken_back() -> None:
    one, other = manner("(One, 2005)"), manner("(Doe et al. 2019)")
    assert (one + other) - other == one
    assert Manner().or_else(one) == one


def test_no_name_that_was_typed_is_inserted_again() -> None:
    names = ["van den Berg", "World Health Organization"]
    typed = {
        "so van den Ber": "van den Ber",
        "(Van den Berg & World Hea": "Van den Berg & World Hea",
        "the Health Org": "Health Org",
        "Poe and World": "World",
        "van der Ber": "Ber",
    }
    assert {line: Begun(line, line.split()[-1]).of(names) for line in typed} == typed


ALIKE = """\
@book{kay2019a, author = {Kay, Ann and Lee, Bo}, title = {Silt}, year = {2019}}
@book{kay2019b, author = {Kay, Ann and Lee, Bo}, title = {Clay}, year = {2019}}
@book{orr18a, author = {Orr, Jo}, title = {Kelp}, year = {2018}, doi = {10.1000/kelp}}
@book{orr18b, author = {Orr, Jo}, title = {Moss}, year = {2018}}
@book{pim17, author = {Pim, Cy}, title = {Fern}, year = {2017}}
"""


@pytest.mark.parametrize(
    ("key", "page", "written", "single"),
    [
        ("kay2019a", "", "Kay and Lee (2019)", "Kay and Lee (2019a)"),
        ("kay2019b", "", "Kay and Lee, 2019", "Kay and Lee, 2019b"),
        ("orr18a", "", "Orr (2018)", "[Orr (2018)](https://doi.org/10.1000/kelp)"),
        ("orr18a", "[@pim17]", "Orr 2018", "@orr18a"),
        ("orr18b", "", "Orr 2018", "@orr18b"),
        ("orr18b", "See [@orr18b].", "Orr (2018)", "@orr18b"),
        ("pim17", "", "Pim (2017)", ""),
    ],
)
def test_what_fits_several_works_is_written_to_mean_one(key: str, page: str, written: str, single: str) -> None:
    facts = facts_of({"a.md": page, "refs.bib": ALIKE})
    source = next(each for each in facts.bibliography.sources if each.key == key)
    usual = manner_of(facts.cited["a.md"]).pointers
    assert meaning_only(source, written, "a.md", facts, usual, narrative="(" in written) == single
    if single:
        text = single if "(2" in written else f"(see {single})"
        (cited,) = facts_of({"a.md": text, "refs.bib": ALIKE}).cited["a.md"]
        assert isinstance(cited.resolution, Found)
        assert cited.resolution.target.key == key


@pytest.mark.slow
def test_a_year_that_follows_is_not_repeated(wiki: Path) -> None:  # one session is a second
    (wiki / "refs.bib").write_text(ALIKE)
    (wiki / "new.md").write_text("Pim (2017) and Orr (2018)\n\nPim (2016), (Pim, 2017)\n\n(Doe & Roe, 2019)\n\n(Kay)\n")

    async def scenario(editor: Editor) -> None:
        for path in ("new.md", "waves.md", "tides.md"):
            editor.open(path)
            await editor.published(path)
        assert await editor.complete("new.md", 0, 3) == {"Pim, 2017": "Pim"}
        assert await editor.complete("new.md", 2, 3) == {"Pim, 2017": "Pim (2017)"}
        assert await editor.complete("new.md", 2, 16) == {"Pim, 2017": "Pim"}
        # The whole is written anew where a name is not enough.
        params = types.CompletionParams(editor.document("new.md"), types.Position(0, 18))
        found = await editor.client.text_document_completion_async(params)
        assert isinstance(found, types.CompletionList)
        edits = [each.text_edit for each in found.items if isinstance(each.text_edit, types.TextEdit)]
        assert [applied("Pim (2017) and Orr (2018)", [each]) for each in edits] == [
            "Pim (2017) and [Orr (2018)](https://doi.org/10.1000/kelp)",
            "Pim (2017) and @orr18b",
        ]
        # No source of the only citation on the page is known: it is written as the page writes, all the same.
        assert await editor.complete("new.md", 6, 4) == {
            "Kay & Lee, 2019 @kay2019a": "Kay & Lee, 2019a",
            "Kay & Lee, 2019 @kay2019b": "Kay & Lee, 2019b",
        }

    edit(wiki, scenario)


@pytest.mark.slow
def test_citations(wiki: Path) -> None:  # one session is a second
    (wiki / "new.md").write_text("# New\n\n(Doe et al., 2019; x)\n\n`cod` <!-- com --> and fo\n\n[@]\n")

    async def scenario(editor: Editor) -> None:
        for path in ("new.md", "waves.md", "tides.md"):
            editor.open(path)
            await editor.published(path)
        # Two letters are too few, and what is no prose is left alone; case plays no part.
        assert await editor.complete("new.md", 4, 25) == {}
        assert await editor.complete("new.md", 4, 4) == {}
        assert await editor.complete("new.md", 4, 14) == {}
        editor.type("new.md", 2, ((4, 25), (4, 25), "x"))
        assert await editor.complete("new.md", 4, 26) == {"Doe et al., 2019": "Doe et al. (2019)"}
        # In brackets without brackets; what the page cites first, then what the wiki cites.
        editor.type("new.md", 3, ((2, 19), (2, 20), "Doe"))
        assert await editor.complete("new.md", 2, 22) == {
            "Doe et al., 2019": "Doe et al., 2019",
            "Doeringer, 2005": "Doeringer, 2005",
        }
        # By key: without a letter all, else by the key, or by the name of any author.
        assert [*await editor.complete("new.md", 6, 2)] == ["doe2019", "roe2001", "doeringer2005"]
        editor.type("new.md", 4, ((6, 2), (6, 2), "po"))
        assert await editor.complete("new.md", 6, 4) == {"roe2001": "roe2001"}
        params = types.CompletionParams(editor.document("new.md"), types.Position(6, 4))
        found = await editor.client.text_document_completion_async(params)
        assert isinstance(found, types.CompletionList)
        assert found.is_incomplete
        item = await editor.client.completion_item_resolve_async(found.items[0])
        assert isinstance(item.documentation, types.MarkupContent)
        assert "Roe and Poe (2001). **Of Waves**" in item.documentation.value
        # What it means, on which evidence, and who else cites it.
        shown = await editor.hover("waves.md", 2, 5)
        assert "Doe, Fox and Gnu (2019). **On Tides**. *Seas*." in shown
        assert "<https://doi.org/10.1000/tides>" in shown
        assert "Matched by authors and year" in shown
        assert "Also cited on new.md, tides.md" in shown
        assert await editor.hover("waves.md", 0, 2) == ""
        # There, and back.
        at = editor.at("waves.md", 2, 40)
        places = await editor.client.text_document_definition_async(types.DefinitionParams(*at))
        assert isinstance(places, tuple | list)
        assert [editor.place(each)[0] for each in places if isinstance(each, types.Location)] == ["refs.bib"]
        context = types.ReferenceContext(include_declaration=False)
        cited = await editor.client.text_document_references_async(
            types.ReferenceParams(context, *editor.at("waves.md", 2, 5))
        )
        assert sorted(editor.uri(each) for each in ("new.md", "tides.md", "waves.md")) <= [
            each.uri for each in cited or ()
        ]
        editor.open("refs.bib", language="bibtex")
        assert await editor.published("refs.bib") == []
        from_entry = await editor.client.text_document_references_async(
            types.ReferenceParams(context, *editor.at("refs.bib", 0, 12))
        )
        assert from_entry == cited
        marks = await editor.client.text_document_document_highlight_async(
            types.DocumentHighlightParams(*editor.at("new.md", 2, 3))
        )
        assert len(marks or ()) == 1

    edit(wiki, scenario)


@pytest.mark.slow
def test_another_server_may_do_links(wiki: Path) -> None:
    async def scenario(editor: Editor) -> None:
        assert editor.capabilities.rename_provider is None
        assert editor.capabilities.document_symbol_provider is None
        assert editor.capabilities.completion_provider is not None
        assert list(editor.capabilities.completion_provider.trigger_characters or ()) == ["@"]
        editor.open("waves.md")
        await editor.published("waves.md")
        assert await editor.hover("waves.md", 4, 35) == ""
        assert "On Tides" in await editor.hover("waves.md", 2, 5)

    edit(wiki, scenario, like=CODE, arguments=["--no-navigation"])
