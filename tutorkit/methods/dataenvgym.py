"""DataEnvGym (arXiv 2410.06215, ICLR 2025): data generation as a sequence of decisions.

The student is measured on ``val``; what it gets wrong is the state that the teacher sees. The teacher has data written,
the data are checked, and the student is trained on all of them from its own weights; then it is measured anew. Three
environments differ in what the teacher sees and decides: ``open`` (examples and errors), ``list`` (errors by discovered
skill) and ``tree`` (for each skill a tree of subskills, to which a policy gives data).

What is kept: each datum is a lesson with its skill, subskill, cycle and verdict, also the refused ones; each row of
fine-tuning data names its lesson. The state holds the skill of each val problem (``skills``), the trees (``forest``)
and the log of experiences (``history``): each action with the tree before it, and its reward. Accuracies, rewards and
verdicts are scores, too.

What is known: the paper and the authors' code, from which the loop, the three environments, the discovery of skills,
the policies and the quality check are. Not known for certain, and parameters therefore: how fast an exploiting policy
adds data, how much the filling policy fills, how much a random one draws. Ours: the judge's second solution as the test
of whether an answer is right; the stop when nothing is wrong any more or every skill has its fill of data; data that
repeat one another are written once; examples come from ``train`` where the task has it, else from ``val``. Reported,
second-hand: MATH 15.78 to 23.44 for Gemma2-2B, taught by GPT-4o; +0.8 to +1.8 taught by GPT-4o-mini.

The authors' episode ends by the data of the present iteration alone; here ``max_data`` counts what has accumulated.

Ours, too, is ``scheduler="mastering-rate"`` (``variant:mastering-rate``): in ``list`` as many calls as otherwise, but
dealt out over the skills in which something is wrong, first to those whose forerunners (``before``) are mastered. The
skills are those that the teacher discovers; where the problems name theirs, an order may use those names as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random

from tutorkit.methods._dataenvgym.data_cost import Taken, played
from tutorkit.methods._dataenvgym.data_orders import Order, portions, shown_at_random
from tutorkit.methods._dataenvgym.data_writing import Checking, check_data, unseen, write_data
from tutorkit.methods._dataenvgym.params import DataEnvGymParams
from tutorkit.methods._dataenvgym.skill_discovery import discover_skills
from tutorkit.methods._dataenvgym.skill_rewards import accuracies, keep_accuracies, keep_rewards, rewarded
from tutorkit.methods._dataenvgym.skill_tree import Experience, SkillTree, Write, harvested, ordered
from tutorkit.methods._dataenvgym.tree_actions import Scene, act
from tutorkit.methods._nodes.evaluate import evaluate as evaluate_student
from tutorkit.methods._nodes.practise import load_attempts, mistakes
from tutorkit.methods._nodes.practise import practise as practise_problems
from tutorkit.methods._nodes.retrieve import nearest
from tutorkit.methods._nodes.rows import keep_sft
from tutorkit.methods._nodes.schedule import Schedule, check_order, deal, keep_progress, schedule_of
from tutorkit.methods._nodes.scores import keep_measure
from tutorkit.methods._nodes.state import ids, number
from tutorkit.methods._nodes.verify import plain
from tutorkit.methods.vocabulary import END, START, Cost, Deps, Edge, Method, Need, Paper, Sizes, State
from tutorkit.types import Attempt, Lesson, Problem


async def practise(state: State, deps: Deps) -> State:
    """Train the student on all data from its own weights, measure it on val, and reward the actions before that.

    What is found here is what the teacher sees until the next training.
    """
    cycle = number(state, "cycle") + 1 if "cycle" in state else 0
    desk = await deps.trained(ids(state, "rows"))
    made = await practise_problems(
        deps,
        deps.problems("val"),
        lesson_ids=_reading(deps, ids(state, "lessons")),
        phase=f"val-{cycle}",
        student=desk,
    )
    attempts = load_attempts(deps, made)
    before = load_attempts(deps, ids(state, "attempts"))
    history = rewarded(_history(state), before, attempts, _skills(state))
    update: State = {
        "cycle": cycle,
        "iteration": 0,
        "trained_on": len(ids(state, "data")),
        "attempts": [*made],
        "wrong": [attempt.id for attempt in mistakes(attempts)],
        "history": [each.model_dump(mode="json") for each in history],
        **_progress(deps, state, attempts, _skills(state), cycle=cycle),
    }
    keep_accuracies(deps, attempts, _skills(state), cycle=cycle)
    keep_rewards(deps, history, cycle=cycle - 1)
    return {**update, "stop": _why_stop({**state, **update}, deps.params)}


def _progress(deps: Deps, state: State, attempts: Sequence[Attempt], skills: Mapping[str, str], *, cycle: int) -> State:
    """Return what was seen of the student by skill, these attempts with it; nothing while no skill is known."""
    if not skills or not deps.params.scheduled:
        return {}
    seen = keep_progress(
        deps,
        _schedule(deps, skills),
        state.get("progress"),
        attempts,
        skill_of=lambda attempt: skills.get(attempt.problem_id),
        round=cycle,
        probe_set="val",
    )
    return {"progress": seen}


def _schedule(deps: Deps, skills: Mapping[str, str]) -> Schedule:
    return schedule_of(deps.params.before, list(dict.fromkeys(skills.values())), window=deps.params.window)


def _why_stop(state: State, params: DataEnvGymParams) -> str:
    """Say why the loop ends here; nothing while it goes on."""
    forest = _forest(state)
    if not ids(state, "wrong"):
        return "nothing is wrong"
    if number(state, "cycle") >= params.cycles:
        return "all cycles done"
    if _is_full(state, params):
        return "enough data"
    if forest and all(tree.total >= params.max_per_skill for tree in forest.values()):
        return "every skill has its data"
    return ""


def _is_full(state: State, params: DataEnvGymParams) -> bool:
    """Tell whether the data have reached their limit: all that accumulated, not those of the last iteration."""
    return params.max_data is not None and len(ids(state, "data")) >= params.max_data


async def discover(state: State, deps: Deps) -> State:
    """Find out, once, which skill each val problem takes."""
    params: DataEnvGymParams = deps.params
    skills = await discover_skills(deps, deps.problems("val"), max_skills=params.max_skills, reasks=params.reasks)
    names = list(dict.fromkeys(str(skill) for skill in skills.values()))
    by_problem = {problem: str(skill) for problem, skill in skills.items()}
    attempts, cycle = load_attempts(deps, ids(state, "attempts")), number(state, "cycle")
    if names and params.scheduled:
        check_order(params.before, [*names, *(skill for problem in deps.problems("val") for skill in problem.skills)])
    keep_accuracies(deps, attempts, by_problem, cycle=cycle)
    trees: State = {name: SkillTree(skill=name).model_dump(mode="json") for name in names}
    return {
        "skills": skills,
        "forest": trees if params.environment == "tree" else {},
        **_progress(deps, state, attempts, by_problem, cycle=cycle),
        "stop": "" if names else "no skill was found",
    }


async def plan(state: State, deps: Deps) -> State:
    """Decide what data are to be written next."""
    if deps.params.environment == "tree":
        return await _plan_trees(state, deps)
    if deps.params.environment == "list":
        skills, orders = list(dict.fromkeys(_skills(state).values())), _skill_orders(state, deps)
    else:
        skills, orders = [""], _open_orders(state, deps)
    done = [
        _experience(state, skill=skill, action=Write(data=sum(each.count for each in orders if each.skill == skill)))
        for skill in skills
    ]
    return _planned(state, orders, done)


def _open_orders(state: State, deps: Deps) -> list[Order]:
    params: DataEnvGymParams = deps.params
    pool, wrong = _examples(deps), load_attempts(deps, ids(state, "wrong"))
    return [
        Order(
            place=place,
            purpose="write_data",
            count=count,
            shown=shown_at_random(pool, wrong, params.viewing, deps.rng),
        )
        for place, count in enumerate(portions(params.data, params.per_call), start=number(state, "ordered"))
    ]


def _skill_orders(state: State, deps: Deps) -> list[Order]:
    """Ask for every skill, also for those in which nothing is wrong, as the authors' code does; or by schedule."""
    params: DataEnvGymParams = deps.params
    seen = _by_skill(state, deps)
    calls = dict.fromkeys(seen, params.hypotheses)
    if params.scheduled:
        calls = deal(
            deps,
            _schedule(deps, _skills(state)),
            state["progress"],
            params.hypotheses * len(seen),
            among=[skill for skill, (_, errors) in seen.items() if errors] or list(seen),
            round=number(state, "cycle"),
            probe_set="val",
            part=number(state, "iteration"),
        )
    wanted = [skill for skill, count in calls.items() for _ in range(count)]
    return [
        Order(
            place=place,
            purpose="write_skill_data",
            count=params.per_hypothesis,
            skill=skill,
            shown=shown_at_random(*seen[skill], params.viewing, deps.rng),
        )
        for place, skill in enumerate(wanted, start=number(state, "ordered"))
    ]


async def _plan_trees(state: State, deps: Deps) -> State:
    """Take one action on each tree, and order the data that it asks for."""
    params: DataEnvGymParams = deps.params
    history, before, seen = _history(state), _forest(state), _by_skill(state, deps)
    current = accuracies(load_attempts(deps, ids(state, "attempts")), _skills(state))
    scenes = [
        Scene(
            tree=tree,
            past=[each for each in history if each.skill == skill],
            rules=params.rules,
            policy=params.policy,
            action_limit=params.action_limit,
            accuracy=current.get(skill, 0.0),
            shown=shown_at_random(*seen[skill], params.viewing, deps.rng),
            rng=Random(deps.rng.random()),  # noqa: S311 (no secret)
        )
        for skill, tree in before.items()
    ]
    orders: list[Order] = []
    done: list[Experience] = []
    after = dict(before)
    for tree, action in (await act(deps, scenes)).values():
        after[tree.skill] = tree
        done.append(_experience(state, skill=tree.skill, action=action, tree=before[tree.skill]))
        for subskill, count in ordered(before[tree.skill], tree).items():
            orders += [
                Order(
                    place=number(state, "ordered") + len(orders) + extra,
                    purpose="write_subskill_data",
                    count=portion,
                    skill=tree.skill,
                    subskill=subskill,
                    shown=shown_at_random(*seen[tree.skill], params.viewing, deps.rng),
                )
                for extra, portion in enumerate(portions(count, params.per_call))
            ]
    update = _planned(state, orders, done)
    return {**update, "forest": {name: tree.model_dump(mode="json") for name, tree in after.items()}}


def _experience(state: State, **given: object) -> Experience:
    place = {"cycle": number(state, "cycle"), "iteration": number(state, "iteration")}
    return Experience.model_validate({**place, "tree": None, **given})


def _planned(state: State, orders: Sequence[Order], done: Sequence[Experience]) -> State:
    history = [*_history(state), *done]
    return {
        "orders": [order.model_dump(mode="json") for order in orders],
        "ordered": number(state, "ordered") + len(orders),
        "history": [each.model_dump(mode="json") for each in history],
    }


async def generate(state: State, deps: Deps) -> State:
    """Have the data written, check them, and put those that pass to all that there are."""
    params: DataEnvGymParams = deps.params
    frozen = number(state, "trained_on")
    desk = await deps.trained(ids(state, "rows")[:frozen])
    planned = state["orders"] if isinstance(state["orders"], list) else []
    written = await write_data(deps, [Order.model_validate(order) for order in planned])
    fresh, seen = unseen(written, ids(state, "seen"))
    checking = Checking(
        by_student=params.by_student,
        by_judge=params.by_judge,
        student=desk,
        lesson_ids=_reading(deps, ids(state, "lessons")[:frozen]),
        kind="exercise" if params.student_use == "trained" else "demo",
        cycle=number(state, "cycle"),
    )
    checked = await check_data(deps, fresh, checking)
    _keep_verdicts(deps, state, checked, written=len(written))
    data = [*ids(state, "data"), *(lesson.id for lesson in checked if lesson.verified)]
    update: State = {"iteration": number(state, "iteration") + 1, "data": [*data], "seen": [*seen], "orders": []}
    trees = [harvested(tree, checked, tried=params.by_student) for tree in _forest(state).values()]
    update["forest"] = {tree.skill: tree.model_dump(mode="json") for tree in trees}
    if params.student_use == "in_context":
        return {**update, "lessons": [*data], "retrieval": _rule(params)}
    rows = [_row(deps, lesson, student=desk.ref) for lesson in checked if lesson.verified]
    return {**update, "rows": [*ids(state, "rows"), *rows], "lessons": []}


def _row(deps: Deps, lesson: Lesson, *, student: str) -> str:
    problem = deps.sink.get(Problem, str(lesson.data["problem_id"]))
    return keep_sft(
        deps,
        problem,
        rationale=plain(str(lesson.data["solution"])),
        answer=str(lesson.data["answer"]),
        round=int(str(lesson.data["cycle"])),
        student=student,
        lesson_ids=(lesson.id,),
        sources=lesson.source_attempt_ids,
        call_ids=lesson.call_ids,
        data={"skill": lesson.data["skill"], "subskill": lesson.data["subskill"]},
    ).id


def _keep_verdicts(deps: Deps, state: State, checked: Sequence[Lesson], *, written: int) -> None:
    counts = Counter(str(lesson.data["verdict"]) for lesson in checked)
    counts["repeated"] = written - len(checked)
    for verdict, count in counts.items():
        keep_measure(
            deps,
            f"data_{verdict}",
            count,
            n=written,
            subject=deps.run_id,
            probe_set="data",
            round=number(state, "cycle"),
            part=number(state, "iteration"),
        )


async def evaluate(state: State, deps: Deps) -> State:
    """Measure the student on the test problems, untaught and taught; no teacher takes part."""
    lessons, rows = ids(state, "lessons"), ids(state, "rows")
    return {"test": await evaluate_student(deps, lesson_ids=_reading(deps, lessons) if lessons else (), rows=rows)}


def _reading(deps: Deps, lesson_ids: Sequence[str]) -> Callable[[Problem], list[str]]:
    """Return what says which data the student is shown with a problem."""
    return nearest(deps, lesson_ids, rule=_rule(deps.params))


def _rule(params: DataEnvGymParams) -> str:
    return f"top-{params.k_demos}"


def _examples(deps: Deps) -> tuple[Problem, ...]:
    return deps.problems("train") or deps.problems("val")


def _by_skill(state: State, deps: Deps) -> dict[str, tuple[list[Problem], list[Attempt]]]:
    """Return, for each skill, its val problems and the wrong attempts at them."""
    skills, wrong = _skills(state), load_attempts(deps, ids(state, "wrong"))
    return {
        skill: (
            [problem for problem in deps.problems("val") if skills.get(problem.id) == skill],
            [attempt for attempt in wrong if skills.get(attempt.problem_id) == skill],
        )
        for skill in dict.fromkeys(skills.values())
    }


def _skills(state: State) -> dict[str, str]:
    found = state.get("skills", {})
    return {name: str(skill) for name, skill in found.items()} if isinstance(found, dict) else {}


def _forest(state: State) -> dict[str, SkillTree]:
    found = state.get("forest", {})
    return {name: SkillTree.model_validate(tree) for name, tree in found.items()} if isinstance(found, dict) else {}


def _history(state: State) -> list[Experience]:
    found = state.get("history", [])
    return [Experience.model_validate(each) for each in found] if isinstance(found, list) else []


def cost(params: DataEnvGymParams, sizes: Sizes) -> Cost:
    """Count the calls: ``open`` ceil(D/10) for the teacher a cycle, ``list`` skills times hypotheses, and see below.

    ``list`` and ``tree`` find the skills first, with 2V + 1. ``tree`` takes what ``played`` says for each skill. Skills
    are counted as ``max_skills``: it is less where fewer are found. The student answers val once at first and once
    after each training, and tries each datum; the judge solves each that the student could not. Of data that fail an
    earlier check it is less. ``again`` are the replies that name no skill of the list.
    """
    wrong = sizes.wrong[: params.cycles]
    cycles = next((place for place, count in enumerate(wrong) if count == 0), len(wrong))
    taken = _taken(params, cycles * params.iterations)
    discovery = 2 * sizes.val + 1 if cycles and params.environment != "open" else 0
    return Cost(
        teacher=discovery + taken.calls,
        student=sizes.val * min(len(sizes.wrong), params.cycles + 1) + taken.data * params.by_student,
        judge=taken.data * params.by_judge,
        again=params.reasks * (sizes.val + 1) if discovery else 0,
    )


def _taken(params: DataEnvGymParams, steps: int) -> Taken:
    if params.environment == "open":
        return Taken(calls=len(portions(params.data, params.per_call)), data=params.data).times(steps)
    if params.environment == "list":
        once = Taken(calls=params.hypotheses, data=params.hypotheses * params.per_hypothesis)
        return once.times(steps * params.max_skills)
    tree = played(params.rules, policy=params.policy, steps=steps, per_call=params.per_call)
    return tree.times(params.max_skills)


def fidelity(params: DataEnvGymParams) -> str:
    """Name the variant by all in which it is not the published procedure."""
    apart = {
        "in_context": params.student_use == "in_context",
        "no-state": not params.with_state,
        f"check-{params.check}": params.check != "both",
        "mastering-rate": params.scheduled,
    }
    named = "+".join(name for name, is_so in apart.items() if is_so)
    return f"variant:{named}" if named else "paper"


def _needs(params: DataEnvGymParams) -> frozenset[Need]:
    return frozenset({"train"}) if params.student_use == "trained" else frozenset()


def _goes_on(state: State, params: DataEnvGymParams) -> bool:
    return number(state, "iteration") < params.iterations and not _is_full(state, params)


METHOD = Method(
    name="dataenvgym",
    version="1",
    summary="Has training data written for what the student gets wrong, in cycles of writing, training and measuring.",
    paper=Paper("DataEnvGym: Data Generation Agents in Teacher Environments", "arXiv:2410.06215", 2024),
    params=DataEnvGymParams,
    fidelity=fidelity,
    nodes={
        "practise": practise,
        "discover": discover,
        "plan": plan,
        "generate": generate,
        "evaluate": evaluate,
    },
    edges=(
        Edge(START, "practise"),
        Edge("practise", "evaluate", lambda state, _: bool(state["stop"])),
        Edge("practise", "discover", lambda state, params: params.environment != "open" and "skills" not in state),
        Edge("practise", "plan"),
        Edge("discover", "evaluate", lambda state, _: bool(state["stop"])),
        Edge("discover", "plan"),
        Edge("plan", "generate"),
        Edge("generate", "plan", _goes_on),
        Edge("generate", "practise"),
        Edge("evaluate", END),
    ),
    artefacts=("exercise", "demo"),
    cost=cost,
    rounds=lambda params: params.cycles * params.iterations + 1,
    needs=_needs,
    instead={"student_use": "in_context"},
    random_target={"with_state": False, "scheduler": "even"},
    review_points=("practise",),
    when="Take it when there are no problems to train on: it needs validation problems alone, and the teacher writes"
    " the rest. Begin with open; list and tree are for students whose skills differ much. Every datum costs calls of"
    " student and judge, too, and with a weak teacher little is gained.",
    rows=("sft",),
    example="--task chains --student sim/two-bugs --teacher rules --val 20 --test 40 --set cycles=2 --set data=12",
)
