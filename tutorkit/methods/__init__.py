"""Teaching methods: one file per method, written with the names that this package exports."""

from tutorkit.methods._nodes.author import keep_lesson
from tutorkit.methods._nodes.evaluate import evaluate
from tutorkit.methods._nodes.practise import load_attempts, load_lessons, mistakes, practise
from tutorkit.methods._nodes.state import id_lists, ids, number
from tutorkit.methods._nodes.verify import demo_faults, instruction_faults, likeness, principle_faults
from tutorkit.methods._nodes.views import attempt_view, lesson_view, problem_view, task_view
from tutorkit.methods._tpd.diagnose import ErrorNote, diagnose
from tutorkit.methods._tpd.select import rank_by_violations, rank_principles
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Paper, Params, State, Wire

__all__ = [
    "END",
    "START",
    "Cost",
    "Deps",
    "Edge",
    "ErrorNote",
    "Method",
    "Paper",
    "Params",
    "State",
    "Wire",
    "attempt_view",
    "demo_faults",
    "diagnose",
    "evaluate",
    "id_lists",
    "ids",
    "instruction_faults",
    "keep_lesson",
    "lesson_view",
    "likeness",
    "load_attempts",
    "load_lessons",
    "mistakes",
    "number",
    "practise",
    "principle_faults",
    "problem_view",
    "rank_by_violations",
    "rank_principles",
    "task_view",
]
