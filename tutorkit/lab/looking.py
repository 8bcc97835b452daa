"""What there is in a laboratory: runs, calls, lessons and reports; tasks, methods, prompts and prices."""

from __future__ import annotations

from tutorkit.errors import UnknownName
from tutorkit.graphs.review import Undecided, undecided
from tutorkit.lab.doctor import Check, examine
from tutorkit.lab.gateways import prices_for
from tutorkit.lab.home import Home
from tutorkit.lab.pricing import PriceLine, price_lines
from tutorkit.lab.report import TeachReport
from tutorkit.lab.teaching import END_NODE
from tutorkit.methods.registry import find_method, method_names
from tutorkit.methods.vocabulary import Method
from tutorkit.prompting import Prompt, PromptLibrary
from tutorkit.store import Lineage, StoreSink, call, calls, lineage, run, runs
from tutorkit.tasks import TaskInfo, task_names
from tutorkit.types import Call, Lesson, Run

NO_EXPERIMENTS = frozenset({"tutor", "exercises", "diagnosis"})
"""What runs are called that are no teaching loop's."""


class Looking(Home):
    """All that can be looked at; nothing here changes anything."""

    def report(self, run_id: str) -> TeachReport | None:
        """Return what an experiment found, or None when it has not come so far.

        Raises:
            UnknownName: when there is no such run.
        """
        found = self.run(run_id)
        kept = StoreSink(self.store).recall(found.parent_id or found.id, END_NODE).get("report")
        return TeachReport.model_validate(kept) if kept is not None else None

    def runs(self) -> list[Run]:
        """Return every run of a teaching loop, the first one first; conversations and worksheets are listed apart."""
        return [each for each in runs(self.store) if each.method not in NO_EXPERIMENTS]

    def run(self, run_id: str) -> Run:
        """Return one run, by its id or the beginning of it.

        Raises:
            UnknownName: when there is none, or more than one.
        """
        return run(self.store, run_id=run_id)

    def newest_run(self) -> Run:
        """Return the experiment that was begun last; its control arms are no experiments of their own.

        Raises:
            UnknownName: when there is none yet.
        """
        found = [each for each in self.runs() if each.parent_id is None]
        if not found:
            raise UnknownName("run", "the newest", [])
        return found[-1]

    def calls(self, run_id: str) -> list[Call]:
        """Return every call of a run, in the order in which they were made."""
        return calls(self.store, run_id=self.run(run_id).id)

    def call(self, call_id: str) -> Call:
        """Return one call, by its id or the beginning of it.

        Raises:
            RecordNotFound: when there is none.
            BadSetting: when more than one begins so.
        """
        return call(self.store, call_id=call_id)

    def lessons(self, run_id: str) -> list[Lesson]:
        """Return every lesson that a run wrote, also those that its checks refused."""
        return StoreSink(self.store).find(Lesson, run_id=self.run(run_id).id)

    def undecided(self, run_id: str) -> Undecided:
        """Count the lessons and rows of a run that nobody has decided about; those refused by checks wait for nobody.

        Raises:
            UnknownName: when there is no such run.
        """
        return undecided(StoreSink(self.store), self.run(run_id).id)

    def audit(self, record_id: str) -> Lineage:
        """Follow a lesson, attempt, diagnosis, call or row of fine-tuning data back to what it came from.

        Raises:
            RecordNotFound: when there is no such record.
        """
        return lineage(self.store, record_id=record_id)

    def prices(self, model: str | None = None) -> tuple[PriceLine, ...]:
        """Return the prices that are known, or that of one model, whose figures are None when it is unknown.

        Raises:
            BadSetting: when the user's price file cannot be read.
            UnknownName: when a model's name does not have the form ``provider/model``.
        """
        return price_lines(prices_for(self.settings), model)

    def tasks(self) -> tuple[TaskInfo, ...]:
        """Return every task that there is."""
        return task_names()

    def methods(self) -> tuple[Method, ...]:
        """Return every method that there is."""
        return tuple(find_method(name) for name in method_names())

    def method(self, name: str) -> Method:
        """Return one method.

        Raises:
            UnknownName: when there is none of that name.
        """
        return find_method(name)

    def prompt(self, prompt_id: str) -> Prompt:
        """Return a prompt by its id, ``METHOD/NODE``.

        Raises:
            PromptNotFound: naming the prompts that there are.
        """
        packages = (*(find_method(name).prompts for name in method_names()), "tutorkit.prompts")
        return PromptLibrary(tuple(dict.fromkeys(packages))).get(prompt_id)

    def doctor(self) -> list[Check]:
        """See what is set up and what is missing."""
        return examine(self.settings)
