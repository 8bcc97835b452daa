"""Variants: how a use of a method is named that is not the published one."""

from __future__ import annotations


def variant(**holds: bool) -> str:
    """Return ``paper``, or ``variant:`` and the names of what holds, in their order and joined by ``+``.

    A dash in a name is written as an underscore; ``in_context`` keeps its own.
    """
    names = [name if name == "in_context" else name.replace("_", "-") for name, is_so in holds.items() if is_so]
    return "variant:" + "+".join(names) if names else "paper"
