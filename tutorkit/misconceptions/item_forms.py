"""The forms in which items are written, each with the items that may be meant by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from tutorkit.misconceptions.items import Item

_Make: TypeAlias = Callable[["re.Match[str]"], Sequence[Item]]
"""From what was found, the items that may be meant; the first that is one is taken."""


def _two_numbers(match: re.Match[str]) -> Sequence[Item]:
    a, b = match["a"], match["b"]
    operator = _OPERATORS.get(match["operator"].strip().lower(), match["operator"])
    items: list[Item] = []
    if a.isdigit() and b.isdigit():
        items.append({"domain": {"-": "sub", "+": "add", "*": "mul", "÷": "div"}[operator], "a": int(a), "b": int(b)})
    if operator == "*" and b.isdigit():
        items.append({"domain": "dec", "kind": "times_ten", "a": a, "b": int(b)})
    if operator == "*":
        items.append({"domain": "dec", "kind": "product", "a": a, "b": b})
    items.append({"domain": "dec", "op": operator, "a": a, "b": b})
    return items


def _fractions(match: re.Match[str]) -> Sequence[Item]:
    operator = _OPERATORS.get(match["operator"].strip().lower(), match["operator"]).replace("÷", "/")
    return ({"domain": "frac", "op": operator, **_numbers(match, "abcd")},)


def _numbers(match: re.Match[str], names: Sequence[str]) -> dict[str, int]:
    return {name: int(match[name]) for name in names}


def _fraction_form(kind: str, names: str) -> _Make:
    return lambda match: ({"domain": "frac", "kind": kind, **_numbers(match, names)},)


def _larger_decimal(match: re.Match[str]) -> Sequence[Item]:
    return ({"domain": "dec", "kind": "comparison", "a": match["a"], "b": match["b"]},)


def _percent(match: re.Match[str]) -> Sequence[Item]:
    kind = match["kind"].lower()
    return ({"domain": "pct", "kind": kind, **_numbers(match, ["percent", "amount"])},)


def _percent_in_words(kind: str) -> _Make:
    return lambda match: ({"domain": "pct", "kind": kind, **_numbers(match, ["percent", "amount"])},)


def _negation(match: re.Match[str]) -> Sequence[Item]:
    return ({"domain": "neg", "a": int(match["a"])},)


def _expression(match: re.Match[str]) -> Sequence[Item]:
    typed = re.sub(r"\s+", "", match[0]).replace("÷", "/").replace(":", "/")
    return ({"domain": "ooo", "expression": typed},)


def _signed(match: re.Match[str]) -> Sequence[Item]:
    a, b = (int(re.sub(r"[\s()]", "", match[name])) for name in "ab")
    operator = _OPERATORS.get(match["operator"].lower(), match["operator"])
    return ({"domain": "neg", "kind": "operation", "op": operator, "a": a, "b": b},)


def _elapsed(match: re.Match[str]) -> Sequence[Item]:
    return ({"domain": "time", "start": match["start"], "end": match["end"]},)


def _conversion(match: re.Match[str]) -> Sequence[Item]:
    units = {name: match[name].lower().replace("^", "") for name in ("unit", "into")}
    return ({"domain": "unit", "value": match["value"], **units},)


def _coefficient(text: str | None) -> int:
    """Read what stands before an x, or a constant behind it with its sign; nothing counts as one."""
    plain = re.sub(r"[\s*]", "", text or "")
    return int(f"{plain}1" if plain in ("", "+", "-") else plain)


def _equation(match: re.Match[str]) -> Sequence[Item]:
    a, c = _coefficient(match["a"]), _coefficient(match["c"])
    b = _coefficient(match["b"]) if match["b"] else 0
    kind = {"kind": "bracket_equation"} if "(" in match[0] else {}
    return ({"domain": "alg", **kind, "a": a, "b": b, "c": c},)


def _algebra(kind: str, names: str, **more: str | bool) -> _Make:
    return lambda match: (
        {"domain": "alg", "kind": kind, **more, **{name: _coefficient(match[name]) for name in names}},
    )


def _powers(match: re.Match[str]) -> Sequence[Item]:
    return ({"domain": "alg", "kind": "powers", **{name: int(match[name] or 1) for name in "mn"}},)


def _pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern: a space stands for any white space, ``N`` for a natural number, ``D`` for a decimal.

    ``S`` is a signed number, perhaps in parentheses, ``T`` a time of day, ``C`` what may stand before an x, and ``P`` a
    constant behind one, with its sign.
    """
    named = re.sub(r"<(\w+):([NDSTCP])>", lambda found: f"(?P<{found[1]}>{_NUMBER[found[2]]})", text)
    return re.compile(named.replace(" ", r"\s*"), re.IGNORECASE)


_OPERATORS = {"x": "*", ":": "÷", "/": "÷"}
_N = r"[0-9]{1,12}"
_NUMBER = {
    "N": _N,
    "D": rf"{_N}(?:\.{_N})?|\.{_N}",
    "S": rf"-?\s*{_N}|\(\s*-\s*{_N}\s*\)",
    "T": r"[0-9]{1,2}:[0-9]{2}",
    "C": rf"-?(?:{_N})?\s*\*?",
    "P": rf"[-+]\s*{_N}",
}
_UNIT = r"(?:[kcm]?m(?:\^?2)?|k?g|m?l|h|min)"

_FORM = "(?: (?:in its simplest form|without brackets|as one power))?"
_SUCCESSIVE, _REVERSE = _percent_in_words("successive"), _percent_in_words("reverse")

FORMS: Sequence[tuple[re.Pattern[str], _Make]] = (
    (_pattern(r"<a:D> (?P<operator>[-+*÷x:/]) <b:D>"), _two_numbers),
    (_pattern(r"<a:N>/<b:N> (?P<operator>[-+*÷x:/]) <c:N>/<d:N>"), _fractions),
    (_pattern(r"<n:N> [*x] <a:N>/<b:N>"), _fraction_form("whole_times", "nab")),
    (_pattern(r"(?:the )?(?:missing numerator in )?<a:N>/<b:N> = [?_]+/<d:N>"), _fraction_form("equivalent", "abd")),
    (
        re.compile(rf"(?P<w>{_N})\s+(?P<n>{_N})/(?P<d>{_N})(?: (?:as|to) an? (?:improper )?fraction)?"),
        _fraction_form("mixed", "wnd"),
    ),
    (_pattern(r"(?:the )?larger of <a:N>/<b:N> (?:and|or) <c:N>/<d:N>"), _fraction_form("comparison", "abcd")),
    (_pattern(r"<a:N>/<b:N> (?:or|vs\.?) <c:N>/<d:N>"), _fraction_form("comparison", "abcd")),
    (_pattern(r"(?:the )?larger of <a:D> (?:and|or) <b:D>"), _larger_decimal),
    (_pattern(r"<a:D> (?:or|vs\.?) <b:D>"), _larger_decimal),
    (_pattern(r"<percent:N> (?:%|percent) (?P<kind>of|off) [$€£]?<amount:N>"), _percent),
    (_pattern(r"[$€£]?<amount:N> , <percent:N> % (?P<kind>off)"), _percent),
    (
        _pattern(r"<amount:N> (?:raised by|\+) <percent:N> % ?,?(?: and)?(?: then)? (?:lowered by|-) (?P=percent) %"),
        _SUCCESSIVE,
    ),
    (_pattern(r"<amount:N> \+- ?<percent:N> %"), _SUCCESSIVE),
    (_pattern(r"(?:the )?old price of what costs <amount:N> after <percent:N> % off"), _REVERSE),
    (_pattern(r"<amount:N> after <percent:N> % off"), _REVERSE),
    (_pattern(r"- \( - <a:N> \)"), _negation),
    (_pattern(r"<a:S> (?P<operator>[-+*x]) <b:S>"), _signed),
    (_pattern(r"(?:the )?(?:time )?(?:from )?<start:T> (?:to|until) <end:T>"), _elapsed),
    (_pattern(r"<end:T> - <start:T>"), _elapsed),
    (_pattern(rf"<value:D> (?P<unit>{_UNIT}) (?:in|into|to|->|=) (?:[?_]+ )?(?P<into>{_UNIT})"), _conversion),
    (_pattern(r"(?:x in )?<a:C> x (?P<b>[-+] [0-9]+)? = (?P<c>-? [0-9]+)"), _equation),
    (_pattern(r"(?:x in )?<a:C> \( x (?P<b>[-+] [0-9]+) \) = (?P<c>-? [0-9]+)"), _equation),
    (_pattern(rf"<a:C> x \+ <b:N>{_FORM}"), _algebra("sum", "ab")),
    (_pattern(rf"<a:C> x \+ <b:C> x{_FORM}"), _algebra("sum", "ab", like=True)),
    (_pattern(rf"<a:C> \( x <b:P> \){_FORM}"), _algebra("multiple", "ab")),
    (_pattern(rf"<c:N> - \( x - <b:N> \){_FORM}"), _algebra("minus_bracket", "cb")),
    (_pattern(rf"\( x \+ <b:N> \) \^ 2{_FORM}"), _algebra("square", "b")),
    (_pattern(rf"\( <b:C> x \) \^ 2{_FORM}"), _algebra("square", "b", inner="product")),
    (_pattern(rf"x(?:\^<m:N>)? \*? x(?:\^<n:N>)?{_FORM}"), _powers),
    (_pattern(rf"\( x \+ <b:N> \) / (?P=b){_FORM}"), _algebra("quotient", "b")),
    (_pattern(rf"<b:N> x / (?P=b){_FORM}"), _algebra("quotient", "b", inner="product")),
    (_pattern(r"<a:C> x (?:,|for|if|at|when|where) x = <x:N>"), _algebra("substitution", "ax")),
    (re.compile(r"[-+*/÷:^()0-9 ]+"), _expression),
)
