"""MathDial: its dialogues, and its measures for the dialogues of any tutor with any learner."""

from tutorkit.evals.mathdial.confusions import ConfusionCase, confusion_cases, groundings
from tutorkit.evals.mathdial.conversation import MOVES, Students, read_conversation, turns_of
from tutorkit.evals.mathdial.counting import Hits, Matching, asserted, contains_answer, hits
from tutorkit.evals.mathdial.moves import MoveShares, move_shares, outcomes
from tutorkit.evals.mathdial.replies import (
    NextTurn,
    ReplyScores,
    corpus_bleu,
    next_turns,
    score_replies,
    token_f1,
    trivial_replies,
)
from tutorkit.evals.mathdial.rows import MathDial, MathDialRow, load_mathdial, problem_of
from tutorkit.evals.mathdial.scores import (
    KS,
    Line,
    TalkReport,
    already_at_first,
    leak_rate,
    score_talks,
    success_at,
    telling_at,
)
from tutorkit.evals.mathdial.talks import Talk, always_telling, never_helping, talk_of, talks_of

__all__ = [
    "KS",
    "MOVES",
    "ConfusionCase",
    "Hits",
    "Line",
    "Matching",
    "MathDial",
    "MathDialRow",
    "MoveShares",
    "NextTurn",
    "ReplyScores",
    "Students",
    "Talk",
    "TalkReport",
    "already_at_first",
    "always_telling",
    "asserted",
    "confusion_cases",
    "contains_answer",
    "corpus_bleu",
    "groundings",
    "hits",
    "leak_rate",
    "load_mathdial",
    "move_shares",
    "never_helping",
    "next_turns",
    "outcomes",
    "problem_of",
    "read_conversation",
    "score_replies",
    "score_talks",
    "success_at",
    "talk_of",
    "talks_of",
    "telling_at",
    "token_f1",
    "trivial_replies",
    "turns_of",
]
