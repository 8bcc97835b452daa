"""Read a state's JSON as what a node put there."""

from __future__ import annotations

from tutorkit.methods.vocabulary import State


def ids(state: State, key: str) -> list[str]:
    """Return the ids under a key; none when the key is not there yet."""
    value = state.get(key, [])
    return [str(name) for name in value] if isinstance(value, list) else []


def id_lists(state: State, key: str) -> dict[str, list[str]]:
    """Return the lists of ids under a key, by name."""
    value = state.get(key, {})
    rows = value.items() if isinstance(value, dict) else ()
    return {name: [str(inner) for inner in row] for name, row in rows if isinstance(row, list)}


def number(state: State, key: str) -> int:
    """Return the whole number under a key; 0 when the key is not there yet."""
    value = state.get(key, 0)
    return value if isinstance(value, int) else 0


def names(state: State, key: str) -> dict[str, str]:
    """Return the ids under a key, one for each name."""
    value = state.get(key, {})
    return {name: str(inner) for name, inner in value.items()} if isinstance(value, dict) else {}
