"""Knowledge tracing by a recurrent network, as a ``MasteryModel``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch.nn import functional

from tutorkit.errors import BadSetting, EmptyData
from tutorkit.knowledge.interactions import Interaction, by_student
from tutorkit.knowledge.mastery import Assisted, Fit, SkillMastery, Tally
from tutorkit.knowledge.neural.batches import batch_of, numbered, windows
from tutorkit.knowledge.neural.networks import ARCHITECTURES, Architecture, Layers, Sizes
from tutorkit.knowledge.neural.training import Training, held_back, seeded, train


@dataclass(frozen=True)
class History:
    """What is known of one student: every answer that counts, and the tallies of each skill."""

    seen: frozenset[str] = frozenset()
    rows: tuple[Interaction, ...] = ()
    tallies: Mapping[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class NeuralModel:
    """A network that predicts the next answer from all earlier ones; ``name`` is ``dkt`` or ``cakt``.

    It has to be fitted before it predicts. A skill that it was not fitted to is predicted as one that is none of them.
    """

    name: str
    sizes: Sizes = field(default_factory=Sizes)
    training: Training = field(default_factory=Training)
    assisted: Assisted = "ignored"
    skills: Mapping[str, int] = field(default_factory=dict)
    layers: Layers = None

    @property
    def _architecture(self) -> Architecture:
        return ARCHITECTURES[self.name]

    def begin(self) -> History:
        """Return what is known of a student of whom nothing was seen."""
        return History()

    def predict(self, state: History, skills: Sequence[str], *, item: str | None = None) -> float:
        """Return the probability of a right answer; the item plays no part in it.

        Raises:
            BadSetting: when the network was not fitted.
        """
        asked = Interaction(id="", student="", skills=tuple(skills), correct=False)
        return self._chances([*state.rows, asked])[-1]

    def predict_ahead(self, rows: Sequence[Interaction]) -> list[float]:
        """Return, for each answer of one student, the probability of a right one given those before it.

        Raises:
            BadSetting: when the network was not fitted.
        """
        counted = [row for row in rows if self._counts(row)]
        chances = iter(self._chances(counted))
        found: list[float] = []
        before = 0
        for row in rows:
            if self._counts(row):
                found.append(next(chances))
                before += 1
            else:
                found.append(self._chances([*counted[:before], row])[-1])
        return found

    def update(self, state: History, seen: Interaction) -> History:
        """Return the history with one more answer."""
        if seen.id in state.seen:
            return state
        rows = (*state.rows, seen) if self._counts(seen) else state.rows
        tallies = {skill: state.tallies.get(skill, Tally()).after(seen) for skill in seen.skills}
        after = History(state.seen | {seen.id}, rows, {**state.tallies, **tallies})
        judged = {skill: tally.judged(self.predict(after, [skill])) for skill, tally in tallies.items()}
        return replace(after, tallies={**after.tallies, **judged})

    def mastery(self, state: History) -> dict[str, SkillMastery]:
        """Return, of each skill of which something was seen, the probability of a right answer that takes it alone."""
        return {skill: tally.told(self.predict(state, [skill])) for skill, tally in state.tallies.items()}

    def fit(self, interactions: Sequence[Interaction]) -> Fit[NeuralModel]:
        """Train a network anew on these students.

        Raises:
            EmptyData: when no answer counts.
        """
        students = [[row for row in rows if self._counts(row)] for rows in by_student(interactions).values()]
        students = [rows for rows in students if rows]
        if not students:
            raise EmptyData("There are no answers to train a network on.", remedy="Give answers without help.")
        numbers = numbered([row for rows in students for row in rows])
        layers = seeded(lambda: self._architecture.layers(len(numbers) + 1, self.sizes), self.training.seed)
        learn, check = held_back(len(students), self.training)
        pieces = [
            (owner, piece) for owner, rows in enumerate(students) for piece in windows(rows, self.training.longest)
        ]

        def loss(places: Sequence[int]) -> torch.Tensor:
            batch = batch_of([pieces[place][1] for place in places], numbers)
            logits, penalty = self._architecture.read(layers, batch, self.sizes)
            wrong = functional.binary_cross_entropy_with_logits(logits[batch.there], batch.right[batch.there])
            return wrong + penalty

        learnt, checked = set(learn), set(check)
        done = train(
            layers,
            loss,
            learn=[place for place, (owner, _) in enumerate(pieces) if owner in learnt],
            check=[place for place, (owner, _) in enumerate(pieces) if owner in checked],
            training=self.training,
        )
        fitted = replace(self, skills=numbers, layers=layers)
        return Fit(
            model=fitted,
            log_likelihood=sum(fitted._log_likelihood(rows) for rows in students),
            answers=sum(map(len, students)),
            students=len(students),
            rounds=done.epochs,
            converged=done.stopped_early,
        )

    def _counts(self, row: Interaction) -> bool:
        return not row.assisted or self.assisted == "wrong"

    def _chances(self, rows: Sequence[Interaction]) -> list[float]:
        return torch.sigmoid(self._logits(rows)).tolist() if rows else []

    def _logits(self, rows: Sequence[Interaction]) -> torch.Tensor:
        if self.layers is None:
            raise BadSetting(
                f"The network {self.name} was not fitted, so it predicts nothing.", remedy="Fit it to answers first."
            )
        with torch.no_grad():
            return self._architecture.read(self.layers, batch_of([rows], self.skills), self.sizes)[0][0]

    def _log_likelihood(self, rows: Sequence[Interaction]) -> float:
        right = torch.tensor([float(row.correct and not row.assisted) for row in rows])
        return -float(functional.binary_cross_entropy_with_logits(self._logits(rows), right, reduction="sum"))


def dkt(*, assisted: Assisted = "ignored") -> NeuralModel:
    """Return deep knowledge tracing, not fitted."""
    return NeuralModel(name="dkt", assisted=assisted)


def cakt(*, assisted: Assisted = "ignored") -> NeuralModel:
    """Return context-aware knowledge tracing, not fitted."""
    return NeuralModel(name="cakt", assisted=assisted)
