"""Look at an experiment before it is executed: who takes part, and what the store and the cache know of them.

Nothing is called, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from tutorkit.lab.estimates.counting import practice_size
from tutorkit.lab.estimates.estimate import CallSize
from tutorkit.lab.estimates.known import untaught_keys, wrong_share
from tutorkit.lab.estimates.sizes import output_limit, student_sizes, teacher_sizes
from tutorkit.lab.gateways import prices_for
from tutorkit.lab.participants import STUDENT_DEFAULTS, TEACHER_DEFAULTS, Kit, build_student, is_offline
from tutorkit.lab.plan import Plan
from tutorkit.lab.teaching import Experiment, prepare
from tutorkit.methods.vocabulary import Sizes
from tutorkit.models import CacheMode, Gateway, Prices, ProviderSettings, ReplyCache, RunBudget, parse_model
from tutorkit.models.providers import Provider, open_provider
from tutorkit.settings import Settings
from tutorkit.store import Answered, MeasuredCall, answers_of_student, measured_calls, open_store
from tutorkit.students.model import ModelStudent


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All that the arms have in common.

    ``keys`` name the untaught requests of a model student, by problem. ``batch`` tells whether calls will go through
    the providers' batch APIs.
    """

    experiment: Experiment
    kit: Kit
    prices: Prices
    cache: ReplyCache
    student: ModelStudent | None
    keys: Mapping[str, str]
    share: float | None
    share_n: int
    student_sizes: tuple[CallSize, ...]
    teacher_sizes: tuple[CallSize, ...]
    batch: bool

    @property
    def plan(self) -> Plan:
        """What is to be done."""
        return self.experiment.plan

    @property
    def mode(self) -> CacheMode:
        """How the cache is used."""
        return self.experiment.settings.cache_mode

    @property
    def sizes(self) -> tuple[CallSize, ...]:
        """What calls of each kind take."""
        return (*self.student_sizes, *self.teacher_sizes)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that may be called."""
        return models_of(self.plan)

    @cached_property
    def problems(self) -> Sizes:
        """How many problems there are, by split."""
        task = self.experiment.task
        return Sizes(
            train=len(task.split("train")),
            probe=len(task.split("probe")),
            val=len(task.split("val")),
            test=len(task.split("test")),
            panel=len(self.plan.panel),
        )

    @property
    def practice(self) -> int:
        """How many problems the student practises on."""
        return practice_size(self.experiment.method, self.problems)

    @cached_property
    def twins(self) -> int:
        """How many of these ask what another one asks."""
        split = self.experiment.method.practice
        texts = [problem.question().as_text() for problem in self.experiment.task.split(split)]
        return len(texts) - len(set(texts))

    def may_be_recorded(self, model: str) -> bool:
        """Tell whether the cache may answer requests of a model that cannot be known yet."""
        ref = parse_model(model)
        bare = f"{ref.provider}/{ref.name}"
        return any(name == bare or name.startswith(f"{bare}@") for name in self.cache.models())


@contextmanager
def open_scene(plan: Plan, settings: Settings, *, batch: bool = False) -> Iterator[Scene]:
    """Open what there is to read. A database or cache that is not there yet is an empty one elsewhere: none is made."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="tutorkit-estimate-")))
        store = opened.enter_context(open_store(_database(settings, otherwise=folder)))
        cache = settings.cache_path if settings.cache_path.exists() else folder / "replies.sqlite"
        replies = opened.enter_context(ReplyCache(cache))
        experiment = prepare(plan, settings=settings, store=store)
        # A gateway that has nothing recorded and must not call: whoever is built upon it cannot ask by mistake.
        gateway = Gateway(cache=folder / "nothing.sqlite", mode="replay")
        opened.enter_context(closing(gateway.cache))
        kit = Kit(
            plan=plan,
            task=experiment.task,
            prompts=experiment.prompts,
            gateway=gateway,
            budget=RunBudget(),
            data_dir=settings.data_dir,
            models=settings.models_path,
        )
        yield _look(experiment, kit, replies, prices_for(settings), batch=batch)


def _look(experiment: Experiment, kit: Kit, cache: ReplyCache, prices: Prices, *, batch: bool) -> Scene:
    """Build those who take part, as a run does, and fetch what is known of them."""
    plan, task, store = experiment.plan, experiment.task, experiment.store
    built = build_student(kit)
    student = built if isinstance(built, ModelStudent) else None
    for arm in experiment.arms:
        arm.teacher(kit)
    answers = answers_of_student(store, student=plan.student, task=task.name)
    measured = measured_calls(store, task=task.name, models=models_of(plan))
    share, n = wrong_share(answers)
    return Scene(
        experiment=experiment,
        kit=kit,
        prices=prices,
        cache=cache,
        student=student,
        keys=untaught_keys(student, task.split("test"), provider_of(plan.student)) if student else {},
        share=share,
        share_n=n,
        student_sizes=_student_sizes(student, experiment, measured, answers) if student else (),
        teacher_sizes=() if is_offline(plan.teacher) else _teacher_sizes(experiment, measured),
        batch=batch,
    )


def _student_sizes(
    student: ModelStudent, experiment: Experiment, measured: Sequence[MeasuredCall], answers: Sequence[Answered]
) -> tuple[CallSize, ...]:
    # Nobody knows how long the lessons will be: all of them together are taken for one full reply of the teacher.
    lessons = output_limit({**TEACHER_DEFAULTS, **experiment.plan.teacher_options})
    return student_sizes(student, experiment.task, measured=measured, answers=answers, lessons_at_most=lessons)


def _teacher_sizes(experiment: Experiment, measured: Sequence[MeasuredCall]) -> tuple[CallSize, ...]:
    plan, prompts = experiment.plan, experiment.prompts
    return teacher_sizes(
        plan.teacher,
        [prompts.get(name) for name in prompts.digests(experiment.method.name)],
        experiment.task,
        options={**TEACHER_DEFAULTS, **plan.teacher_options},
        answer_at_most=output_limit({**STUDENT_DEFAULTS, **plan.student_options}),
        measured=measured,
    )


def models_of(plan: Plan) -> tuple[str, ...]:
    """Return the models that take part in a plan."""
    return tuple(ref for ref in dict.fromkeys((plan.student, plan.teacher)) if not is_offline(ref))


def provider_of(model: str) -> Provider:
    """Return the way to a model, to make and name its requests; none is sent."""
    return open_provider(parse_model(model), ProviderSettings(), timeout=1.0, connections=1)


def _database(settings: Settings, *, otherwise: Path) -> str:
    """Return the database's URL, or that of an empty one when it is a file that is not there yet."""
    kind, _, file = settings.database.partition(":///")
    missing = kind.startswith("sqlite") and bool(file) and not Path(file.partition("?")[0]).exists()
    return f"sqlite:///{otherwise / 'empty.sqlite'}" if missing else settings.database
