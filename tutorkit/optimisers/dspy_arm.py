"""DSPy for one run: its models are ours, its metric is our scorer, and its program becomes a lesson.

DSPy is imported at first use. What it compiles is rendered in its own form, and the student is measured in that form:
rewritten into our prompt it would be another program, and not DSPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

from pydantic import JsonValue

from tutorkit.errors import AllowanceSpent, MissingExtra, ModelError, TutorkitError
from tutorkit.methods import Deps
from tutorkit.optimisers.bridge import Bridge
from tutorkit.programs import SLOT, Program, as_answer
from tutorkit.types import Message, Problem, Role

_OPTIONS = ("temperature", "max_tokens", "top_p", "stop", "seed")
"""Of what DSPy sends along, these are sampling options; the rest is its own bookkeeping."""


def load_dspy() -> Any:  # noqa: ANN401 (dspy is an extra)
    """Return the package, its log silenced: it writes to the terminal, which is ours.

    Raises:
        MissingExtra: when it is not installed.
    """
    try:
        dspy = import_module("dspy")
    except ImportError as error:
        raise MissingExtra("dspy", extra="dspy", purpose="An arm of DSPy") from error
    dspy.disable_logging()
    return dspy


def quiet(*names: str) -> None:
    """Have DSPy's modules of these names neither print nor draw progress bars.

    They print to standard output, where ``--json`` writes. Standard output cannot be redirected for one thread alone,
    so the two names are replaced in each module.
    """
    for name in names:
        module = vars(import_module(name))
        module["print"] = _say_nothing
        bars = module.get("tqdm")
        if isinstance(bars, ModuleType):
            module["tqdm"] = SimpleNamespace(tqdm=_hidden(bars.tqdm))
        elif isinstance(bars, type) and bars.__name__ != "Hidden":
            module["tqdm"] = _hidden(bars)


def model_of(dspy: Any, bridge: Bridge, role: Role) -> Any:  # noqa: ANN401 (dspy is an extra)
    """Return a DSPy model that asks the run's student or teacher. DSPy's rollout number is our sample number."""

    class Participant(dspy.BaseLM):  # type: ignore[misc]
        def forward(self, prompt: str | None = None, messages: Any = None, **more: Any) -> Any:  # noqa: ANN401
            given = messages or [{"role": "user", "content": prompt or ""}]
            options: dict[str, JsonValue] = {name: more[name] for name in _OPTIONS if more.get(name) is not None}
            text = bridge.ask(
                role,
                tuple(Message(role=each["role"], content=str(each["content"])) for each in given),
                purpose="optimise",
                options=options,
                sample=int(more.get("rollout_id") or 0),
            )
            return _completion(self.model, text)

    return Participant(f"tutorkit/{role}", cache=False, num_retries=0)


def program_for(dspy: Any, deps: Deps, *, reasoning: bool) -> Any:  # noqa: ANN401 (dspy is an extra)
    """Return the program that is optimised: the task in one step, with or without reasoning before the answer.

    It is told of the task what our own student is told, and no more.
    """
    signature = dspy.Signature("question -> answer", deps.task.description).with_updated_fields(
        "answer", desc=deps.task.answer_format
    )
    return dspy.ChainOfThought(signature) if reasoning else dspy.Predict(signature)


def examples_of(dspy: Any, problems: Sequence[Problem]) -> list[Any]:  # noqa: ANN401 (dspy is an extra)
    """Return problems as DSPy's examples; those without gold are left out, since nothing can be shown of them."""
    return [
        dspy.Example(question=each.question().as_text(), answer=each.gold).with_inputs("question")
        for each in problems
        if each.gold is not None
    ]


def metric_of(deps: Deps, problems: Sequence[Problem]) -> Callable[..., bool]:
    """Return our scorer as DSPy's metric: whether an answer is right."""
    # An id in an example would be shown to models that describe the data.
    by_text = {problem.question().as_text(): problem for problem in problems}

    def right(example: Any, prediction: Any, _trace: Any = None) -> bool:  # noqa: ANN401 (dspy is an extra)
        answer = as_answer(str(getattr(prediction, "answer", "")))
        return deps.scorer.grade(by_text[example.question], answer).outcome == "right"

    return right


def compiled_or_untouched(dspy: Any, program: Any, bridge: Bridge, compile_: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    """Return what an optimiser makes of a program, or the program as it is where the optimiser gives up.

    It gives up where the allowance ends at a request that it cannot do without, or where a reply to one cannot be read.
    """
    try:
        return compile_(program)
    except (AllowanceSpent, ModelError, dspy.utils.exceptions.DSPyError) as error:
        bridge.gave_up = error.code if isinstance(error, TutorkitError) else "unreadable-reply"
        return program


@dataclass(frozen=True)
class Compiled:
    """What an optimiser left: the program as messages, its instruction, and how many demos of each kind it shows."""

    program: Program
    instruction: str
    bootstrapped: int
    labelled: int
    version: str


def compiled(dspy: Any, program: Any, adapter: Any) -> Compiled:  # noqa: ANN401 (dspy is an extra)
    """Render a program of one step in DSPy's own form, with a place for the question."""
    (step,) = program.predictors()
    rendered = adapter.format(step.signature, step.demos, {"question": SLOT})
    made = [bool(demo.get("augmented", False)) for demo in step.demos]
    return Compiled(
        program=Program(tuple(Message(role=each["role"], content=each["content"]) for each in rendered)),
        instruction=str(step.signature.instructions),
        bootstrapped=sum(made),
        labelled=len(made) - sum(made),
        version=str(dspy.__version__),
    )


def _completion(model: str, text: str) -> SimpleNamespace:
    choice = SimpleNamespace(message=SimpleNamespace(content=text), finish_reason="stop")
    return SimpleNamespace(model=model, choices=[choice], usage={})


def _say_nothing(*_said: object, **_how: object) -> None:
    pass


def _hidden(bar: Any) -> Any:  # noqa: ANN401 (tqdm is dspy's)
    class Hidden(bar):  # type: ignore[misc]
        def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401
            super().__init__(*given, **{**more, "disable": True})

    return Hidden
