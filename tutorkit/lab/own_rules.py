"""Malrules of the laboratory's own: kept as files in its home, one for each, and loaded beside the built-in ones."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import yaml

from tutorkit.errors import BadRow, BadSetting, DataError, DataNotFound, DuplicateId
from tutorkit.misconceptions import (
    Example,
    Malrule,
    OwnRule,
    compiled,
    malrules,
    read_own_rule,
    read_text,
    twin_of,
)

FOLDER = "misconceptions"
_KINDS = (".json", ".yaml", ".yml")


def own_rules(home: Path) -> tuple[OwnRule, ...]:
    """Return the rules that are kept in a home folder, by their ids.

    Raises:
        DataError: naming the file that cannot be read.
        DuplicateId: when two files hold one id.
    """
    folder = home / FOLDER
    paths = sorted(path for path in folder.iterdir() if path.suffix in _KINDS) if folder.is_dir() else []
    found: dict[str, tuple[OwnRule, Path]] = {}
    for path in paths:
        rule = read_rule_file(path)
        if rule.id in found:
            raise DuplicateId(
                f"{path.name} and {found[rule.id][1].name} in {folder} both hold the rule {rule.id}.",
                remedy="Give one of them another id, or take it away.",
                data={"id": rule.id},
            )
        found[rule.id] = rule, path
    return tuple(found[name][0] for name in sorted(found))


def own_malrules(home: Path) -> tuple[Malrule, ...]:
    """Return the rules of a home folder as malrules that can be run.

    Raises:
        DataError: naming the rule that cannot be run.
    """
    made = []
    for rule in own_rules(home):
        try:
            made.append(compiled(rule))
        except DataError as error:
            raise DataError(
                f"The rule {rule.id} in {home / FOLDER} cannot be run. {error.message}",
                remedy=error.remedy,
                data={"id": rule.id},
            ) from error
    return tuple(made)


def read_rule_file(path: Path) -> OwnRule:
    """Read one rule from a JSON or YAML file.

    Raises:
        DataNotFound: when there is no such file.
        DataError: when it holds no rule.
    """
    if not path.is_file():
        raise DataNotFound(f"There is no file {path}.", remedy="Check the path.", data={"path": str(path)})
    try:
        # JSON is YAML too.
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{path} is neither JSON nor YAML: {error}.", data={"path": str(path)}) from error
    if not isinstance(values, dict):
        raise DataError(f"{path} holds no rule.", remedy="Write its fields: id, title, item, buggy.")
    try:
        return read_own_rule(values)
    except DataError as error:
        raise DataError(f"{path}: {error.message}", remedy=error.remedy, data={"path": str(path)}) from error


def keep_rule(home: Path, rule: OwnRule) -> Path:
    """Write a rule into a home folder, once it has been run.

    Raises:
        DataError: when it cannot be run.
        BadSetting: when there is another rule of that id already, or a built-in one that does the same.
    """
    made = compiled(rule)
    if twin := twin_of(made, malrules()):
        raise BadSetting(
            f"{rule.title}: this is {twin.id} ({twin.title}), which is known already.",
            remedy="Nothing needs to be added. Should they differ somewhere, check the formula.",
            data={"id": rule.id, "twin": twin.id},
        )
    known = {each.id: each for each in own_rules(home)}
    if known.get(rule.id, rule) != rule:
        raise BadSetting(
            f"There is another rule {rule.id} already: {known[rule.id].item} ; {known[rule.id].buggy}.",
            remedy="Give this one another title or id, or take the other one's file away.",
            data={"id": rule.id},
        )
    path = home / FOLDER / f"{rule.id.partition('.')[2]}.json"
    if rule.id not in known:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(rule.model_dump(exclude_none=True), indent=2, ensure_ascii=False)
        path.write_text(f"{text}\n", encoding="utf-8")
    return path


def read_examples(path: Path) -> tuple[Example, ...]:
    """Read items and wrong answers from a CSV file with the columns ``item`` and ``answer``.

    Raises:
        DataNotFound: when there is no such file.
        BadRow: naming each line that cannot be read: here every one counts.
    """
    if not path.is_file():
        raise DataNotFound(f"There is no file {path}.", remedy="Check the path.", data={"path": str(path)})
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadRow(f"{path} is no CSV in UTF-8: {error}.", data={"path": str(path)}) from error
    examples, faults = [], []
    for line, row in enumerate(rows, start=2):
        item, answer = row.get("item"), row.get("answer")
        if not item or not answer:
            faults.append(f"line {line}: the item or the answer is missing")
            continue
        try:
            examples.append(Example(item=dict(read_text(item)), answer=answer))
        except DataError as error:
            faults.append(f"line {line}: {error.message.rstrip('.')}")
    if faults:
        remedy = "The header is item,answer; a line is: 1/2 + 1/3,2/5."
        raise BadRow(f"{path}: {'; '.join(faults[:10])}.", remedy=remedy, data={"path": str(path)})
    return tuple(examples)
