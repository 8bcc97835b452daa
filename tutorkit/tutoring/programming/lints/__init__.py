"""What a look at the text of a learner's program shows, without running it: slips that beginners are known for."""

from tutorkit.tutoring.programming.lints.finding import Finding, FindingKind
from tutorkit.tutoring.programming.lints.reading import findings_in

__all__ = ["Finding", "FindingKind", "findings_in"]
