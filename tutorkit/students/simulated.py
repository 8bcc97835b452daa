"""Every simulated learner by its name: those that work problems out, those of small worlds, and the one that writes."""

from __future__ import annotations

from tutorkit.students.buggy import BuggyStudent, parse_sim
from tutorkit.students.worlds import WorldStudent, is_world, parse_world
from tutorkit.students.writer import SimulatedWriter, is_writer, parse_writer


def build_simulated(ref: str) -> BuggyStudent | WorldStudent | SimulatedWriter:
    """Build a simulated learner: ``sim/writer?…``, one of a world such as ``sim/service?…``, else ``sim/two-bugs?…``.

    Raises:
        UnknownName, BadSetting: when there is none of that name, or an option does not fit.
    """
    if is_writer(ref):
        return parse_writer(ref)
    return parse_world(ref) if is_world(ref) else parse_sim(ref)
