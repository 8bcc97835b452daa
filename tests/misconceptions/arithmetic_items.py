"""Random items of every domain, for property tests."""

from hypothesis import assume
from hypothesis import strategies as st

from tutorkit.errors import DataError
from tutorkit.misconceptions import read_item

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
negations = st.integers(1, 999).map(lambda a: {"domain": "neg", "a": a})

by_domain = {
    "sub": subtractions(),
    "add": additions,
    "frac": fractions(),
    "ooo": orders(),
    "pct": percents,
    "neg": negations,
}
parts = st.one_of(*by_domain.values())
chains = st.lists(parts, min_size=1, max_size=4).map(lambda inner: {"domain": "chain", "parts": inner})
