"""A user's own file of problems: which column is what, and everything that can be wrong with it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tutorkit.canonical import digest, stable_id
from tutorkit.errors import BadRow, BadSetting, DuplicateId, GoldRejected
from tutorkit.ports import Scorer
from tutorkit.tasks.columns import Field, read_choices, read_mapping, read_names, read_string
from tutorkit.tasks.rows import Complaints, Row, Table, read_table
from tutorkit.tasks.scorers import scorer as make_scorer
from tutorkit.tasks.splits import DEFAULT_SIZES, capped_notes, normalised
from tutorkit.tasks.task import SPLITS, Task
from tutorkit.types import Problem, Split

_SPLIT_NAMES: Mapping[str, Split] = {
    **{split: split for split in SPLITS},
    "training": "train",
    "dev": "val",
    "valid": "val",
    "validation": "val",
    "eval": "test",
}
_CANONICAL = frozenset({"number", "fraction", "choice", "yes_no", "labels"})
_ANSWER_FORMATS: Mapping[str, str] = {
    "number": 'End with a line "Answer: " and the number.',
    "fraction": 'End with a line "Answer: " and the number or fraction.',
    "choice": 'End with a line "Answer: " and the letter of the right option.',
    "yes_no": 'End with a line "Answer: " and yes or no.',
    "list": 'End with a line "Answer: " and the results in order, separated by commas.',
    "set": 'End with a line "Answer: " and the results, separated by commas.',
    "latex": 'End with a line "Answer: " and the result between dollar signs.',
}


@dataclass
class _Draft:
    """A problem in the making: its row, and what its columns say."""

    row: Row
    problem: Problem
    named_split: Split | None


def load_own(
    path: Path,
    *,
    name: str,
    seed: int = 0,
    sizes: Mapping[Split, int] | None = None,
    columns: Mapping[str, str] | None = None,
    scorer: str | None = None,
) -> Task:
    """Load a file of problems as a task.

    Args:
        path: a .jsonl, .json, .csv, .tsv or .parquet file.
        name: the task's name.
        seed: which problems are drawn when there are more than ``sizes`` asks for.
        sizes: how many problems of each split at most. Without a split column the file is divided in these proportions
            by the hash of ``group``. Left out, all that a split column names, else 60 ``val`` and 200 ``test``.
        columns: which column is what; fields are text, gold, id, skills, group, split and choices.
        scorer: the scorer's name; without it one is chosen that accepts every gold.

    Raises:
        DataNotFound: when there is no such file.
        EmptyData: when it holds no row.
        MissingColumn: when a mapped or needed column is absent.
        BadRow: when rows cannot be read; all of them are named.
        DuplicateId: when two rows carry one id.
        GoldRejected: when a gold is marked wrong by its own scorer.
    """
    table = read_table(path)
    mapping, notes = read_mapping(table, columns or {})
    drafts = _drafts(table, mapping, name)
    chosen = scorer or _fitting_scorer([draft.problem for draft in drafts])
    if scorer is None:
        notes.append(f"Scorer: {chosen}, chosen from the gold answers.")
    drafts = _graded(table, drafts, chosen)
    wished = sizes or _default_sizes(drafts)
    problems = _assigned(table, drafts, wished)
    chosen_problems = _drawn(problems, wished, seed)
    if len(chosen_problems) < len(problems):
        notes.append(f"{len(problems) - len(chosen_problems)} problems left out; ask for larger sizes to have them.")
    return Task(
        name=name,
        description=f"Problems from the file {path.name}.",
        answer_format=_ANSWER_FORMATS.get(
            chosen.partition("?")[0], 'End with a line "Answer: " and the answer, in as few words as will do.'
        ),
        problems=chosen_problems,
        source=path.name,
        revision=hashlib.sha256(path.read_bytes()).hexdigest()[:16],
        licence="the file's owner's",
        notes=(*notes, *capped_notes(problems, wished)),
    )


def _drafts(table: Table, mapping: Mapping[Field, str], task: str) -> list[_Draft]:
    complaints = Complaints(table.path, table.unit)
    drafts = []
    for row in table.rows:
        cell: dict[Field, object] = {field: row.values.get(column) for field, column in mapping.items()}
        try:
            drafts.append(_draft(row, cell, task))
        except ValueError as error:
            complaints.add(row.number, str(error))
    complaints.raise_if_any()
    _refuse_duplicates(table, drafts, explicit="id" in mapping)
    return drafts


def _draft(row: Row, cell: Mapping[Field, object], task: str) -> _Draft:
    text, gold = read_string(cell.get("text")), read_string(cell.get("gold"))
    if not text:
        raise ValueError("the text is empty")
    if not gold:
        raise ValueError("the gold answer is empty")
    choices = read_choices(cell.get("choices"))
    named = read_string(cell.get("split"))
    if named and named.lower() not in _SPLIT_NAMES:
        raise ValueError(f"the split {named!r} is none of {', '.join(SPLITS)}")
    identity = read_string(cell.get("id")) or stable_id("p", task, text, [c.text for c in choices], row.number)
    problem = Problem(
        id=identity,
        task=task,
        text=text,
        gold=gold,
        scorer="exact",
        skills=read_names(cell.get("skills")),
        split="test",
        group=read_string(cell.get("group")) or normalised(text) or text,
        choices=choices,
        source=f"{row.number}",
    )
    return _Draft(row, problem, _SPLIT_NAMES[named.lower()] if named else None)


def _refuse_duplicates(table: Table, drafts: Sequence[_Draft], *, explicit: bool) -> None:
    first: dict[str, int] = {}
    complaints = Complaints(table.path, table.unit)
    for draft in drafts:
        earlier = first.setdefault(draft.problem.id, draft.row.number)
        if earlier != draft.row.number:
            complaints.add(draft.row.number, f"the id {draft.problem.id!r} is that of {table.unit} {earlier} too")
    if explicit:
        complaints.raise_if_any(DuplicateId)


def _fitting_scorer(problems: Sequence[Problem]) -> str:
    """Return the first usual scorer that accepts every gold and for which the golds look made."""
    golds = [problem.gold or "" for problem in problems]
    fits: Mapping[str, Callable[[], bool]] = {
        "choice": lambda: all(problem.choices for problem in problems) and _all_accepted(problems, "choice"),
        "number": lambda: (
            all(re.fullmatch(r"[-−+$€£]*[\d.,/ ]+\s?%?", gold) for gold in golds) and _all_accepted(problems, "number")
        ),
        "yes_no": lambda: all(gold.lower() in {"yes", "no", "true", "false"} for gold in golds),
    }
    return next((name for name, fit in fits.items() if fit()), "exact")


def _all_accepted(problems: Sequence[Problem], name: str) -> bool:
    grader = make_scorer(name)
    return all(grader.grade(problem, problem.gold or "").outcome == "right" for problem in problems)


def _graded(table: Table, drafts: Sequence[_Draft], name: str) -> list[_Draft]:
    """Give every problem its scorer and its gold in the scorer's own form."""
    grader: Scorer = make_scorer(name)
    complaints = Complaints(table.path, table.unit)
    done = []
    for draft in drafts:
        problem = draft.problem.model_copy(update={"scorer": name})
        grade = grader.grade(problem, problem.gold or "")
        if grade.outcome != "right":
            complaints.add(
                draft.row.number, f"the gold {problem.gold!r} is not accepted by the scorer {name} ({grade.how})"
            )
        if name.partition("?")[0] in _CANONICAL:
            problem = problem.model_copy(update={"gold": grade.normalised})
        done.append(_Draft(draft.row, problem, draft.named_split))
    complaints.raise_if_any(GoldRejected)
    return done


def _default_sizes(drafts: Sequence[_Draft]) -> Mapping[Split, int]:
    """Take all that the file's own split column names; without one, the usual sizes."""
    named = Counter(draft.named_split for draft in drafts if draft.named_split is not None)
    return dict(named) or DEFAULT_SIZES


def _assigned(table: Table, drafts: Sequence[_Draft], sizes: Mapping[Split, int]) -> list[Problem]:
    """Give every problem its split: the file's own, else by the hash of the group in the proportions of ``sizes``."""
    named = [draft for draft in drafts if draft.named_split is not None]
    complaints = Complaints(table.path, table.unit)
    if named:
        sides: dict[str, tuple[Split, int]] = {}
        for draft in drafts:
            if draft.named_split is None:
                complaints.add(draft.row.number, "the split is empty")
                continue
            side, number = sides.setdefault(draft.problem.group, (draft.named_split, draft.row.number))
            if side != draft.named_split:
                complaints.add(
                    draft.row.number,
                    f"its group is that of {table.unit} {number}, which is in {side}, and it is in {draft.named_split}",
                )
        complaints.raise_if_any(BadRow)
        return [draft.problem.model_copy(update={"split": draft.named_split}) for draft in drafts]
    places = _places([draft.problem.group for draft in drafts], sizes)
    return [draft.problem.model_copy(update={"split": places[draft.problem.group]}) for draft in drafts]


def _places(groups: Sequence[str], sizes: Mapping[Split, int]) -> dict[str, Split]:
    """Deal the groups out, in hash order, each to the split that is furthest behind its share."""
    wanted: dict[Split, int] = {split: sizes.get(split, 0) for split in SPLITS if sizes.get(split, 0) > 0}
    if not wanted:
        raise BadSetting("No split is to have any problem.", data={"sizes": dict(sizes)})
    members: dict[str, int] = defaultdict(int)
    for group in groups:
        members[group] += 1
    filled: dict[Split, float] = dict.fromkeys(wanted, 0.0)
    places: dict[str, Split] = {}
    for group in sorted(members, key=digest):
        split = min(filled, key=lambda name: (filled[name] / wanted[name], -wanted[name]))
        places[group] = split
        filled[split] += members[group]
    return places


def _drawn(problems: Sequence[Problem], sizes: Mapping[Split, int], seed: int) -> tuple[Problem, ...]:
    chosen: list[Problem] = []
    for split in SPLITS:
        pool = sorted((p for p in problems if p.split == split), key=lambda problem: digest([seed, problem.id]))
        chosen += pool[: sizes.get(split, 0)]
    return tuple(chosen)
