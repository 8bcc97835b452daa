"""What there is to know of a method before it is chosen, taken from its record, its docstrings and its cost formula."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from inspect import cleandoc
from types import ModuleType, NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import JsonValue, ValidationError
from pydantic.fields import FieldInfo

from tutorkit.methods.vocabulary import Cost, Method, Params, Sizes

PROBLEMS = 100
"""Problems of each split in the worked example."""

_WRONG = (40, 20, 10, 5)
"""Mistakes of each round in the worked example; from then on there are none."""

_LINKS = {"arXiv:": "https://arxiv.org/abs/", "doi:": "https://doi.org/"}
_KNOWN = "What is known: "
_BOUNDS = {Ge: "ge", Gt: "gt", Le: "le", Lt: "lt"}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter as a reader sees it: its default, and what it may be (``1 to 50``, ``a, b or c``)."""

    name: str
    default: JsonValue
    allowed: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Parameters that differ from the defaults, and what comes of them.

    ``needs`` is what the student must be able to do beyond answering. ``sizes`` and ``calls`` are those of the worked
    example.
    """

    params: Mapping[str, JsonValue]
    fidelity: str
    needs: frozenset[str]
    sizes: Sizes
    calls: Cost


@dataclass(frozen=True, kw_only=True)
class MethodFacts:
    """What there is to know of a method.

    Args:
        method: the method itself.
        about: what it does, paragraph by paragraph.
        known: what is known of the paper and what is not; empty where the docstring does not tell.
        link: where the paper is, if its reference says so.
        steps: what each node does, in a sentence.
        formula: what its cost function says of itself, paragraph by paragraph.
        parameters: all that can be set.
        sizes: of the worked example, with the mistakes of as many rounds as any of the settings counts.
        default: the default setting.
        settings: others, one changed parameter each, that are another variant, take other calls or ask less of the
            student.
        panel: whether other students (``--panel``) take part with the defaults.
    """

    method: Method
    about: tuple[str, ...]
    known: tuple[str, ...]
    link: str | None
    steps: Mapping[str, str]
    formula: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    sizes: Sizes
    default: Setting
    settings: tuple[Setting, ...]
    panel: bool


def facts_of(method: Method) -> MethodFacts:
    """Gather what there is to know of a method; nothing is run."""
    about, known = _told(_module(method).__doc__ or "")
    default = _setting(method, {})
    settings = _settings(method, default)
    return MethodFacts(
        method=method,
        about=about,
        known=known,
        link=_link(method.paper.ref),
        steps={name: _paragraphs(node.__doc__ or "")[0] for name, node in method.nodes.items()},
        formula=tuple(re.sub(r"^Count the calls", "Calls", said) for said in _paragraphs(method.cost.__doc__ or "")),
        parameters=tuple(_parameter(name, field) for name, field in method.params.model_fields.items()),
        sizes=max((each.sizes for each in (default, *settings)), key=lambda sizes: len(sizes.wrong)),
        default=default,
        settings=settings,
        panel=method.cost(method.params(), replace(default.sizes, panel=1)) != default.calls,
    )


def _module(method: Method) -> ModuleType:
    """Return the module that holds the method; parts of a method may stand in others."""
    parts = (method.cost, method.fidelity, method.params, *method.nodes.values())
    places = [sys.modules[part.__module__] for part in parts]
    return next((place for place in places if getattr(place, "METHOD", None) is method), places[0])


def _told(docstring: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part a docstring into what a method does and what is known of its paper; its title is in the record already."""
    paragraphs = _paragraphs(docstring)[1:]
    at = next((place for place, text in enumerate(paragraphs) if text.startswith(_KNOWN)), len(paragraphs))
    known = [_capital(text.removeprefix(_KNOWN)) for text in paragraphs[at:]]
    return tuple(paragraphs[:at]), tuple(known)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _paragraphs(docstring: str) -> list[str]:
    return [" ".join(part.split()).replace("``", "`") for part in cleandoc(docstring).split("\n\n")]


def _link(reference: str) -> str | None:
    found = (place + reference.removeprefix(kind) for kind, place in _LINKS.items() if reference.startswith(kind))
    return next(found, None)


def _setting(method: Method, given: Mapping[str, JsonValue]) -> Setting:
    params = method.params.model_validate(dict(given))
    sizes = _sizes(method, params)
    return Setting(
        params=given,
        fidelity=method.fidelity(params),
        needs=frozenset(method.needs(params)),
        sizes=sizes,
        calls=method.cost(params, sizes),
    )


def _sizes(method: Method, params: Params) -> Sizes:
    """Return the sizes of the worked example, with the mistakes of as many rounds as make a difference to the cost."""
    rounds = method.rounds(params)
    wrong = (*_WRONG, *(0 for _ in range(rounds)))[:rounds]
    sizes = Sizes(train=PROBLEMS, probe=PROBLEMS, val=PROBLEMS, test=PROBLEMS, wrong=wrong)
    while sizes.wrong:
        fewer = replace(sizes, wrong=sizes.wrong[:-1])
        if method.cost(params, fewer) != method.cost(params, sizes):
            break
        sizes = fewer
    return sizes


def _settings(method: Method, default: Setting) -> tuple[Setting, ...]:
    """Return other settings that are worth telling.

    A choice is when it is another variant, takes other calls or asks less of the student; a number when it is another
    variant.
    """
    found = []
    for name, field in method.params.model_fields.items():
        told = [default]
        for value in _values(field):
            try:
                setting = _setting(method, {name: value})
            except ValidationError:
                continue
            if not any(_alike(setting, other, exactly=isinstance(value, str | bool)) for other in told):
                told.append(setting)
        found += told[1:]
    return tuple(found)


def _alike(one: Setting, other: Setting, *, exactly: bool) -> bool:
    same = one.fidelity == other.fidelity
    return same and (not exactly or (one.calls == other.calls and not one.needs < other.needs))


def _values(field: FieldInfo) -> Iterator[JsonValue]:
    """Propose values other than the default: all choices, and of numbers and lists one or two."""
    kinds = {kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind is not NoneType}
    if get_origin(field.annotation) is Literal:
        yield from (choice for choice in get_args(field.annotation) if choice != field.default)
    elif kinds == {bool}:
        yield not field.default
    elif kinds == {int} and field.default is None:
        yield 10
    elif kinds == {int}:
        least = next((int(str(bound.ge)) for bound in field.metadata if isinstance(bound, Ge)), 0)
        yield from (value for value in (least, field.default + 1) if value != field.default)
    elif get_origin(field.annotation) is tuple and field.default == ():
        yield [8]


def _parameter(name: str, field: FieldInfo) -> Parameter:
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return Parameter(name=name, default=_plain(default), allowed=_allowed(field), meaning=field.description or "")


def _plain(value: Any) -> JsonValue:  # noqa: ANN401 (a default can be anything)
    """Return a default as JSON; of a record what it has, of a list of records their names."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "model_dump"):
        dumped: dict[str, JsonValue] = value.model_dump(mode="json")
        return dumped.get("name", dumped)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value if isinstance(value, str | int | float | bool | NoneType) else str(value)


def _allowed(field: FieldInfo) -> str:
    """Say what a value may be."""
    if get_origin(field.annotation) is Literal:
        *others, last = map(str, get_args(field.annotation))
        return f"{', '.join(others)} or {last}" if others else last
    if bool in (field.annotation, *get_args(field.annotation)):
        return "true or false"
    bounds = {
        name: getattr(bound, name)
        for bound in field.metadata
        for kind, name in _BOUNDS.items()
        if isinstance(bound, kind)
    }
    low = f"above {bounds['gt']}" if "gt" in bounds else f"{bounds['ge']}" if "ge" in bounds else ""
    high = f"below {bounds['lt']}" if "lt" in bounds else f"{bounds['le']}" if "le" in bounds else ""
    if "ge" in bounds and "le" in bounds:
        return f"{low} to {high}"
    low = f"at least {low}" if "ge" in bounds else low
    return ", ".join(words for words in (low, f"at most {high}" if "le" in bounds else high) if words)
