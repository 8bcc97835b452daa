"""The tutor's next turn, compared with what the human teacher said: measures that need no model's weights.

The paper also reports BERTScore and a measure of uptake; both want the weights of a model and are not computed here.
A high score says that a reply is like the teacher's, not that it teaches; so the trivial replies stand beside it.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final

from tutorkit.errors import BadSetting, EmptyData, MissingExtra
from tutorkit.evals.mathdial.talks import Talk
from tutorkit.types import Record, Turn

CONSTANT: Final = "Can you explain to me how you worked that out?"

_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*")
_ARTICLES = frozenset({"a", "an", "the"})


class NextTurn(Record):
    """A conversation up to a teacher's turn, and that turn.

    ``grounding`` is what the teacher knew: the reference solution and the described confusion, or whatever is given.
    """

    id: str
    group: str
    problem: str
    history: tuple[Turn, ...]
    move: str | None
    reply: str
    grounding: str


class ReplyScores(Record):
    """How replies compare with the teachers' own: means over ``n`` turns.

    ``bleu`` is corpus BLEU in [0, 100], with the signature that makes it comparable. ``grounded`` is the token F1
    between reply and grounding (knowledge F1), ``like_teacher`` between reply and the teacher's reply, both in [0, 1].
    """

    n: int
    bleu: float
    signature: str
    grounded: float
    like_teacher: float
    words: float
    questions: float


def next_turns(talks: Sequence[Talk], groundings: Sequence[str]) -> tuple[NextTurn, ...]:
    """Return every teacher's turn that follows a learner's.

    Args:
        talks: the dialogues.
        groundings: what the teacher of each knew, in their order.

    Raises:
        BadSetting: when there are not as many groundings as talks.
    """
    _same_length(len(talks), len(groundings), "talks", "groundings")
    return tuple(
        NextTurn(
            id=f"{talk.id}-{place}",
            group=talk.group,
            problem=talk.problem,
            history=talk.turns[:place],
            move=turn.move,
            reply=turn.text,
            grounding=grounding,
        )
        for talk, grounding in zip(talks, groundings, strict=True)
        for place, turn in enumerate(talk.turns)
        if turn.role == "tutor" and place and talk.turns[place - 1].role == "learner" and turn.text
    )


def score_replies(cases: Sequence[NextTurn], replies: Sequence[str]) -> ReplyScores:
    """Score one reply for each case.

    Raises:
        BadSetting: when there are not as many replies as cases.
        EmptyData: when there are none.
        MissingExtra: without sacrebleu.
    """
    _same_length(len(cases), len(replies), "cases", "replies")
    if not cases:
        raise EmptyData("There are no replies to score.", remedy="Give at least one dialogue.")
    bleu, signature = corpus_bleu(replies, [case.reply for case in cases])
    n = len(cases)
    return ReplyScores(
        n=n,
        bleu=bleu,
        signature=signature,
        grounded=sum(token_f1(reply, case.grounding) for case, reply in zip(cases, replies, strict=True)) / n,
        like_teacher=sum(token_f1(reply, case.reply) for case, reply in zip(cases, replies, strict=True)) / n,
        words=sum(len(reply.split()) for reply in replies) / n,
        questions=sum("?" in reply for reply in replies) / n,
    )


def trivial_replies(cases: Sequence[NextTurn], *, seed: int = 0) -> dict[str, tuple[str, ...]]:
    """Return the replies of tutors that understand nothing, by name.

    ``constant`` always says the same; ``echo`` repeats the learner's last words; ``other problem`` says what some
    teacher said about another problem.
    """
    rng = Random(seed)  # noqa: S311 - a sample, not a secret
    others = []
    for case in cases:
        pool = [other.reply for other in rng.sample(cases, min(len(cases), 50)) if other.group != case.group]
        others.append(pool[0] if pool else CONSTANT)
    return {
        "constant": (CONSTANT,) * len(cases),
        "echo": tuple(case.history[-1].text for case in cases),
        "other problem": tuple(others),
    }


def token_f1(first: str, second: str) -> float:
    """Return the F1 of the words that two texts share, each as often as both have it, in [0, 1].

    Case, punctuation and articles do not count, as is usual since Rajpurkar et al. (2016), arXiv:1606.05250.
    """
    left, right = _words(first), _words(second)
    shared = sum((left & right).values())
    return 2 * shared / (left.total() + right.total()) if shared else 0.0


def corpus_bleu(replies: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    """Return corpus BLEU (Papineni et al. 2002) as sacreBLEU computes it, in [0, 100], and its signature.

    Raises:
        MissingExtra: without sacrebleu.
    """
    try:
        metrics = importlib.import_module("sacrebleu.metrics")
    except ImportError as error:
        raise MissingExtra("sacrebleu", "bench", "Computing BLEU") from error
    bleu = metrics.BLEU()
    score = bleu.corpus_score(list(replies), [list(references)])
    return float(score.score), str(bleu.get_signature())


def _words(text: str) -> Counter[str]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace(",", "")
    return Counter(word for word in _WORD.findall(plain) if word not in _ARTICLES)


def _same_length(first: int, second: int, what: str, other: str) -> None:
    if first != second:
        raise BadSetting(f"There are {first} {what} and {second} {other}.", data={what: first, other: second})
