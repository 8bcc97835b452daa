"""A run that does nothing but measure a model student, put together from the real parts: what replay and soak run.

Graph, node, ``deps.map``, item pool, student, scorer, gateway, ledger and store are those of every run. Only the task
is made up: it has as many problems as there are to be calls.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from tutorkit.graphs.deps import Cast
from tutorkit.graphs.events import Listener, StopSignal
from tutorkit.graphs.runner import Ending, execute
from tutorkit.lab.participants import STUDENT_DEFAULTS
from tutorkit.methods.measure import METHOD, MeasureParams
from tutorkit.methods.vocabulary import TaskBrief
from tutorkit.models import AccountedGateway, Gateway
from tutorkit.prompting import PromptLibrary
from tutorkit.store import Store, StoreSink
from tutorkit.store.tables import AttemptRow, CallRow, Row, RunItemRow, table_of
from tutorkit.students.model import ModelStudent
from tutorkit.tasks import TaskScorer
from tutorkit.teachers.rules import RuleTeacher
from tutorkit.types import Problem

TASK = TaskBrief("benchmark", "Add the two numbers.", "End with the answer.")
ROWS: tuple[type[Row], ...] = (AttemptRow, CallRow, RunItemRow)


def problems(number: int) -> tuple[Problem, ...]:
    """Return so many test problems, each another one."""
    return tuple(
        Problem(
            id=f"p-{index}",
            task=TASK.name,
            text=f"Item {index}: what are {index} and {index + 1} together?",
            gold=str(2 * index + 1),
            scorer="number",
            split="test",
            group=f"g-{index}",
        )
        for index in range(number)
    )


async def measuring_run(
    run_id: str,
    *,
    asked: tuple[Problem, ...],
    url: str,
    gateway: Gateway,
    store: Store,
    folder: Path,
    concurrency: int,
    listen: Listener,
) -> Ending:
    """Have the model at ``url`` answer every problem once, as a run of its own; one call for each.

    Raises:
        TutorkitError: what stopped the run.
    """
    prompts = PromptLibrary()
    sink = StoreSink(store)
    sink.put(*asked)
    cast = Cast(
        run_id=run_id,
        method=METHOD.name,
        seed=0,
        task=TASK,
        problems={"test": asked},
        params=MeasureParams(pack="none", lesson_ids=()),
        teacher=RuleTeacher(prompts=prompts, cues=False),
        student=ModelStudent(
            ref=f"openai/stand-in@{url}/v1",
            chat=AccountedGateway(gateway),
            prompts=prompts,
            description=TASK.description,
            answer_format=TASK.answer_format,
            options=STUDENT_DEFAULTS,
        ),
        scorer=TaskScorer(),
        sink=sink,
        concurrency=concurrency,
        stop=StopSignal(),
        listen=listen,
        folder=folder,
    )
    ending = await execute(METHOD, cast, folder=folder)
    if ending.error is not None:
        raise ending.error
    sink.flush()
    return ending


def rows(store: Store, run_id: str) -> dict[str, int]:
    """Count the rows that a run left, by table."""
    tables = [table_of(row) for row in ROWS]
    with store.read() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(table.c.run_id == run_id)
            ).scalar_one()
            for table in tables
        }
