"""The demonstration: a simulated student that lacks two skills, a rule-based teacher, and every control."""

from __future__ import annotations

from tutorkit.lab.plan import Plan


def demo_plan(seed: int) -> Plan:
    """Return the plan of ``tutorkit demo``."""
    return Plan(
        method="tpd",
        task="chains",
        student="sim/two-bugs",
        teacher="rules",
        seed=seed,
        sizes={"train": 10, "val": 60, "test": 200},
    )
