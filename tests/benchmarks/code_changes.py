"""The small changes of Python files that `mutants.py` tries: one operator, number or statement at a time."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

REPOSITORY = Path(__file__).parent.parent.parent
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file: its text before and after."""

    path: str
    line: int
    last_line: int
    node: int
    """The place of the node among all that may be changed."""
    variant: int

    def __str__(self) -> str:
        tree = _tree(self.path)
        node = next(islice(_code(tree), self.node, None))
        before = ast.unparse(node).splitlines()[0]
        after = ast.unparse(_changes(node)[self.variant]()).splitlines()[0]
        return f"{self.path}:{self.line}: {before}  →  {after}"

    def code(self) -> CodeType:
        """Return the whole file with the change made, compiled."""
        tree = _tree(self.path)
        node = next(islice(_code(tree), self.node, None))
        replaced = _changes(node)[self.variant]()
        if replaced is not node:
            _put(tree, node, replaced)
        return compile(ast.fix_missing_locations(tree), str(REPOSITORY / self.path), "exec", dont_inherit=True)


def mutants(path: str) -> Iterator[Mutant]:
    """Yield all mutants of a file, in order."""
    for number, node in enumerate(_code(_tree(path))):
        line, end = node.lineno, node.end_lineno or node.lineno
        # What comes below a condition is not changed with it.
        last = node.test.end_lineno or line if isinstance(node, ast.If | ast.While) else end
        for variant in range(len(_changes(node))):
            yield Mutant(path, line, last, number, variant)


def _tree(path: str) -> ast.Module:
    return ast.parse(_text_of(path))


@cache
def _text_of(path: str) -> str:
    """Return the text of a file as it was when it was first asked for: it may be edited while its mutants are tried."""
    return (REPOSITORY / path).read_text(encoding="utf-8")


def _code(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield all nodes that may be changed: no annotations, no imports for the type checker, no docstrings."""
    for field, value in ast.iter_fields(tree):
        if field in {"annotation", "returns", "decorator_list", "type_comment"}:
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST):
                continue
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            if isinstance(node, ast.expr | ast.stmt):
                yield node
            yield from _code(node)


def _changes(node: ast.AST) -> list[Callable[[], ast.AST]]:
    """Return functions that each change a node or make its replacement."""
    found: list[Callable[[], ast.AST]] = []
    match node:
        case ast.Compare(ops=[first, *_]) if type(first) in SWAPS:
            found.append(lambda: _with(node, "ops", [SWAPS[type(first)](), *node.ops[1:]]))
        case ast.BoolOp():
            found.append(lambda: _with(node, "op", SWAPS[type(node.op)]()))
            if len(node.values) > 1:
                found += [lambda at=at: _without(node, at) for at in range(len(node.values))]
        case ast.BinOp(left=left, op=op) if type(op) in SWAPS and not isinstance(left, ast.Constant | ast.JoinedStr):
            found.append(lambda: _with(node, "op", SWAPS[type(op)]()))
        case ast.UnaryOp(op=ast.Not()):
            found.append(lambda: node.operand)
        case ast.Constant(value=bool()):
            found.append(lambda: _with(node, "value", not node.value))
        case ast.Constant(value=int()):
            found.append(lambda: _with(node, "value", node.value + 1))
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(node.test, ast.Compare | ast.UnaryOp):
            # Else it would be the same as the change of the condition itself.
            found.append(lambda: _with(node, "test", ast.UnaryOp(ast.Not(), node.test)))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            for made in node.generators:
                if made.ifs:
                    found.append(lambda made=made: _with(made, "ifs", []) and node)
        case ast.Break() | ast.Continue():
            found.append(SWAPS[type(node)])
        case ast.AugAssign() | ast.Expr(value=ast.Call()):
            found.append(ast.Pass)
        case ast.Return(value=ast.AST()) if not isinstance(node.value, ast.Constant):
            found.append(lambda: _with(node, "value", ast.Constant(None)))
    return found


def _with(node: ast.AST, field: str, value: object) -> ast.AST:
    setattr(node, field, value)
    return node


def _without(node: ast.BoolOp, at: int) -> ast.AST:
    left = [each for number, each in enumerate(node.values) if number != at]
    return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def _put(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put a node in the stead of another."""
    ast.copy_location(new, old)
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(each is old for each in value):
                setattr(parent, field, [new if each is old else each for each in value])
