"""Bayesian knowledge tracing: how likely it is that a skill is mastered, answer by answer.

Source: Corbett and Anderson, "Knowledge tracing: modeling the acquisition of procedural knowledge" (User Modeling and
User-Adapted Interaction 4, 1995). A skill is either mastered or not; a learner who has mastered it slips now and then,
one who has not guesses now and then, and each occasion to learn may bring mastery. Nothing is forgotten.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from tutorkit.types import Record

VERSION = "1"


class BKT(Record):
    """The four parameters of the model, each a probability in [0, 1].

    ``initial`` is that of mastery before the first answer, ``learn`` that an occasion to learn brings mastery, ``slip``
    that a master answers wrongly, ``guess`` that another answers rightly.
    """

    initial: float = Field(default=0.3, ge=0, le=1)
    learn: float = Field(default=0.2, ge=0, le=1)
    slip: float = Field(default=0.1, ge=0, le=1)
    guess: float = Field(default=0.1, ge=0, le=1)

    @model_validator(mode="after")
    def _an_answer_tells_something(self) -> BKT:
        if self.slip + self.guess >= 1:
            raise ValueError("slip and guess must sum to less than 1, or a right answer would speak against mastery")
        return self

    def predicted(self, mastered: float) -> float:
        """Return the probability of a right answer: L(1 − s) + (1 − L)g."""
        return mastered * (1 - self.slip) + (1 - mastered) * self.guess

    def seen(self, mastered: float, *, right: bool) -> float:
        """Return the probability of mastery once an answer was seen: Bayes' rule.

        With L the probability before, s the slip and g the guess: L(1 − s) / (L(1 − s) + (1 − L)g) after a right
        answer, Ls / (Ls + (1 − L)(1 − g)) after a wrong one. An answer that the model holds for impossible tells
        nothing.
        """
        if_mastered = 1 - self.slip if right else self.slip
        if_not = self.guess if right else 1 - self.guess
        total = mastered * if_mastered + (1 - mastered) * if_not
        return mastered * if_mastered / total if total else mastered

    def practised(self, mastered: float) -> float:
        """Return the probability of mastery after one occasion to learn: L + (1 − L) · learn."""
        return mastered + (1 - mastered) * self.learn
