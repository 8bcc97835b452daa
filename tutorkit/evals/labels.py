"""How well labels were predicted: accuracy, and precision, recall and F1 averaged over the labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tutorkit.errors import BadSetting, EmptyData
from tutorkit.evals.stats import Interval, accuracy
from tutorkit.types import Record


class LabelScore(Record):
    """One label: how often it was right to say it, and how often it was said where it should have been."""

    label: str
    support: int
    precision: float
    recall: float
    f1: float


class LabelReport(Record):
    """Predictions against the reference. Averages are over all labels that occur on either side, each counting once.

    ``unreadable`` counts predictions that were none; they are wrong, and no label of their own.
    """

    n: int
    accuracy: Interval
    macro_precision: float
    macro_recall: float
    macro_f1: float
    unreadable: int
    labels: tuple[LabelScore, ...]


def label_report(reference: Sequence[str], predicted: Sequence[str | None]) -> LabelReport:
    """Compare predicted labels with the reference.

    Args:
        reference: the right labels.
        predicted: one for each, None where no label could be read.

    Raises:
        BadSetting: when the lists differ in length.
        EmptyData: when they are empty.
    """
    if len(reference) != len(predicted):
        raise BadSetting(
            f"There are {len(reference)} reference labels and {len(predicted)} predicted ones.",
            data={"reference": len(reference), "predicted": len(predicted)},
        )
    if not reference:
        raise EmptyData("There are no labels to compare.", remedy="Give at least one.")
    pairs = list(zip(reference, predicted, strict=True))
    there, said = Counter(reference), Counter(label for label in predicted if label is not None)
    hit = Counter(label for label, guess in pairs if label == guess)
    labels = tuple(
        LabelScore(
            label=label,
            support=there[label],
            precision=hit[label] / said[label] if said[label] else 0.0,
            recall=hit[label] / there[label] if there[label] else 0.0,
            f1=2 * hit[label] / (there[label] + said[label]),
        )
        for label in sorted(there | said)
    )
    return LabelReport(
        n=len(pairs),
        accuracy=accuracy(["right" if label == guess else "wrong" for label, guess in pairs]),
        macro_precision=sum(each.precision for each in labels) / len(labels),
        macro_recall=sum(each.recall for each in labels) / len(labels),
        macro_f1=sum(each.f1 for each in labels) / len(labels),
        unreadable=sum(guess is None for guess in predicted),
        labels=labels,
    )
