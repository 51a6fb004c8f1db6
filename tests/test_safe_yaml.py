"""YAML within limits: the heads of pages and bibliographies refuse the same texts, and read the same others."""

from __future__ import annotations

import pytest

from wikitools.markdown.frontmatter import read_front_matter
from wikitools.markdown.safe_yaml import DEEPEST, Budget, YamlError, compose
from wikitools.sources.readers.yaml_entries import read_yaml

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 24))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("[" * DEEPEST + "]" * DEEPEST, ""),
        ("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2), "it nests too deep"),
        ("[" * 100_000, "it nests too deep"),
        ("{" * 100_000, "it nests too deep"),
        ("\n  " + "- " * 100_000, "it nests too deep"),
        ("\n  " + "? " * 100_000, "it nests too deep"),
        ("\n" + "".join(f"{' ' * n}a:\n" for n in range(2, 300)), "it nests too deep"),
        ("&a [*a]", "it nests too deep"),
        ("*nobody", "alias"),
        ("x: y: z", "mapping values"),
        (f"x\n{BOMB}", "with aliases followed"),
        ("&x [1, 2]\nother: *x", ""),
    ],
)
def test_pages_and_bibliographies_refuse_the_same(value: str, says: str) -> None:
    text = f"id: {value}\n"
    *_, problems = read_front_matter("a.md", f"---\n{text}---\n")
    _parts, malformed = read_yaml("refs.yaml", text)
    if says:
        assert says in problems[0].message
    # A bibliography is then read entry by entry, and says of each what is wrong with it.
    assert bool(problems) == bool(malformed) == bool(says)


def test_what_is_wrong_has_its_place() -> None:
    with pytest.raises(YamlError, match="control character") as raised:
        compose("a: b\nc: \x07\n")
    assert (raised.value.start, raised.value.end) == (8, 9)
    tree = compose("a: 1")
    with pytest.raises(YamlError, match="too deep"):
        Budget("a: 1").enter(tree, DEEPEST + 1)
