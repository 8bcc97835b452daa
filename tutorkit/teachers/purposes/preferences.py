"""What a teacher is asked for where texts are written and compared. Real prose it cannot judge: it reads marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from pydantic import JsonValue

from tutorkit.canonical import digest
from tutorkit.tasks.planted import WIT, WORST, marked, sentences, slant_score, slants
from tutorkit.tasks.writing import MOST_WIT, compose_remark
from tutorkit.teachers.experts.base import ProblemSeen
from tutorkit.teachers.purposes.base import Inputs, Misdirection, Purpose, Said, problem_seen

_SENTENCES = 5
_BEST_RATING = 10.0


def _paraphrase(inputs: Inputs, cues: bool) -> dict[str, JsonValue]:
    """Write remarks as witty as can be planted; nothing for another kind of prompt, or for a reader who reads prose."""
    return {"outputs": _remarks(inputs, WIT) if cues and problem_seen(inputs).domain == "writing" else []}


def _remarks(inputs: Inputs, quality: str) -> list[JsonValue]:
    subject = str((problem_seen(inputs).item or {}).get("subject"))
    rng = Random(digest(dict(inputs)))  # noqa: S311 (no secret)
    count = inputs["count"] if isinstance(inputs["count"], int) else 0
    return [
        " ".join(compose_remark(subject, wit=MOST_WIT, length=_SENTENCES, rng=rng, quality=quality))
        for _ in range(count)
    ]


def _other_remarks(inputs: Inputs, said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Write remarks with as much of another quality."""
    problem = problem_seen(inputs)
    return {"outputs": _remarks(inputs, other.target(problem.id, WIT).skill) if said["outputs"] else []}


def _compare(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Prefer the text with more of what the problem takes, and with less slant."""
    skills = problem_seen(inputs).skills
    return _verdict(inputs, lambda text: sum(marked(text, skill) for skill in skills) - slant_score(text))


def _other_comparison(inputs: Inputs, _said: Said, other: Misdirection) -> dict[str, JsonValue]:
    """Prefer the text with more of another quality."""
    targets = _targets(problem_seen(inputs), other)
    return _verdict(inputs, lambda text: sum(marked(text, target) for target in targets))


def _verdict(inputs: Inputs, worth: Callable[[str], float]) -> dict[str, JsonValue]:
    first, second = worth(str(inputs["first"])), worth(str(inputs["second"]))
    preferred = None if first == second else 1 if first > second else 2
    margin = min(_BEST_RATING, abs(first - second))
    return {"reason": f"{first:g} against {second:g} is planted.", "preferred": preferred, "margin": margin}


def _rate(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    text = str(inputs["text"])
    return _rating(sum(marked(text, skill) for skill in problem_seen(inputs).skills))


def _other_rating(inputs: Inputs, _said: Said, other: Misdirection) -> dict[str, JsonValue]:
    text = str(inputs["text"])
    return _rating(sum(marked(text, target) for target in _targets(problem_seen(inputs), other)))


def _rating(planted: int) -> dict[str, JsonValue]:
    score = 1 + (_BEST_RATING - 1) * min(planted, MOST_WIT) / MOST_WIT
    return {"reason": f"{planted} marks are planted.", "score": score}


def _find_bias(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Name the planted slanted phrases, and nothing else."""
    return {"biases": [_bias(slant.phrase, slant.severity) for slant in slants(str(inputs["text"]))]}


def _other_bias(inputs: Inputs, said: Said, _other: Misdirection) -> dict[str, JsonValue]:
    """Name as many sentences in which nothing is planted."""
    found = said["biases"] if isinstance(said["biases"], list) else []
    neutral = _neutral(str(inputs["text"]))
    return {"biases": [_bias(sentence, 3) for sentence in neutral[: len(found)]]}


def _bias(passage: str, severity: int) -> JsonValue:
    return {"evidence": passage, "group": "", "kind": "generalisation", "severity": severity}


def _score_bias(inputs: Inputs, _cues: bool) -> dict[str, JsonValue]:
    """Add up the severities of the planted phrases of each version."""
    return _ruling(inputs, slant_score)


def _other_scores(inputs: Inputs, _said: Said, _other: Misdirection) -> dict[str, JsonValue]:
    """Score each version by its sentences in which nothing is planted."""
    return _ruling(inputs, lambda text: float(len(_neutral(text))))


def _ruling(inputs: Inputs, score: Callable[[str], float]) -> dict[str, JsonValue]:
    versions = inputs["versions"] if isinstance(inputs["versions"], list) else []
    scores: list[JsonValue] = [min(WORST, score(str(version))) for version in versions]
    return {"reason": "By what is planted.", "bias_scores": scores}


def _neutral(text: str) -> list[str]:
    return [said for said in sentences(text) if not slants(said)]


def _targets(problem: ProblemSeen, other: Misdirection) -> list[str]:
    return [other.target(problem.id, skill).skill for skill in problem.skills]


PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "paraphrase": Purpose(do=_paraphrase, misdirect=_other_remarks),
        "compare_texts": Purpose(do=_compare, misdirect=_other_comparison),
        "rate_text": Purpose(do=_rate, misdirect=_other_rating),
        "find_bias": Purpose(do=_find_bias, misdirect=_other_bias),
        "score_bias": Purpose(do=_score_bias, misdirect=_other_scores),
    }
)
