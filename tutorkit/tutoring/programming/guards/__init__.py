"""What may not be said about a learner's program, looked for in what is about to be said, by rule and by running it."""

from tutorkit.tutoring.programming.guards.checking import Checked, Objection, ObjectionKind, objections

__all__ = ["Checked", "Objection", "ObjectionKind", "objections"]
