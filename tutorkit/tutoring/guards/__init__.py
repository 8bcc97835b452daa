"""Guards on everything that is said to a learner: no model, no network, the same verdict every time."""

from tutorkit.tutoring.guards.checking import GUARDS, check
from tutorkit.tutoring.guards.crisis import CrisisKind, crisis_in, crisis_reply
from tutorkit.tutoring.guards.privacy import Personal, masked, personal_in
from tutorkit.tutoring.guards.seen import Guard, HardRule, Seen, Violation
from tutorkit.tutoring.guards.speaking import GuardEvent, Safe, last_resort, said_safely

__all__ = [
    "GUARDS",
    "CrisisKind",
    "Guard",
    "GuardEvent",
    "HardRule",
    "Personal",
    "Safe",
    "Seen",
    "Violation",
    "check",
    "crisis_in",
    "crisis_reply",
    "last_resort",
    "masked",
    "personal_in",
    "said_safely",
]
