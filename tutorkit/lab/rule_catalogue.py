"""The malrules that there are, built in and of the laboratory's own: listed, shown with an example, and added to."""

from __future__ import annotations

from pathlib import Path
from random import Random

from pydantic import JsonValue

from tutorkit.errors import BadSetting, UnknownName
from tutorkit.lab.home import Home
from tutorkit.lab.own_rules import keep_rule, own_malrules, own_rules, read_examples, read_rule_file
from tutorkit.misconceptions import (
    DOMAINS,
    PROBE_SETS,
    SKILLS,
    Found,
    Item,
    Malrule,
    OwnRule,
    drawn_item,
    made_rule,
    malrules,
    parts_of,
    read_pattern,
    rule_of_line,
    same_answer,
    solve,
    synthesised,
)
from tutorkit.types import Record

_TRIES = 400
_LOOKED_AT = 12


class RuleLine(Record):
    """One malrule in a list; ``own`` tells whether it is the laboratory's."""

    id: str
    domain: str
    title: str
    skill: str
    impasse: str
    prior: float
    own: bool


class RuleCard(RuleLine):
    """A malrule with all that a teacher wants to know of it.

    ``item`` and ``text`` are an example on which it shows, worked rightly and by the rule. ``probe`` is a short test
    that tells it from the others of its kind; empty where none is shipped. ``formula`` is an own rule's.
    """

    skill_title: str
    principle: str
    item: dict[str, JsonValue]
    text: str
    right: str
    right_steps: tuple[str, ...]
    wrong: str
    wrong_steps: tuple[str, ...]
    probe: tuple[str, ...]
    formula: str = ""


class RuleAdded(Record):
    """A rule that was added, where it is kept, and what the examples leave open, if it was found from such."""

    rule: OwnRule
    path: str
    card: RuleCard
    found: Found | None = None


def rule_lines(*, home: Home | None = None, domain: str | None = None) -> tuple[RuleLine, ...]:
    """List the malrules, the built-in ones first: all, or those of a domain.

    Raises:
        UnknownName: when there is no such domain.
        DataError: when an own rule cannot be read.
    """
    if domain is not None and domain not in DOMAINS:
        raise UnknownName("domain", domain, DOMAINS)
    own = own_malrules((home or Home()).settings.home)
    return tuple(_line(rule, own) for rule in (*malrules(), *own) if domain in (None, rule.domain))


def rule_card(rule_id: str, *, home: Home | None = None) -> RuleCard:
    """Show one malrule.

    Raises:
        UnknownName: when there is none of that id.
        DataError: when an own rule cannot be read.
    """
    folder = (home or Home()).settings.home
    own = own_malrules(folder)
    rules = {rule.id: rule for rule in (*malrules(), *own)}
    if rule_id not in rules:
        raise UnknownName("misconception", rule_id, tuple(rules))
    written = next((each for each in own_rules(folder) if each.id == rule_id), None)
    return _card(rules[rule_id], own, written)


def add_rule(
    *,
    home: Home | None = None,
    file: Path | None = None,
    item: str | None = None,
    buggy: str | None = None,
    examples: Path | None = None,
    title: str = "",
    domain: str | None = None,
    skill: str | None = None,
) -> RuleAdded:
    """Add a malrule of one's own: from a file, from an item and a formula, or from examples.

    Args:
        home: where it is kept.
        file: JSON or YAML with the fields of ``OwnRule``.
        item: the item with letters for its numbers; or a whole line ``item: … ; buggy: …``.
        buggy: the formula.
        examples: CSV with the columns ``item`` and ``answer``; the formula is searched for.
        title: what the rule is called.
        domain: for an item that could be of several.
        skill: what a pupil lacks who follows it.

    Raises:
        BadSetting: when none or more than one of the three ways is taken, or the id is another rule's.
        DataError: when it cannot be read or found, or is never wrong.
        UnknownName: when there is no such skill.
    """
    if sum(way is not None for way in (file, item, examples)) != 1:
        raise BadSetting(
            "A rule is given in one way.",
            remedy="Give a FILE, or --item and --buggy, or --examples CSV.",
        )
    folder = (home or Home()).settings.home
    found = None
    if file is not None:
        rule = read_rule_file(file)
    elif examples is not None:
        found = synthesised(read_examples(examples), title=title)
        rule = found.rule
    elif buggy is None:
        rule = rule_of_line(item or "", title=title)
    else:
        rule = made_rule(item or "", buggy, title=title, domain=domain, skill=skill)
    path = keep_rule(folder, rule)
    card = rule_card(rule.id, home=home)
    return RuleAdded(rule=rule, path=str(path), card=card, found=found)


def _line(rule: Malrule, own: tuple[Malrule, ...]) -> RuleLine:
    return RuleLine(
        id=rule.id,
        domain=rule.domain,
        title=rule.title,
        skill=rule.skill,
        impasse=rule.impasse,
        prior=rule.prior,
        own=any(each.id == rule.id for each in own),
    )


def _card(rule: Malrule, own: tuple[Malrule, ...], written: OwnRule | None) -> RuleCard:
    item = _example(rule, written)
    right, wrong = solve(item), rule.run(item)
    probe = next((each for each in PROBE_SETS if rule.id in each.rules), None)
    skill = SKILLS[rule.skill]
    return RuleCard(
        **_line(rule, own).model_dump(),
        skill_title=skill.title,
        principle=skill.principle,
        item=dict(item),
        text=parts_of(item)[0].text,
        right=right.answer,
        right_steps=tuple(step.text for step in right.steps),
        wrong=wrong.answer,
        wrong_steps=tuple(step.text for step in wrong.steps),
        probe=probe.texts[0] if probe else (),
        formula=f"item: {written.item} ; buggy: {written.buggy}" if written else "",
    )


def _example(rule: Malrule, written: OwnRule | None) -> Item:
    """Return the shortest of some items on which a rule shows."""
    rng = Random(0)  # noqa: S311 - a sample, not a secret
    pattern = read_pattern(written.item, domain=written.domain) if written else None
    items: list[Item] = [dict(part.model_dump()) for part in pattern.examples] if pattern else []
    items += [drawn_item(rule.domain, rng) for _ in range(_TRIES)]
    shown = [item for item in items if not same_answer(rule.run(item).answer, solve(item).answer)]
    return min(shown[:_LOOKED_AT], key=lambda item: len(parts_of(item)[0].text))
