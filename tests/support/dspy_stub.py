"""The part of DSPy that our arms touch, in its form: for tests where DSPy is not installed."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from copy import copy, deepcopy
from types import ModuleType, SimpleNamespace

NOW = SimpleNamespace(lm=None, adapter=None)


class DSPyError(Exception):
    code = "adapter_parse_error"


class BaseLM:
    def __init__(self, model, cache=True, num_retries=3, **kwargs):
        self.model, self.kwargs = model, kwargs

    def copy(self, **kwargs):
        other = copy(self)
        other.kwargs = {**self.kwargs, **kwargs}
        return other

    def __call__(self, messages):
        return self.forward(messages=messages, **self.kwargs).choices[0].message.content


class Example(dict):
    inputs_named = ()

    def with_inputs(self, *names):
        self.inputs_named = names
        return self

    def __getattr__(self, name):
        return self[name]


class Signature:
    def __init__(self, fields, instructions):
        self.instructions, self.desc, self.outputs = instructions, "", ("answer",)

    def with_updated_fields(self, _name, desc):
        self.desc = desc
        return self


class Predict:
    def __init__(self, signature):
        self.signature, self.demos = signature, []

    def predictors(self):
        return [self]

    def deepcopy(self):
        return deepcopy(self)

    def __call__(self, question):
        reply = NOW.lm(NOW.adapter.format(self.signature, self.demos, {"question": question}))
        found = NOW.adapter.parse(self.signature, reply)
        return SimpleNamespace(**found)


class ChainOfThought(Predict):
    def __init__(self, signature):
        super().__init__(signature)
        signature.outputs = ("reasoning", "answer")


class ChatAdapter:
    def __init__(self, use_json_adapter_fallback):
        assert not use_json_adapter_fallback

    def format(self, signature, demos, inputs):
        told = f"The answer: {signature.desc}\n{signature.instructions}"
        shown = [{"role": "system", "content": told}]
        for demo in demos:
            said = {name: demo.get(name, "Not supplied.") for name in signature.outputs}
            shown.append({"role": "user", "content": f"[[ ## question ## ]]\n{demo['question']}"})
            shown.append(
                {"role": "assistant", "content": "".join(f"[[ ## {n} ## ]]\n{t}\n\n" for n, t in said.items())}
            )
        return [*shown, {"role": "user", "content": f"[[ ## question ## ]]\n{inputs['question']}\n\nRespond."}]

    def parse(self, signature, reply):
        found = dict(re.findall(r"\[\[ ## (\w+) ## \]\]\n(.*?)\n*(?=\[\[|$)", reply, re.S))
        if not set(signature.outputs) <= set(found):
            raise DSPyError(reply)
        return {name: found[name] for name in signature.outputs}


class BootstrapFewShot:
    def __init__(self, metric, teacher_settings, max_bootstrapped_demos, max_labeled_demos, max_rounds, max_errors):
        self.metric, self.lm, self.most, self.all = (
            metric,
            teacher_settings["lm"],
            max_bootstrapped_demos,
            max_labeled_demos,
        )
        self.rounds, self.max_errors, self.errors = max_rounds, max_errors, 0

    def compile(self, student, *, trainset):
        made, rest = [], []
        for example in trainset:
            demo = self._one(student, example) if len(made) < self.most else None
            (rest if demo is None else made).append(demo or example)
        compiled = student.deepcopy()
        compiled.demos = made + rest[: max(0, self.all - len(made))]
        return compiled

    def _one(self, student, example):
        for number in range(self.rounds):
            lm = self.lm.copy(rollout_id=number, temperature=1.0) if number else self.lm
            try:
                with context(lm=lm):
                    said = student(example.question)
            except Exception:
                self.errors += 1
                if self.errors >= self.max_errors:
                    raise
                continue
            if self.metric(example, said, []):
                return Example(augmented=True, question=example.question, **vars(said))
        return None


class MIPROv2:
    """Bootstraps one set, has one instruction proposed, and keeps the better of two programs."""

    def __init__(self, metric, prompt_model, task_model, teacher_settings, auto, num_threads, seed, **sizes):
        assert num_threads == 1 and auto == "light" and seed
        self.metric, self.prompt_model, self.task_model = metric, prompt_model, task_model
        self.bootstrap = BootstrapFewShot(metric, teacher_settings, max_rounds=1, **sizes)

    def compile(self, student, *, trainset, valset=None):
        found = self.bootstrap.compile(student, trainset=trainset)
        wish = {"role": "user", "content": "Respond with `[[ ## proposed_instruction ## ]]`."}
        reply = self.prompt_model([wish])
        proposed = SimpleNamespace(outputs=("proposed_instruction",))
        found.signature.instructions = NOW.adapter.parse(proposed, reply)["proposed_instruction"]
        return max((student, found), key=lambda program: self._score(program, valset or trainset))

    def _score(self, program, valset):
        return sum(_right(program, example, self.metric) for example in valset)


class GEPA:
    """Has one instruction written after a minibatch, and keeps the better of two programs."""

    def __init__(
        self, metric, max_metric_calls, reflection_minibatch_size, reflection_lm, num_threads, seed, gepa_kwargs
    ):
        assert num_threads == 1 and max_metric_calls > 0
        self.metric, self.size, self.lm = metric, reflection_minibatch_size, reflection_lm
        (self.stop,) = gepa_kwargs["stop_callbacks"]

    def compile(self, student, *, trainset, valset):
        default = self._score(student, valset)
        told: list[str] = []
        self._score(student, trainset[: self.size], told)
        if self.stop(None):
            return student
        try:
            reply = self.lm([{"role": "user", "content": "\n".join([*told, "Give `new_instruction` as JSON."])}])
            written = json.loads(reply)["new_instruction"]
        except Exception:  # noqa: BLE001 (so does GEPA)
            return student
        found = student.deepcopy()
        found.signature.instructions = written
        return found if self._score(found, valset) > default else student

    def _score(self, program, problems, told=None):
        def scored(*given):
            found = self.metric(*given)
            if told is not None:
                told.append(found.feedback)
            return found.score

        return sum(_right(program, example, scored) for example in problems)


class Prediction(SimpleNamespace):
    pass


def _right(program, example, metric):
    try:
        return float(metric(example, program(example.question), None))
    except Exception:  # noqa: BLE001 (so does DSPy)
        return 0.0


@contextmanager
def context(**given):
    before = vars(NOW).copy()
    vars(NOW).update(given)
    try:
        yield
    finally:
        vars(NOW).update(before)


QUIETED = (
    "dspy.teleprompt.bootstrap",
    "dspy.teleprompt.utils",
    "dspy.propose.grounded_proposer",
    "dspy.propose.dataset_summary_generator",
    "dspy.utils.parallelizer",
    "gepa.core.engine",
)


def modules() -> dict[str, ModuleType]:
    """Return the modules that stand for DSPy, by name."""
    dspy = ModuleType("dspy")
    vars(dspy).update({name: value for name, value in globals().items() if not name.startswith("_")})
    vars(dspy).update(__version__="stub", disable_logging=lambda: None)
    vars(dspy).update(utils=SimpleNamespace(exceptions=SimpleNamespace(DSPyError=DSPyError)))
    packages = {name.rpartition(".")[0] for name in QUIETED}
    return {"dspy": dspy, **{name: ModuleType(name) for name in (*packages, *QUIETED)}}
