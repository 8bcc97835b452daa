"""The laboratory: where everything is put together. ``from tutorkit import Lab`` is the Python API."""

from tutorkit.graphs.events import Event, ItemsAdvanced, Listener, NodeFinished, NodeStarted, RunStarted
from tutorkit.lab.demo import demo_plan
from tutorkit.lab.doctor import Check
from tutorkit.lab.lab import Lab
from tutorkit.lab.plan import Controls, Limits, Plan
from tutorkit.lab.report import ApplyReport, ArmResult, Estimate, Gain, PrincipleLine, Spending, TeachReport
from tutorkit.methods.vocabulary import Method
from tutorkit.store import Decision, Lineage
from tutorkit.types import Call, Lesson, Pack

__all__ = [
    "ApplyReport",
    "ArmResult",
    "Call",
    "Check",
    "Controls",
    "Decision",
    "Estimate",
    "Event",
    "Gain",
    "ItemsAdvanced",
    "Lab",
    "Lesson",
    "Limits",
    "Lineage",
    "Listener",
    "Method",
    "NodeFinished",
    "NodeStarted",
    "Pack",
    "Plan",
    "PrincipleLine",
    "RunStarted",
    "Spending",
    "TeachReport",
    "demo_plan",
]
