"""SPOCK: a tutor that goes through a problem's subproblems and says of every turn how it judged and what it did.

Source: Sonkar et al. (2023), "CLASS: A Design Framework for Building Intelligent Tutoring Systems Based on Learning
Science principles", arXiv:2305.13272, and the authors' public code. The codes are theirs; what they allow is decided
here by code, whoever speaks.
"""

from tutorkit.tutoring.spock.codes import ALLOWED, MEANINGS, SpockCodes, SpockTurn, read_codes, read_turn
from tutorkit.tutoring.spock.generating import Generated, SpockDialogue, SpockRound, gen_dialogue, gen_scaffold
from tutorkit.tutoring.spock.judging import Judged, judged
from tutorkit.tutoring.spock.machine import Progress, SpockRules, advance, allowed_actions, state_of
from tutorkit.tutoring.spock.mode import Spock, SpockState, SpockTrace, Stepped
from tutorkit.tutoring.spock.rows import preference_rows, sft_rows
from tutorkit.tutoring.spock.scaffold import Scaffold, SubProblem, read_scaffolds, shipped_scaffold, shipped_scaffolds

__all__ = [
    "ALLOWED",
    "MEANINGS",
    "Generated",
    "Judged",
    "Progress",
    "Scaffold",
    "Spock",
    "SpockCodes",
    "SpockDialogue",
    "SpockRound",
    "SpockRules",
    "SpockState",
    "SpockTrace",
    "SpockTurn",
    "Stepped",
    "SubProblem",
    "advance",
    "allowed_actions",
    "gen_dialogue",
    "gen_scaffold",
    "judged",
    "preference_rows",
    "read_codes",
    "read_scaffolds",
    "read_turn",
    "sft_rows",
    "shipped_scaffold",
    "shipped_scaffolds",
    "state_of",
]
