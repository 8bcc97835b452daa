"""The rule-based teacher: does what a strong model is asked for, on the kinds of problems that its experts know.

It works from the inputs of the ask alone, as a model does, and what it does not know it does not make up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tutorkit.errors import UnknownName
from tutorkit.ports import Ask, Reply, SchemaT
from tutorkit.prompting import PromptLibrary
from tutorkit.teachers.purposes import PURPOSES
from tutorkit.teachers.records import own_call


@dataclass(frozen=True, kw_only=True)
class RuleTeacher:
    """Teaches by rules, without a model and without cost.

    With ``cues``, principles and worked solutions end with tags ``[[skill:NAME]]``, which is all that a simulated
    student reads of them.
    """

    prompts: PromptLibrary
    cues: bool
    ref: str = "rules"
    diagnoses_as: Literal["rule", "llm", "human"] = "rule"

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Do what is asked.

        Raises:
            UnknownName: for a purpose that it was not taught.
            PromptInvalid: when the inputs are not those of the prompt.
        """
        purpose = PURPOSES.get(ask.purpose)
        if purpose is None:
            raise UnknownName("purpose of the rule-based teacher", ask.purpose, tuple(PURPOSES))
        value = ask.schema.model_validate(purpose.do(ask.inputs, self.cues))
        return Reply(value=value, calls=(own_call(ask, value, ref=self.ref, prompts=self.prompts),))
