"""Random items of every domain, for property tests."""

from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from tutorkit.errors import DataError
from tutorkit.misconceptions import read_item
from tutorkit.misconceptions.domains.units import FACTORS

naturals = st.one_of(st.integers(0, 99), st.integers(0, 10**6), st.sampled_from([100, 1000, 1001, 2050, 5040, 70007]))


@st.composite
def subtractions(draw):
    a, b = sorted((draw(naturals), draw(naturals)), reverse=True)
    return {"domain": "sub", "a": a, "b": b}


@st.composite
def fractions(draw):
    op = draw(st.sampled_from("+-*/"))
    a, c = draw(st.integers(0, 12)), draw(st.integers(1, 12))
    return {"domain": "frac", "op": op, "a": a, "b": draw(st.integers(1, 12)), "c": c, "d": draw(st.integers(1, 12))}


@st.composite
def whole_times(draw):
    n, a, b = draw(st.integers(0, 20)), draw(st.integers(0, 12)), draw(st.integers(1, 12))
    return {"domain": "frac", "kind": "whole_times", "n": n, "a": a, "b": b}


@st.composite
def mixed_numbers(draw):
    d = draw(st.integers(2, 15))
    return {"domain": "frac", "kind": "mixed", "w": draw(st.integers(1, 99)), "n": draw(st.integers(1, d - 1)), "d": d}


@st.composite
def equivalents(draw):
    a, b, factor = draw(st.integers(0, 12)), draw(st.integers(1, 12)), draw(st.integers(1, 9))
    if draw(st.booleans()):
        return {"domain": "frac", "kind": "equivalent", "a": a * factor, "b": b * factor, "d": b}
    return {"domain": "frac", "kind": "equivalent", "a": a, "b": b, "d": b * factor}


@st.composite
def fraction_comparisons(draw):
    a, c = draw(st.integers(0, 12)), draw(st.integers(0, 12))
    b, d = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    assume(a * d != b * c)
    return {"domain": "frac", "kind": "comparison", "a": a, "b": b, "c": c, "d": d}


def _written(number, places, drops_zero):
    text = str(number).zfill(places + 1)
    whole = text[: len(text) - places]
    if not places:
        return whole
    return f"{'' if drops_zero and whole == '0' else whole}.{text[-places:]}"


decimals = st.builds(
    _written, st.one_of(st.integers(0, 999), st.sampled_from([0, 1, 5, 10, 50, 100])), st.integers(0, 4), st.booleans()
)


@st.composite
def decimal_items(draw):
    a, b = draw(decimals), draw(decimals)
    kind = draw(st.sampled_from(["+", "-", "product", "times_ten", "comparison"]))
    if kind == "-" and Fraction(a) < Fraction(b):
        a, b = b, a
    if kind == "comparison":
        assume(Fraction(a) != Fraction(b))
    if kind == "times_ten":
        b = draw(st.sampled_from([10, 100, 1000]))
    return {"domain": "dec", "op" if kind in "+-" else "kind": kind, "a": a, "b": b}


multiplications = st.builds(lambda a, b: {"domain": "mul", "a": a, "b": b}, naturals, naturals)
divisions = st.builds(lambda b, q: {"domain": "div", "a": b * q, "b": b}, st.integers(1, 30), naturals)


def _joined(inner):
    plain = st.tuples(inner, st.sampled_from("+-*/"), inner).map("".join)
    power = st.tuples(inner, st.sampled_from("0123")).map("^".join)
    return st.one_of(plain, power, plain.map(lambda text: f"({text})"))


@st.composite
def orders(draw):
    expression = draw(st.recursive(st.integers(0, 20).map(str), _joined, max_leaves=6))
    item = {"domain": "ooo", "expression": expression}
    try:
        read_item(item)
    except DataError:
        assume(False)
    return item


additions = st.builds(lambda a, b: {"domain": "add", "a": a, "b": b}, naturals, naturals)
percents = st.builds(
    lambda kind, percent, amount: {"domain": "pct", "kind": kind, "percent": percent, "amount": amount},
    st.sampled_from(["of", "off"]),
    st.integers(1, 100),
    st.integers(1, 2000),
)
other_percents = st.builds(
    lambda kind, percent, amount: {"domain": "pct", "kind": kind, "percent": percent, "amount": amount},
    st.sampled_from(["successive", "reverse"]),
    st.integers(1, 99),
    st.integers(1, 2000),
)
negations = st.integers(1, 999).map(lambda a: {"domain": "neg", "a": a})

signed = st.one_of(st.integers(-12, 12), st.integers(-(10**6), 10**6))
signed_operations = st.builds(
    lambda op, a, b: {"domain": "neg", "kind": "operation", "op": op, "a": a, "b": b},
    st.sampled_from("+-*"),
    signed,
    signed,
)

coefficients = st.integers(2, 12)
not_zero = st.one_of(st.integers(1, 20), st.integers(-20, -1))


def _algebra(kind, **numbers):
    return st.fixed_dictionaries({"domain": st.just("alg"), "kind": st.just(kind), **numbers})


_small = st.integers(1, 20)
_inner = st.sampled_from(["sum", "product"])
algebra = st.one_of(
    st.fixed_dictionaries({"domain": st.just("alg"), "a": coefficients, "b": st.integers(-20, 20), "c": signed}),
    _algebra("bracket_equation", a=coefficients, b=not_zero, c=signed),
    _algebra("sum", a=_small, b=_small, like=st.booleans()),
    _algebra("multiple", a=coefficients, b=not_zero),
    _algebra("minus_bracket", c=_small, b=_small),
    _algebra("square", b=_small, inner=_inner),
    _algebra("powers", m=st.integers(1, 30), n=st.integers(1, 30)),
    _algebra("quotient", b=coefficients, inner=_inner),
    _algebra("substitution", a=coefficients, x=st.integers(0, 999)),
)

conversions = st.builds(
    lambda value, units, turned: {
        "domain": "unit",
        "value": value,
        "unit": units[turned],
        "into": units[not turned],
    },
    decimals,
    st.sampled_from(sorted(FACTORS)),
    st.booleans(),
)


@st.composite
def times(draw):
    start, end = sorted((draw(st.integers(0, 24 * 60 - 1)), draw(st.integers(0, 24 * 60 - 1))))
    return {"domain": "time", "start": f"{start // 60}:{start % 60:02d}", "end": f"{end // 60}:{end % 60:02d}"}


_count = st.integers(2, 60)


@st.composite
def stories(draw):
    a, b, c, flag = draw(_count), draw(_count), draw(_count), draw(st.booleans())
    told = draw(
        st.sampled_from(
            [
                {"amount": a + b, "difference": b, "word": "more" if c % 2 else "fewer", "inconsistent": flag},
                {"kind": "start", "change": b, "now": a + b, "word": "more" if flag else "left"},
                {"kind": "groups", "groups": a, "each": b, "altogether": flag},
                {"kind": "two_steps", "money": a * b + c * flag, "bought": a, "price": b},
                {"kind": "extra_number", "op": "-", "a": a + b + c * flag, "b": a, "extra": b},
                {"kind": "extra_number", "op": "+", "a": a, "b": b, "extra": c},
            ]
        )
    )
    return {"domain": "wp", "story": draw(st.integers(0, 2)), **told}


by_domain = {
    "sub": subtractions(),
    "add": additions,
    "mul": multiplications,
    "div": divisions,
    "frac": st.one_of(fractions(), whole_times(), mixed_numbers(), equivalents(), fraction_comparisons()),
    "dec": decimal_items(),
    "ooo": orders(),
    "pct": st.one_of(percents, other_percents),
    "neg": st.one_of(negations, signed_operations),
    "alg": algebra,
    "unit": conversions,
    "time": times(),
    "wp": stories(),
}
parts = st.one_of(*by_domain.values())
chains = st.lists(parts, min_size=1, max_size=4).map(lambda inner: {"domain": "chain", "parts": inner})
