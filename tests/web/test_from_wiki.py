"""`bib add --from-wiki`: questions about wanted works, what is taken, and what is never asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import program
import pytest
from web.fakes import Fakes, lead_to
from web.test_bib_add import BIB, DEEP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Call

PAGE = """\
# Nets

Nets are deep (LeCun et al. 2015). A robot may want to be switched off (Hadfield-Menell et al. 2017), and the
off-switch game says when (Hadfield-Menell et al. 2017). The lac operon is older (García-López & O’Neill 2020,
doi:10.5555/markup). Nobody knows this one (Unwritten 2011).
"""


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = tmp_path / "wiki"
    root.mkdir()
    (root / "references.bib").write_text(f"{BIB}\n{DEEP}")
    (root / "nets.md").write_text(PAGE)
    monkeypatch.chdir(root)
    with Fakes() as services:
        lead_to(services, monkeypatch)
        yield root


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let somebody answer on a terminal, and close the input after the last answer."""

    def answer(*answers: str) -> None:
        left = list(answers)

        def read() -> str:
            if not left:
                raise EOFError
            return left.pop(0)

        monkeypatch.setattr("wikitools.cli.bib_from_wiki.is_terminal", lambda _stream: True)
        monkeypatch.setattr("builtins.input", read)

    return answer


def test_works_are_asked_about_and_added(wiki: Path, typed: Callable[..., None], call: Call) -> None:
    typed("what", "1", "s")
    code, out, err = call("bib", "add", "--from-wiki")
    assert code == 0
    assert out.index("Hadfield-Menell et al. 2017: 2 citations on 1 page") < out.index("García-López & O’Neill 2020: 1")
    assert "  1  likely    10.24963/ijcai.2017/32  Hadfield-Menell" in out
    assert "Add which one? 1, s: skip, n: never, q: stop (2 left) [s] Please answer 1, s, n, q." in out
    assert "Unwritten" not in out
    assert out.count("\nadded ") + out.count("] added ") == 1
    assert "3 works wanted; proposals for 2" in err
    assert err.endswith("2 citations resolve now\n")
    assert "10.24963/ijcai.2017/32" in (wiki / "references.bib").read_text()


def test_what_was_refused_is_not_asked_again(wiki: Path, typed: Callable[..., None], call: Call) -> None:
    typed("n", "q")
    assert call("bib", "add", "--from-wiki")[0] == 0
    assert (wiki / "references.bib").read_text() == f"{BIB}\n{DEEP}"
    typed()
    code, out, err = call("bib", "add", "--from-wiki")
    assert (code, "2 works wanted; proposals for 1" in err) == (0, True)
    assert "Hadfield" not in out
    # The list for everybody still has it, and so has another wiki.
    assert "Hadfield-Menell et al. 2017: 2" in call("cite", "--unmatched", "--lookup")[1]
    assert {each.name for each in wiki.iterdir()} == {"references.bib", "nets.md"}


def test_what_was_refused_before_ctrl_c_is_remembered(
    wiki: Path, typed: Callable[..., None], call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("n")

    def interrupted() -> str:
        monkeypatch.setattr("builtins.input", stop)
        return "n"

    def stop() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    assert call("bib", "add", "--from-wiki")[0] == 130
    typed()
    assert "2 works wanted; proposals for 1" in call("bib", "add", "--from-wiki")[2]


def test_without_a_memory_it_says_that_nothing_is_remembered(
    wiki: Path, typed: Callable[..., None], call: Call
) -> None:
    typed("n", "q")
    assert 'answers of "never" are not remembered' in call("bib", "add", "--from-wiki", "--no-cache")[2]


@pytest.mark.slow
def test_on_a_terminal(wiki: Path) -> None:
    code, shown = program.on_terminal(
        "bib", "add", "--from-wiki", cwd=wiki, environment=program.environment(), typed="1\ns\n"
    )
    assert code == 0, shown
    assert "Add which one? 1, s: skip, n: never, q: stop (2 left) [s] " in shown
    assert "17off to references.bib: Hadfield-Menell" in shown
    assert "2 citations resolve now" in shown
    assert "10.24963/ijcai.2017/32" in (wiki / "references.bib").read_text()


def test_without_a_terminal_only_what_is_certain_is_added(wiki: Path, call: Call) -> None:
    code, _out, err = call("bib", "add", "--from-wiki")
    assert code == 2
    assert "needs a terminal" in err
    assert "--yes" in err
    code, out, err = call("bib", "add", "--from-wiki", "--yes")
    assert code == 0
    assert out.count("added ") == 1
    assert "García-López" in out
    # The identifier next to it is a citation as well.
    assert err.endswith("2 citations resolve now\n")


def test_when_nothing_is_certain_that_is_said(wiki: Path, call: Call) -> None:
    (wiki / "nets.md").write_text("Nets are deep (LeCun et al. 2015). So is (Hadfield-Menell et al. 2017).\n")
    before = (wiki / "references.bib").read_text()
    code, out, err = call("bib", "add", "--from-wiki", "--yes")
    assert (code, out) == (0, "")
    assert err.endswith(
        "1 work wanted; proposals for 1\n"
        "no work is certain, and nothing was added; without --yes, each is asked about\n"
    )
    (wiki / "nets.md").write_text("Nobody knows this one (Unwritten 2011).\n")
    assert call("bib", "add", "--from-wiki", "--yes")[2].endswith("no work is certain, and nothing was added\n")
    assert (wiki / "references.bib").read_text() == before


@pytest.mark.parametrize("arguments", [["--from-wiki", "10.5555/markup"], ["--yes", "10.5555/markup"]])
def test_options_that_do_not_go_together(arguments: list[str], wiki: Path, call: Call) -> None:
    assert call("bib", "add", *arguments)[0] == 2
