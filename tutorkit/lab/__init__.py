"""The laboratory: where everything is put together. ``from tutorkit import Lab`` is the Python API."""

from tutorkit.exports import FORMATS, CheckReport, ExportReport
from tutorkit.graphs.allowance import Share
from tutorkit.graphs.events import (
    BatchAdvanced,
    CallMade,
    Event,
    ItemsAdvanced,
    Listener,
    NodeFinished,
    NodeStarted,
    RunEnded,
    RunStarted,
    fan_out,
)
from tutorkit.graphs.review import Undecided
from tutorkit.lab.comparing.contest import Contest, Entrant
from tutorkit.lab.comparing.estimating import ComparisonEstimate, EntrantEstimate
from tutorkit.lab.comparing.report import (
    CompareReport,
    Control,
    CorrectedGain,
    Pair,
    Point,
    Standing,
    Taken,
    Unfinished,
)
from tutorkit.lab.demo import demo_plan
from tutorkit.lab.doctor import Check
from tutorkit.lab.estimates.estimate import CallSize, EstimateLine, EstimateReport, Figures, LimitCheck, Span
from tutorkit.lab.lab import Lab
from tutorkit.lab.method_facts import MethodFacts, Parameter, Setting, facts_of
from tutorkit.lab.plan import Allowance, Controls, Limits, Plan
from tutorkit.lab.pricing import PriceLine
from tutorkit.lab.recordings.comparing import Mismatch
from tutorkit.lab.recordings.replaying import ReplayedArm, ReplayReport
from tutorkit.lab.recordings.travelling import CassetteReport
from tutorkit.lab.report import ApplyReport, ArmResult, Estimate, Gain, PrincipleLine, Spending, TeachReport
from tutorkit.lab.spending import Tally, spending_by_role
from tutorkit.methods.vocabulary import Method
from tutorkit.packs.changing import LessonLine, PackDiff
from tutorkit.packs.exporting import FORMS
from tutorkit.packs.serving import Address
from tutorkit.store import AnyRow, Decision, Lineage, RowKind, RowReview, RowsReviewed
from tutorkit.types import Call, Lesson, Pack, Role, Run

__all__ = [
    "FORMATS",
    "FORMS",
    "Address",
    "Allowance",
    "AnyRow",
    "ApplyReport",
    "ArmResult",
    "BatchAdvanced",
    "Call",
    "CallMade",
    "CallSize",
    "CassetteReport",
    "Check",
    "CheckReport",
    "CompareReport",
    "ComparisonEstimate",
    "Contest",
    "Control",
    "Controls",
    "CorrectedGain",
    "Decision",
    "Entrant",
    "EntrantEstimate",
    "Estimate",
    "EstimateLine",
    "EstimateReport",
    "Event",
    "ExportReport",
    "Figures",
    "Gain",
    "ItemsAdvanced",
    "Lab",
    "Lesson",
    "LessonLine",
    "LimitCheck",
    "Limits",
    "Lineage",
    "Listener",
    "Method",
    "MethodFacts",
    "Mismatch",
    "NodeFinished",
    "NodeStarted",
    "Pack",
    "PackDiff",
    "Pair",
    "Parameter",
    "Plan",
    "Point",
    "PriceLine",
    "PrincipleLine",
    "ReplayReport",
    "ReplayedArm",
    "Role",
    "RowKind",
    "RowReview",
    "RowsReviewed",
    "Run",
    "RunEnded",
    "RunStarted",
    "Setting",
    "Share",
    "Span",
    "Spending",
    "Standing",
    "Taken",
    "Tally",
    "TeachReport",
    "Undecided",
    "Unfinished",
    "demo_plan",
    "facts_of",
    "fan_out",
    "spending_by_role",
]
