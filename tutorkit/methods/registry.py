"""The methods there are: ours, and those that other packages bring through the entry point ``tutorkit.methods``."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from pydantic import JsonValue, ValidationError

from tutorkit.errors import BadSetting, MethodInvalid, UnknownName
from tutorkit.methods.vocabulary import Method, Params

GROUP = "tutorkit.methods"


def method_names() -> tuple[str, ...]:
    """Return the names of all methods, sorted."""
    return tuple(sorted(_entry_points()))


def find_method(name: str) -> Method:
    """Return a method by its name.

    Raises:
        UnknownName: when there is none.
        MethodInvalid: when what stands behind the name is no method, or has another name.
    """
    known = _entry_points()
    if name not in known:
        raise UnknownName("method", name, sorted(known))
    found = known[name].load()
    if not isinstance(found, Method) or found.name != name:
        raise MethodInvalid(
            f"The entry point {name} leads to {known[name].value}, which is not a Method of that name.",
            data={"name": name, "value": known[name].value},
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
def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
