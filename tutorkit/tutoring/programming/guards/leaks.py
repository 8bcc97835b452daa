"""Whether a text gives the solution away: by being like it, or by making the program pass when it is put in."""

from __future__ import annotations

import ast
import io
import keyword
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from tutorkit.tutoring.programming.guards.snippets import parsed

_GRAM = 4
_MOST_CANDIDATES = 120
_LIKE = 0.5
_SKIPPED = frozenset(
    {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.COMMENT}
)


def overlap(piece: str, solution: str, *, own: str = "") -> float:
    """Return the share of a solution's token 4-grams that a piece of code has and the learner's program does not.

    Layout, comments and names do not count: every name that is no keyword is one and the same.

    Returns:
        0 to 1.
    """
    wanted = _grams(solution)
    return len((_grams(piece) - _grams(own)) & wanted) / len(wanted) if wanted else 0.0


def is_value(piece: str) -> bool:
    """Tell whether a piece is a value or a name by itself: put in anywhere, it does nothing."""
    try:
        ast.literal_eval(piece.strip())
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return piece.strip().isidentifier()
    return True


def is_quote(piece: str, code: str) -> bool:
    """Tell whether a piece is a run of lines of the learner's program, each as deep under the others as it is there."""
    wanted = _dedented(piece.splitlines())
    lines = [line for line in code.splitlines() if line.strip()]
    size = len(wanted)
    return any(_dedented(lines[start : start + size]) == wanted for start in range(len(lines) - size + 1))


def spliced(piece: str, code: str, *, function: str) -> list[str]:
    """Return the programs that come out when a piece of code is put into a learner's program in every likely way.

    As the whole program, after it, as the body of its function, in place of each run of as many lines, after each
    line, in place of the lines that it is most like, and in place of each expression of the same form. At most 120.
    """
    known = {_form(code)}
    candidates: list[str] = []
    for each in _spliced(piece, code, function):
        # Two programs of one form are one; what is no program at all is none.
        if (form := _form(each)) is not None and form not in known:
            known.add(form)
            candidates.append(each)
    return candidates[:_MOST_CANDIDATES]


def _dedented(lines: Sequence[str]) -> list[str]:
    return [line.rstrip() for line in textwrap.dedent("\n".join(lines)).splitlines() if line.strip()]


def _form(code: str) -> str | None:
    try:
        return ast.unparse(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _spliced(piece: str, code: str, function: str) -> Iterator[str]:
    yield piece
    yield f"{code}\n\n{piece}"
    lines, new = code.splitlines(), [line for line in textwrap.dedent(piece).splitlines() if line.strip()]
    if not new:
        return
    if head := next((line for line in lines if line.lstrip().startswith(f"def {function}(")), None):
        yield f"{head}\n{textwrap.indent(textwrap.dedent(piece), '    ')}"
    if likest := _in_place_of_likest(new, lines):
        yield likest
    yield from _expressions(piece, code)
    for start in range(len(lines)):
        at = _indent(lines[start])
        for indent in dict.fromkeys((at, at - _indent(new[0]), at + 4, at - 4)):
            if indent < 0:
                continue
            put = [" " * indent + line for line in new]
            yield "\n".join([*lines[:start], *put, *lines[start + len(new) :]])
            yield "\n".join([*lines[:start], *put, *lines[start:]])
            yield "\n".join([*lines[: start + 1], *put, *lines[start + 1 :]])


def _in_place_of_likest(new: Sequence[str], lines: Sequence[str]) -> str | None:
    """Put each line of a piece where the line stands that it is most like: a solution in pieces is still one."""
    result = list(lines)
    for line in new:
        likeness = [SequenceMatcher(None, line.strip(), old.strip()).ratio() for old in lines]
        best = max(range(len(lines)), key=lambda index: likeness[index], default=None)
        if best is not None and likeness[best] >= _LIKE:
            result[best] = " " * _indent(lines[best]) + line.strip()
    return "\n".join(result) if result != list(lines) else None


def _expressions(piece: str, code: str) -> Iterator[str]:
    """Put an expression in place of each expression of the same form."""
    try:
        wanted = ast.parse(piece.strip(), mode="eval").body
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    if isinstance(wanted, ast.Name | ast.Constant):
        return
    sources = [each for each in ast.walk(tree) if isinstance(each, ast.expr) and type(each) is type(wanted)]
    text = ast.unparse(wanted)
    for each in sources:
        yield _replaced(code, each, f"({text})")


def _replaced(code: str, node: ast.expr, text: str) -> str:
    lines = code.encode("utf-8").splitlines(keepends=True)
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
    put = [*lines[:first], before + text.encode("utf-8") + after, *lines[last + 1 :]]
    return b"".join(put).decode("utf-8")


def _grams(piece: str) -> frozenset[tuple[str, ...]]:
    tokens = list(_tokens(piece))
    return frozenset(tuple(tokens[at : at + _GRAM]) for at in range(len(tokens) - _GRAM + 1))


def _tokens(piece: str) -> Iterator[str]:
    tree = parsed(piece)
    # Written out anew by Python, two programs that differ in layout alone are one.
    text = ast.unparse(_Plain().visit(tree)) if tree is not None else piece
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in _SKIPPED:
                continue
            is_name = token.type == tokenize.NAME and not keyword.iskeyword(token.string)
            yield "name" if is_name else token.string
    except (tokenize.TokenError, SyntaxError):
        return


class _Plain(ast.NodeTransformer):
    """Writes ``x += 1`` out."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        target = ast.parse(ast.unparse(node.target), mode="eval").body
        value = ast.BinOp(left=target, op=node.op, right=node.value)
        return ast.fix_missing_locations(ast.copy_location(ast.Assign(targets=[node.target], value=value), node))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
