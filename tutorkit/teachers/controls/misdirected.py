"""Teachers that take one skill for another: consistently (deranged), or anew for each item (random)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from pydantic import BaseModel

from tutorkit.canonical import digest
from tutorkit.errors import UnknownName
from tutorkit.misconceptions import SKILLS
from tutorkit.ports import Ask, Reply, SchemaT, Teacher
from tutorkit.teachers.controls.texts import split_cues
from tutorkit.teachers.controls.unused import Target, unused_conventions
from tutorkit.teachers.controls.wrapping import Wrapping
from tutorkit.teachers.experts import expert_for, principle_for, summary_of_lack
from tutorkit.teachers.experts.base import AttemptSeen, ProblemSeen
from tutorkit.teachers.records import retold
from tutorkit.teachers.rules import PrincipleSeen, cue
from tutorkit.types import Problem


@dataclass(frozen=True, kw_only=True)
class MisdirectedTeacher(Wrapping):
    """Asks another teacher, and puts the skill that ``assign`` names in the place of the one that is lacking.

    ``assign`` maps a problem's id and a lacking skill to its target. The principles, the violations and the worked
    solutions then are about the target, in the same number as otherwise.
    """

    assign: Callable[[str, str], Target]
    live: tuple[str, ...]
    problems: tuple[Problem, ...]

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Ask and misdirect.

        Raises:
            UnknownName: for a purpose of which it is not known how to misdirect it.
        """
        match ask.purpose:
            case "draft_instruction" | "generate_principles" | "refine_instruction":
                reply = await self.base.call(ask)
                changed: BaseModel = reply.value
            case "extract_errors":
                reply = await self.base.call(ask)
                changed = self._other_skill(ask, reply.value)
            case "check_violations":
                reply = await self.base.call(ask)
                changed = self._other_violations(ask, reply.value)
            case "write_demo":
                reply = await self.base.call(ask)
                changed = self._other_solution(ask, reply.value)
            case unknown:
                known = ("draft_instruction", "extract_errors", "generate_principles", "check_violations")
                raise UnknownName(f"purpose of {self.ref}", unknown, (*known, "write_demo", "refine_instruction"))
        value = ask.schema.model_validate(changed.model_dump())
        return Reply(value=value, calls=retold(reply.calls, value, ref=self.ref))

    def _other_skill(self, ask: Ask[SchemaT], note: BaseModel) -> BaseModel:
        skill = getattr(note, "skill", None)
        if skill is None:
            return note
        target = self.assign(_problem(ask).id, skill)
        said = {"error_summary": target.summary, "cause": f"{target.skill} is lacking"[:80]}
        return note.model_copy(update={"skill": target.skill, "misconception_id": None, **said})

    def _other_violations(self, ask: Ask[SchemaT], found: BaseModel) -> BaseModel:
        """Say of each principle at hand whether it is about the target of a skill that the attempt lacks."""
        problem = _problem(ask)
        findings = expert_for(problem).findings(problem, AttemptSeen.model_validate(ask.inputs["attempt"]))
        targets: dict[str | None, str] = {}
        for finding in findings:
            if finding.skill is not None:
                targets.setdefault(self.assign(problem.id, finding.skill).skill, finding.evidence)
        return found.model_validate(
            {
                "violations": [
                    {
                        "principle_id": principle.id,
                        "evidence": targets.get(principle.skill, ""),
                        "violated": principle.skill in targets,
                    }
                    for principle in _principles(ask)
                ]
            }
        )

    def _other_solution(self, ask: Ask[SchemaT], demo: BaseModel) -> BaseModel:
        """Work a problem about the target in the place of this one, up to that problem's answer.

        A right answer would teach by itself: a model can learn a rule from examples whatever their working says. So the
        answer is misdirected too, and a method that checks the answers of its examples sets these aside.
        """
        problem = _problem(ask)
        lacking = [skill for skill in problem.skills if skill in self.live] or [""]
        targets = dict.fromkeys(self.assign(problem.id, skill) for skill in lacking)
        said, cues = split_cues(str(getattr(demo, "solution", "")))
        if not said:
            return demo
        worked = [self._working(target, apart_from=problem.id) for target in targets]
        lines, answers = [lines for lines, _ in worked], [answer for _, answer in worked]
        skills = [target.skill for target in targets]
        used = [each.id for each in _principles(ask) if each.skill in skills]
        solution = "\n".join(lines) + (cue(skills) if cues else "")
        changed = {"solution": solution, "final_answer": ", ".join(answers), "principles_used": used}
        return demo.model_copy(update=changed)

    def _working(self, target: Target, *, apart_from: str) -> tuple[str, str]:
        """Return the working and the answer of a problem about the target; its principle where there is no problem."""
        donors = (p for p in self.problems if target.skill in p.skills and p.id != apart_from and p.steps)
        donor = next(donors, None)
        if donor is not None:
            return "\n".join(step.text for step in donor.steps), donor.gold or ""
        return principle_for(target.skill, target.summary) or target.summary, "unknown"


def deranged(
    base: Teacher, *, ref: str, live: Sequence[str], skills: Sequence[str], problems: Sequence[Problem], seed: int
) -> MisdirectedTeacher:
    """Make a teacher that takes every lacking skill for another one, which is not lacking, always the same.

    Where no skill of the task is known to be there, a skill that the task does not use takes its place: a private
    convention that no problem is about, or a piece of written arithmetic.
    """
    shown = [seen(problem) for problem in problems]
    spare = sorted(set(skills) - set(live))
    targets = [Target(skill, summary_of_lack(skill, shown)) for skill in spare]
    targets = targets or unused_conventions(problems)
    targets = targets or [Target(skill, summary_of_lack(skill, ())) for skill in SKILLS if skill not in skills]
    Random(seed).shuffle(targets)  # noqa: S311 (no secret)
    mapping = {skill: targets[place % len(targets)] for place, skill in enumerate(sorted(live))}
    return MisdirectedTeacher(
        base=base,
        ref=ref,
        assign=lambda _, skill: mapping.get(skill) or targets[int(digest(skill)[:8], 16) % len(targets)],
        live=tuple(live),
        problems=tuple(problems),
    )


def random_skills(
    base: Teacher, *, ref: str, live: Sequence[str], skills: Sequence[str], problems: Sequence[Problem], seed: int
) -> MisdirectedTeacher:
    """Make a teacher that names a random skill for each item.

    No negative control: over many items it names every skill, the live ones too. Look at its precision.
    """
    shown = [seen(problem) for problem in problems]
    pool = [Target(skill, summary_of_lack(skill, shown)) for skill in sorted({*skills, *live} or SKILLS)]
    return MisdirectedTeacher(
        base=base,
        ref=ref,
        assign=lambda problem_id, _: Random(f"{seed}:{problem_id}").choice(pool),  # noqa: S311 (no secret)
        live=tuple(live),
        problems=tuple(problems),
    )


def seen(problem: Problem) -> ProblemSeen:
    """Show a problem as an expert sees it."""
    return ProblemSeen(
        id=problem.id,
        text=problem.text,
        gold=problem.gold,
        steps=tuple(step.text for step in problem.steps),
        skills=problem.skills,
        item=problem.item,
    )


def _problem(ask: Ask[SchemaT]) -> ProblemSeen:
    return ProblemSeen.model_validate(ask.inputs["problem"])


def _principles(ask: Ask[SchemaT]) -> list[PrincipleSeen]:
    shown = ask.inputs["principles"]
    return [PrincipleSeen.model_validate(each) for each in shown] if isinstance(shown, list) else []
