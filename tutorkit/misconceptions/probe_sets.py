"""Short tests that tell the malrules of a group apart: each rule gives another row of answers, and so does right work.

The first of the three tests of a group is the smallest that does so; the other two are isomorphic, so that what one of
them shows can be confirmed with other numbers. They are texts, as for a worksheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tutorkit.errors import UnknownName
from tutorkit.misconceptions.catalogue import malrules
from tutorkit.misconceptions.items import Item
from tutorkit.misconceptions.reading import read_text


@dataclass(frozen=True, kw_only=True)
class ProbeSet:
    """The tests of one group.

    ``rules`` are the ids of the malrules that they tell apart; ``texts`` holds three tests.
    """

    id: str
    domain: str
    names: tuple[str, ...] = ()
    texts: tuple[tuple[str, ...], ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the malrules that are told apart: those that are named, or all of the domain."""
        return tuple(f"{self.domain}.{name}" for name in self.names) or tuple(r.id for r in malrules(self.domain))

    @cached_property
    def tests(self) -> tuple[tuple[Item, ...], ...]:
        """The tests as items."""
        return tuple(tuple(read_text(text) for text in test) for test in self.texts)


PROBE_SETS: tuple[ProbeSet, ...] = (
    ProbeSet(
        id="subtraction",
        domain="sub",
        texts=(
            ("614 - 47", "505 - 197", "153 - 120"),
            ("801 - 74", "830 - 607", "294 - 103"),
            ("803 - 85", "876 - 108", "711 - 677"),
        ),
    ),
    ProbeSet(id="addition", domain="add", texts=(("628 + 17",), ("826 + 47",), ("649 + 14",))),
    ProbeSet(id="multiplication", domain="mul", texts=(("32 × 80",), ("94 × 60",), ("47 × 60",))),
    ProbeSet(id="division", domain="div", texts=(("618 ÷ 6", "48 ÷ 8"), ("535 ÷ 5", "42 ÷ 7"), ("742 ÷ 7", "45 ÷ 9"))),
    ProbeSet(
        id="fraction operations",
        domain="frac",
        names=(
            "adds_num_and_den",
            "common_den_keeps_num",
            "multiplies_dens_adds_nums",
            "mul_keeps_common_den",
            "mul_cross",
            "div_inverts_first",
            "div_no_invert",
            "whole_times_both",
            "div_common_den_keeps_den",
        ),
        texts=(
            ("2/8 + 3/6", "2/3 × 3/4", "2 × 3/4", "3/8 ÷ 4/5"),
            ("1/2 + 2/4", "5/9 × 2/3", "8 × 3/9", "2/5 ÷ 3/6"),
            ("5/6 + 1/3", "6/8 × 1/4", "8 × 2/7", "1/9 ÷ 6/8"),
        ),
    ),
    ProbeSet(
        id="fraction forms",
        domain="frac",
        names=("mixed_swaps_roles", "mixed_adds_whole", "equiv_additive", "bigger_den_is_bigger"),
        texts=(
            ("2 3/4", "2/3 = ?/6", "1/3 or 1/4"),
            ("4 2/5", "1/4 = ?/20", "4/5 or 3/6"),
            ("6 3/4", "1/6 = ?/18", "2/6 or 4/5"),
        ),
    ),
    ProbeSet(
        id="decimal operations",
        domain="dec",
        names=("right_aligns", "whole_and_decimal_separate", "mul_keeps_max_places", "times_ten_appends_zero"),
        texts=(
            ("3.5 + 0.12", "3.5 × 0.12", "3.5 × 10"),
            ("4.6 + 2.57", "1.3 × 0.54", "7.6 × 10"),
            ("5.3 + 3.37", "2.4 × 0.69", "6.5 × 10"),
        ),
    ),
    ProbeSet(
        id="decimal comparison",
        domain="dec",
        names=("longer_is_larger", "shorter_is_larger"),
        texts=((".35 or .8", ".35 or .3"), (".46 or .7", ".46 or .4"), (".27 or .9", ".21 or .2")),
    ),
    ProbeSet(
        id="order of operations",
        domain="ooo",
        texts=(
            ("16 - 4×2 + 1", "24 ÷ 4 × 2", "2 + 3²", "2 × (3 + 4)"),
            ("18 - 3×4 + 2", "36 ÷ 6 × 2", "4 + 5²", "3 × (2 + 5)"),
            ("30 - 5×4 + 3", "40 ÷ 5 × 4", "1 + 4²", "4 × (1 + 6)"),
        ),
    ),
    ProbeSet(
        id="signed numbers",
        domain="neg",
        names=(
            "two_negatives_add_positive",
            "minus_negative_is_minus",
            "adds_magnitudes_sign_of_larger",
            "neg_times_neg_is_neg",
            "smaller_from_larger_positive",
        ),
        texts=(
            ("-9 + (-9)", "-9 + 1", "-9 - (-9)", "1 - 2", "-9 × (-9)"),
            ("-6 + (-5)", "-8 + 3", "-6 - (-2)", "7 - 9", "-8 × (-2)"),
            ("-5 + (-4)", "-7 + 2", "-3 - (-8)", "2 - 7", "-4 × (-6)"),
        ),
    ),
    ProbeSet(
        id="double negation",
        domain="neg",
        names=("double_negative_stays_negative",),
        texts=(("-(-7)",), ("-(-4)",), ("-(-12)",)),
    ),
    ProbeSet(
        id="percentages",
        domain="pct",
        texts=(
            ("5% off 40", "40 ± 5%", "40 after 5% off"),
            ("2% off 50", "60 ± 7%", "80 after 2% off"),
            ("6% off 50", "60 ± 6%", "60 after 4% off"),
        ),
    ),
    ProbeSet(
        id="equations",
        domain="alg",
        names=(
            "same_operation_not_inverse",
            "subtracts_coefficient",
            "divides_only_some_terms",
            "distributes_first_only",
            "combines_unlike_terms",
            "multiplies_by_coefficient",
        ),
        texts=(("2x + 1 = 11", "2(x + 1) = 11"), ("6x + 6 = 42", "2(x + 9) = 20"), ("7x + 2 = 16", "6(x + 8) = 78")),
    ),
    ProbeSet(
        id="simplification",
        domain="alg",
        names=(
            "conjoins",
            "partial_distribution",
            "negative_not_distributed",
            "freshman_square",
            "multiplies_exponents",
            "cancels_terms",
            "juxtaposes_value",
        ),
        texts=(
            ("3x + 4", "3(x + 4)", "5 - (x - 3)", "(x + 3)²", "x³ · x²", "(x + 4)/4", "3x for x = 4"),
            ("7x + 2", "9(x + 3)", "8 - (x - 5)", "(x + 4)²", "x² · x⁵", "(x + 8)/8", "7x for x = 5"),
            ("5x + 9", "2(x + 5)", "7 - (x - 2)", "(x + 7)²", "x⁵ · x³", "(x + 3)/3", "9x for x = 2"),
        ),
    ),
    ProbeSet(
        id="units",
        domain="unit",
        texts=(
            ("2.25 h in min", "3 m² in cm²"),
            ("2.75 h in min", "4 m² in cm²"),
            ("1.35 h in min", "8 m² in cm²"),
        ),
    ),
    ProbeSet(id="clock times", domain="time", texts=(("5:10 - 3:45",), ("9:36 - 4:52",), ("8:20 - 1:56",))),
    ProbeSet(
        id="word problems",
        domain="wp",
        texts=(
            (
                "Ali has 28 cards. That is 7 more than Sara has. How many cards does Sara have?",
                "A shop has 27 footballs and sells 4 of them at 5 euros each. How many footballs does it have then?",
                "Ali gives 19 cards away and has 51 left. How many cards did Ali have at first?",
                "Ali has 77 euros and buys 6 plants at 8 euros each. How many euros does Ali have then?",
            ),
            (
                "Mia has 33 stickers. That is 8 more than Ella has. How many stickers does Ella have?",
                "A shop has 45 pears and sells 10 of them at 6 euros each. How many pears does it have then?",
                "Mia gives 12 stickers away and has 37 left. How many stickers did Mia have at first?",
                "Mia has 49 euros and buys 2 tickets at 8 euros each. How many euros does Mia have then?",
            ),
            (
                "Ali has 49 cards. That is 12 more than Sara has. How many cards does Sara have?",
                "A shop has 40 pears and sells 14 of them at 8 euros each. How many pears does it have then?",
                "Mia gives 15 stickers away and has 52 left. How many stickers did Mia have at first?",
                "Joe has 57 euros and buys 4 notebooks at 6 euros each. How many euros does Joe have then?",
            ),
        ),
    ),
)


def probe_sets(domain: str) -> tuple[ProbeSet, ...]:
    """Return the probe sets of a domain.

    Raises:
        UnknownName: when there are none.
    """
    found = tuple(each for each in PROBE_SETS if each.domain == domain)
    if not found:
        raise UnknownName("domain with probe sets", domain, tuple(dict.fromkeys(each.domain for each in PROBE_SETS)))
    return found
