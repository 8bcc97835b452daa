"""Executable misconceptions: how pupils go wrong in arithmetic, as procedures to be run, matched and taught against."""

from tutorkit.misconceptions.catalogue import DOMAINS, Malrule, malrule, malrules
from tutorkit.misconceptions.diagnosis import matching, same_answer, skills_of, split_answer
from tutorkit.misconceptions.drawing import drawn_item, drawn_item_for
from tutorkit.misconceptions.hypotheses import Hypothesised, Prediction, Verified, verified
from tutorkit.misconceptions.items import Item, parts_of, read_item
from tutorkit.misconceptions.own_rules import (
    ItemPattern,
    OwnRule,
    compiled,
    made_rule,
    read_own_rule,
    read_pattern,
    rule_of_line,
    twin_of,
)
from tutorkit.misconceptions.performance import continuation, perform, solve
from tutorkit.misconceptions.posterior import CORRECT, UNKNOWN, Assumptions, Beliefs, Hypothesis, Opinion
from tutorkit.misconceptions.probe_sets import PROBE_SETS, ProbeSet, probe_sets
from tutorkit.misconceptions.probes import Foreseen, Probe, information, next_probe, predicted_answers
from tutorkit.misconceptions.reading import read_answer, read_text
from tutorkit.misconceptions.skills import SKILLS
from tutorkit.misconceptions.synthesis import Example, Found, synthesised
from tutorkit.misconceptions.verdicts import (
    DomainVerdict,
    ItemAnswer,
    Ranked,
    Repeated,
    SetAside,
    Status,
    Verdicts,
    beliefs_of,
    diagnose,
    observe,
)
from tutorkit.misconceptions.vocabulary import Skill
from tutorkit.misconceptions.work import Work, WorkStep

__all__ = [
    "CORRECT",
    "DOMAINS",
    "PROBE_SETS",
    "SKILLS",
    "UNKNOWN",
    "Assumptions",
    "Beliefs",
    "DomainVerdict",
    "Example",
    "Foreseen",
    "Found",
    "Hypothesis",
    "Hypothesised",
    "Item",
    "ItemAnswer",
    "ItemPattern",
    "Malrule",
    "Opinion",
    "OwnRule",
    "Prediction",
    "Probe",
    "ProbeSet",
    "Ranked",
    "Repeated",
    "SetAside",
    "Skill",
    "Status",
    "Verdicts",
    "Verified",
    "Work",
    "WorkStep",
    "beliefs_of",
    "compiled",
    "continuation",
    "diagnose",
    "drawn_item",
    "drawn_item_for",
    "information",
    "made_rule",
    "malrule",
    "malrules",
    "matching",
    "next_probe",
    "observe",
    "parts_of",
    "perform",
    "predicted_answers",
    "probe_sets",
    "read_answer",
    "read_item",
    "read_own_rule",
    "read_pattern",
    "read_text",
    "rule_of_line",
    "same_answer",
    "skills_of",
    "solve",
    "split_answer",
    "synthesised",
    "twin_of",
    "verified",
]
