"""Executable misconceptions: how pupils go wrong in arithmetic, as procedures to be run, matched and taught against."""

from tutorkit.misconceptions.catalogue import DOMAINS, Malrule, malrule, malrules
from tutorkit.misconceptions.diagnosis import matching, same_answer, skills_of, split_answer
from tutorkit.misconceptions.items import Item, parts_of, read_item
from tutorkit.misconceptions.performance import continuation, perform, solve
from tutorkit.misconceptions.skills import SKILLS
from tutorkit.misconceptions.vocabulary import Skill
from tutorkit.misconceptions.work import Work, WorkStep

__all__ = [
    "DOMAINS",
    "SKILLS",
    "Item",
    "Malrule",
    "Skill",
    "Work",
    "WorkStep",
    "continuation",
    "malrule",
    "malrules",
    "matching",
    "parts_of",
    "perform",
    "read_item",
    "same_answer",
    "skills_of",
    "solve",
    "split_answer",
]
