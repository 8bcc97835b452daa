"""Control teachers: each is wrong in one way that is known, so that a method's result can be seen to depend on it."""

from tutorkit.teachers.controls.registry import control_names, control_teacher

__all__ = ["control_names", "control_teacher"]
