"""The parameters of DataEnvGym: which environment, how much is written, by whose rules, and how it is checked."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tutorkit.methods._dataenvgym.data_orders import Viewing
from tutorkit.methods._dataenvgym.policies import PolicyRules
from tutorkit.methods._dataenvgym.skill_tree import Explore
from tutorkit.methods._nodes.schedule import Before, Scheduler
from tutorkit.methods.vocabulary import Params


class DataEnvGymParams(Params):
    """The parameters of DataEnvGym."""

    environment: Literal["open", "list", "tree"] = Field(
        default="open", description="What the teacher sees and decides: examples and errors, skills, or skill trees."
    )
    student_use: Literal["trained", "in_context"] = Field(
        default="trained", description="Train the student on the data, or show it those most like each question."
    )
    with_state: bool = Field(default=True, description="Show the student's errors; without them it is a control.")
    cycles: int = Field(default=3, ge=1, le=20, description="Trainings of the student at most.")
    iterations: int = Field(default=1, ge=1, le=10, description="Times that data are written before each training.")
    max_data: int | None = Field(default=None, ge=1, description="Stop when so many data have accumulated.")
    data: int = Field(default=120, ge=1, le=10_000, description="Data asked for in an iteration (open).")
    per_call: int = Field(default=10, ge=1, le=50, description="Data asked for in one call (open, tree).")
    hypotheses: int = Field(default=5, ge=1, le=20, description="Calls for each skill, one weakness each (list).")
    per_hypothesis: int = Field(default=5, ge=1, le=50, description="Data for each weakness (list).")
    scheduler: Scheduler = Field(
        default="even", description="All skills get as many calls; or they go to skills by mastering rate (list)."
    )
    before: Before = Field(
        default_factory=dict,
        description='With mastering-rate: the skills before each, as {"percent": ["carry"]}; none given: no order.',
    )
    window: int = Field(
        default=3, ge=2, le=100, description="With mastering-rate: how many of the last measurements on val count."
    )
    shown_examples: int = Field(default=3, ge=1, le=16, description="Examples shown in a call.")
    shown_errors: int = Field(default=3, ge=0, le=16, description="Errors shown in a call.")
    max_skills: int = Field(default=8, ge=1, le=50, description="Skills discovered at most (list, tree).")
    reasks: int = Field(default=3, ge=0, le=5, description="Times that a skill outside the list is asked for again.")
    policy: Literal["alternating", "fill", "random", "threshold", "llm"] = Field(
        default="alternating", description="Who decides between new subskills and more data (tree)."
    )
    new_subskills: int | None = Field(
        default=None, ge=1, le=20, description="Subskills that exploring adds; none: 2, or 5 by threshold."
    )
    data_per_new: int | None = Field(
        default=None, ge=1, le=100, description="Data for each new subskill; none: 30, or 10 by threshold."
    )
    more_data: int = Field(default=10, ge=1, le=100, description="Data that exploiting gives to a subskill.")
    reward_floor: float = Field(default=0.01, description="Reward above which exploiting goes on (threshold).")
    fill_subskills: int = Field(default=5, ge=1, le=50, description="Subskills grown before they are filled (fill).")
    max_per_skill: int = Field(default=200, ge=1, description="Data of a skill from which on it gets no more (tree).")
    action_limit: int = Field(default=30, ge=1, description="Data for a subskill in one action of the teacher (llm).")
    check: Literal["both", "answer", "unsolved", "none"] = Field(
        default="both", description="A datum's answer must be right, and the student must not know it already."
    )
    k_demos: int = Field(default=4, ge=1, le=32, description="Data shown with a question (in_context).")

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.scheduled and self.environment != "list":
            raise ValueError("only the skills of environment=list are scheduled by mastering rate")
        return self

    @property
    def scheduled(self) -> bool:
        """Whether data go to skills by mastering rate."""
        return self.scheduler == "mastering-rate"

    @property
    def by_student(self) -> bool:
        """Whether a datum is kept only where the student does not know it already."""
        return self.check in ("both", "unsolved")

    @property
    def by_judge(self) -> bool:
        """Whether a second solution must confirm a datum's answer."""
        return self.check in ("both", "answer")

    @property
    def rules(self) -> PolicyRules:
        """The numbers that policies go by."""
        new, per_new = (5, 10) if self.policy == "threshold" else (2, 30)
        return PolicyRules(
            explore=Explore(new_subskills=self.new_subskills or new, data_per_new=self.data_per_new or per_new),
            more_data=self.more_data,
            reward_floor=self.reward_floor,
            fill_subskills=self.fill_subskills,
            cap=self.max_per_skill,
        )

    @property
    def viewing(self) -> Viewing:
        """What a call shows of the student."""
        return Viewing(examples=self.shown_examples, errors=self.shown_errors, with_state=self.with_state)
