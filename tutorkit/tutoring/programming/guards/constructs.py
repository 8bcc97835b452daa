"""Which constructs of Python a piece of code, or a text, makes use of, and which of them have not been taught."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

_NODES: Mapping[type[ast.AST], str] = MappingProxyType(
    {
        ast.For: "for",
        ast.While: "while",
        ast.If: "if",
        ast.FunctionDef: "function",
        ast.AsyncFunctionDef: "async",
        ast.Await: "async",
        ast.Lambda: "lambda",
        ast.ClassDef: "class",
        ast.Try: "try",
        ast.With: "with",
        ast.ListComp: "comprehension",
        ast.SetComp: "comprehension",
        ast.DictComp: "comprehension",
        ast.GeneratorExp: "generator",
        ast.Yield: "generator",
        ast.YieldFrom: "generator",
        ast.IfExp: "conditional expression",
        ast.Dict: "dict",
        ast.Set: "set",
        ast.List: "list",
        ast.Slice: "slice",
        ast.JoinedStr: "f-string",
        ast.Import: "import",
        ast.ImportFrom: "import",
        ast.NamedExpr: "walrus",
        ast.Match: "match",
        ast.Starred: "star",
        ast.Global: "global",
        ast.Nonlocal: "global",
        ast.Assert: "assert",
    }
)
_CALLS = """
sum max min sorted reversed map filter zip enumerate any all set dict list tuple str int float range round abs
append extend insert remove pop sort reverse index count lower upper join split strip replace find items keys values
get startswith endswith isdigit isalpha eval exec reduce Counter
"""
CALLS = frozenset(_CALLS.split())
CONSTRUCTS = frozenset({*_NODES.values(), "recursion", *(f"{name}()" for name in CALLS)})
"""The names by which an exercise says what has been taught. Arithmetic, comparisons, ``len`` and ``print`` are taken
for granted."""

_WORDS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "comprehension": re.compile(r"\b(?:list |set |dict(?:ionary)? )?comprehensions?\b|\blisten-?abstraktion", re.I),
        "lambda": re.compile(r"\blambdas?\b", re.I),
        "recursion": re.compile(r"\brecursi(?:on|ve|vely)\b|\brekursi(?:on|v)|\bcalls? itself\b", re.I),
        "generator": re.compile(r"\bgenerators?\b|\bgeneratoren\b", re.I),
        "try": re.compile(r"\btry\s*(?:/|and|-|,)\s*except\b|\bexception handling\b|\btry block", re.I),
        "dict": re.compile(r"\bdict(?:ionary|ionaries)?\b|\bhash ?map\b|\bwörterbuch", re.I),
        "set": re.compile(r"\b(?:a|python'?s) set\b(?! of)|\bset\(|\bein(?:e|em|er)? menge\b", re.I),
        "slice": re.compile(r"\bslic(?:e|es|ing)\b|\[\s*:\s*:\s*-?1\s*\]", re.I),
        "f-string": re.compile(r"\bf-strings?\b", re.I),
        "class": re.compile(r"\b(?:define|write|use|make) a class\b|\beine klasse\b", re.I),
        "conditional expression": re.compile(r"\bternary\b|\bconditional expression", re.I),
        "import": re.compile(r"\bimport(?:ing)? (?:the )?\w+|\bmodule\b|\bnumpy\b|\bitertools\b|\bfunctools\b", re.I),
    }
)
_NAMED_CALL = re.compile(r"(?<![\w.])\.?(\w+)\(")
_NAMED_FUNCTION = re.compile(
    r"`?(\w+)`?\s*(?:function|method|funktion|methode)|(?:function|method|funktion|methode)\s+`?(\w+)\b"
    r"|(?:built-?in|python'?s)\s+`?(\w+)",
    re.I,
)


def constructs_in(tree: ast.AST) -> frozenset[str]:
    """Return the names of the constructs in a piece of code."""
    return frozenset(_found(tree))


def constructs_named(words: str) -> frozenset[str]:
    """Return the names of the constructs that a text speaks of."""
    named = {name for name, pattern in _WORDS.items() if pattern.search(words)}
    calls = {*_NAMED_CALL.findall(words), *(name for pair in _NAMED_FUNCTION.findall(words) for name in pair)}
    return frozenset(named | {f"{name}()" for name in calls if name in CALLS})


def names_in(code: str) -> frozenset[str]:
    """Return all words of a program."""
    return frozenset(re.findall(r"\w+", code))


def untaught(used: Collection[str], *, taught: Collection[str], own: Collection[str] = ()) -> frozenset[str]:
    """Return what was used and neither taught nor used by the learner already; nothing where all is allowed."""
    return frozenset(used) - set(taught) - set(own) if taught else frozenset()


def _found(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if name := _NODES.get(type(node)):
            yield name
        if isinstance(node, ast.Call):
            function = node.func
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if called in CALLS:
                yield f"{called}()"
        if isinstance(node, ast.FunctionDef) and node.name != "_":
            inside = (each for statement in node.body for each in ast.walk(statement))
            if any(isinstance(each, ast.Name) and each.id == node.name for each in inside):
                yield "recursion"
