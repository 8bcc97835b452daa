"""The laboratory: where everything is put together. ``from tutorkit import Lab`` is the Python API."""

from tutorkit.evals.stats import Interval
from tutorkit.evals.tournament import TournamentReport, TutorStanding
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
from tutorkit.knowledge.evaluating import Measure
from tutorkit.knowledge.trial import CurriculumTrial, try_curriculum
from tutorkit.lab.assigning import Worksheet
from tutorkit.lab.classroom import ClassroomReport, create_classroom
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
from tutorkit.lab.diagnosing import ClassDiagnosis, PupilDiagnosis, diagnose_file
from tutorkit.lab.diagnosis_benchmark import BenchmarkReport, benchmark_teacher
from tutorkit.lab.doctor import Check
from tutorkit.lab.estimates.estimate import CallSize, EstimateLine, EstimateReport, Figures, LimitCheck, Span
from tutorkit.lab.hypothesising import Note
from tutorkit.lab.knowing import KnowledgeReport, evaluate_models
from tutorkit.lab.lab import Lab
from tutorkit.lab.method_facts import MethodFacts, Parameter, Setting, facts_of
from tutorkit.lab.plan import Allowance, Controls, Limits, Plan
from tutorkit.lab.practising import Feedback, Practice, PracticeQuestion, SkillLine, learner_knowledge
from tutorkit.lab.pricing import PriceLine
from tutorkit.lab.recordings.comparing import Mismatch
from tutorkit.lab.recordings.replaying import ReplayedArm, ReplayReport
from tutorkit.lab.recordings.travelling import CassetteReport
from tutorkit.lab.report import ApplyReport, ArmResult, Estimate, Gain, PrincipleLine, Spending, TeachReport
from tutorkit.lab.rule_catalogue import RuleAdded, RuleCard, RuleLine, add_rule, rule_card, rule_lines
from tutorkit.lab.sessions import SessionLine
from tutorkit.lab.spending import Tally, spending_by_role
from tutorkit.lab.tutor_evaluating import TutorContest
from tutorkit.lab.tutoring import Tutor, TutorReply
from tutorkit.methods.vocabulary import Method
from tutorkit.misconceptions import DomainVerdict, Opinion, Probe, Ranked, Verdicts
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
    "BenchmarkReport",
    "Call",
    "CallMade",
    "CallSize",
    "CassetteReport",
    "Check",
    "CheckReport",
    "ClassDiagnosis",
    "ClassroomReport",
    "CompareReport",
    "ComparisonEstimate",
    "Contest",
    "Control",
    "Controls",
    "CorrectedGain",
    "CurriculumTrial",
    "Decision",
    "DomainVerdict",
    "Entrant",
    "EntrantEstimate",
    "Estimate",
    "EstimateLine",
    "EstimateReport",
    "Event",
    "ExportReport",
    "Feedback",
    "Figures",
    "Gain",
    "Interval",
    "ItemsAdvanced",
    "KnowledgeReport",
    "Lab",
    "Lesson",
    "LessonLine",
    "LimitCheck",
    "Limits",
    "Lineage",
    "Listener",
    "Measure",
    "Method",
    "MethodFacts",
    "Mismatch",
    "NodeFinished",
    "NodeStarted",
    "Note",
    "Opinion",
    "Pack",
    "PackDiff",
    "Pair",
    "Parameter",
    "Plan",
    "Point",
    "Practice",
    "PracticeQuestion",
    "PriceLine",
    "PrincipleLine",
    "Probe",
    "PupilDiagnosis",
    "Ranked",
    "ReplayReport",
    "ReplayedArm",
    "Role",
    "RowKind",
    "RowReview",
    "RowsReviewed",
    "RuleAdded",
    "RuleCard",
    "RuleLine",
    "Run",
    "RunEnded",
    "RunStarted",
    "SessionLine",
    "Setting",
    "Share",
    "SkillLine",
    "Span",
    "Spending",
    "Standing",
    "Taken",
    "Tally",
    "TeachReport",
    "TournamentReport",
    "Tutor",
    "TutorContest",
    "TutorReply",
    "TutorStanding",
    "Undecided",
    "Unfinished",
    "Verdicts",
    "Worksheet",
    "add_rule",
    "benchmark_teacher",
    "create_classroom",
    "demo_plan",
    "diagnose_file",
    "evaluate_models",
    "facts_of",
    "fan_out",
    "learner_knowledge",
    "rule_card",
    "rule_lines",
    "spending_by_role",
    "try_curriculum",
]
