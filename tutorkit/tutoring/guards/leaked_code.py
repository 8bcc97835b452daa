"""Whether a text holds the program that was asked for, or most of it."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

_FENCE = re.compile(r"```[^\n`]*\n?(.*?)(?:```|$)", re.DOTALL)
_CODE_LINE = re.compile(
    r"^(?:\s{4,}|\t|\s*(?:def|class|return|for|while|if|elif|else|import|from|with|try|except|print|yield|lambda|assert)\b"
    r"|\s*[A-Za-z_][\w.\[\]]*\s*(?:=|\+=|-=|\*=)\s*\S|\s*[A-Za-z_][\w.]*\(.*\)\s*$)"
)
_INLINE = re.compile(r"`([^`\n]{3,400})`")
_TOKEN = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?|\"[^\"]*\"|'[^']*'|[-+*/%=<>!&|^~]{1,3}|[()\[\]{}:,.;@]")
_NAME = re.compile(r"\bn\d+\b")
_GRAM = 4
_MUCH = 0.5
_MOST = 0.7


def leaked_code(text: str, reference: str | None) -> str | None:
    """Return what of a text is code that has half or more of the reference's token 4-grams; None when it has not.

    Names and docstrings play no part: both programs are parsed and renamed in the order of first use. What cannot be
    parsed is compared token by token. A piece of a program, whose names begin to be counted elsewhere, is
    compared by its shape, of which seven tenths count.
    """
    if reference is None:
        return None
    for code in _code_in(text):
        closest = max(_overlap(_normal(code), _normal(reference)), _overlap(code, reference))
        shape = _overlap(_nameless(code), _nameless(reference))
        if closest >= _MUCH or shape >= _MOST:
            return code.strip()[:80]
    return None


def _overlap(code: str, reference: str) -> float:
    """Return the share of the reference's 4-grams that the code has."""
    wanted = _grams(reference)
    return len(_grams(code) & wanted) / len(wanted) if wanted else 0.0


def _code_in(text: str) -> list[str]:
    """Return everything that may be code: fenced, inline, and lines that look like it, each sort in one piece."""
    fenced = [match[1] for match in _FENCE.finditer(text)]
    inline = [match[1] for match in _INLINE.finditer(text)]
    lines = [line for line in text.splitlines() if _CODE_LINE.match(line)]
    return [piece for piece in ("\n".join(fenced), "\n".join(lines), "\n".join(inline)) if piece.strip()]


@lru_cache(maxsize=64)
def _grams(code: str) -> frozenset[tuple[str, ...]]:
    found = _TOKEN.findall(code)
    if len(found) < _GRAM:
        return frozenset([tuple(found)] if found else [])
    return frozenset(tuple(found[at : at + _GRAM]) for at in range(len(found) - _GRAM + 1))


def _nameless(code: str) -> str:
    """Write every name alike: a piece of a program shows by its shape, wherever its names begin to be counted."""
    return _NAME.sub("n", _normal(code))


@lru_cache(maxsize=64)
def _normal(code: str) -> str:
    try:
        tree = ast.parse(_dedented(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return re.sub(r"#[^\n]*", "", code)
    return ast.unparse(_Renamed().visit(tree))


def _dedented(code: str) -> str:
    lines = [line for line in code.splitlines() if line.strip()]
    least = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    return "\n".join(line[least:] for line in lines)


class _Renamed(ast.NodeTransformer):
    """Gives names by the order of their first use, and drops docstrings and annotations."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"n{len(self._names)}")

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(id=self._name(node.id), ctx=node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(arg=self._name(node.arg), annotation=None)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name, node.returns = self._name(node.name), None
        if ast.get_docstring(node) is not None and len(node.body) > 1:
            node.body = node.body[1:]
        return self.generic_visit(node)
