"""The methods there are: the modules of this package, and those behind the entry point ``tutorkit.methods``.

A module ``some_name`` of this package holds the method ``some-name``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from types import MappingProxyType

from pydantic import JsonValue, ValidationError

from tutorkit import methods
from tutorkit.errors import BadSetting, MethodInvalid, UnknownName
from tutorkit.methods.vocabulary import Method, Params

GROUP = "tutorkit.methods"

_OPTIMISERS: Mapping[str, str] = MappingProxyType(
    {
        "dspy-bootstrap": "tutorkit.optimisers.bootstrap",
        "dspy-gepa": "tutorkit.optimisers.gepa",
        "dspy-mipro": "tutorkit.optimisers.mipro",
    }
)
"""Optimisers of other projects, which need an extra: runnable by name, and not among the methods."""

_NO_METHODS = frozenset({"measure", "registry", "vocabulary"})


def method_names() -> tuple[str, ...]:
    """Return the names of all methods, sorted."""
    return tuple(sorted({*_own(), *_entry_points()}))


def optimiser_names() -> tuple[str, ...]:
    """Return the names of the optimisers of other projects, sorted; ``find_method`` finds them too."""
    return tuple(sorted(_OPTIMISERS))


def find_method(name: str) -> Method:
    """Return a method by its name.

    Raises:
        UnknownName: when there is none.
        MethodInvalid: when what stands behind the name is no method, or has another name.
    """
    if name in _own():
        found: object = getattr(import_module(f"tutorkit.methods.{_own()[name]}"), "METHOD", None)
        place = f"tutorkit.methods.{_own()[name]}"
    elif name in _entry_points():
        found = _entry_points()[name].load()
        place = _entry_points()[name].value
    elif name in _OPTIMISERS:
        found, place = getattr(import_module(_OPTIMISERS[name]), "METHOD", None), _OPTIMISERS[name]
    else:
        raise UnknownName("method", name, (*method_names(), *_OPTIMISERS))
    if not isinstance(found, Method) or found.name != name:
        raise MethodInvalid(
            f"{place} should hold the method {name}, and holds no Method of that name.",
            data={"name": name, "value": place},
        )
    return found


def read_params(method: Method, given: dict[str, JsonValue]) -> Params:
    """Return a method's parameters, its defaults where nothing is given.

    Raises:
        BadSetting: naming each parameter that does not exist or cannot have its value.
    """
    try:
        return method.params.model_validate(given)
    except ValidationError as error:
        faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        known = ", ".join(method.params.model_fields)
        raise BadSetting(
            f"The method {method.name} cannot be run with these parameters: {'; '.join(faults)}.",
            remedy=f"It takes {known}; see `tutorkit methods {method.name}`.",
            data={"method": method.name, "faults": faults},
        ) from error


@cache
def _own() -> dict[str, str]:
    names = [module.name for module in iter_modules(methods.__path__) if not module.name.startswith("_")]
    return {name.replace("_", "-"): name for name in names if name not in _NO_METHODS}


@cache
def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
