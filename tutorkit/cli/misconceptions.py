"""``misconceptions``: the malrules that there are, and those of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tutorkit.cli import options
from tutorkit.cli.show import as_json, table, text
from tutorkit.lab import Lab, RuleCard, add_rule, rule_card, rule_lines

_misconceptions = typer.Typer(
    help="Misconceptions, each a procedure that can be run.", no_args_is_help=True, rich_markup_mode=None
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    _misconceptions.command("list")(list_)
    _misconceptions.command()(show)
    _misconceptions.command()(add)
    app.add_typer(_misconceptions, name="misconceptions")


def list_(
    domain: Annotated[str | None, typer.Option("--domain", help="Only those of one: sub, frac, alg, ….")] = None,
    json: options.AsJson = False,
) -> None:
    """List the misconceptions, the laboratory's own ones at the end."""
    with Lab() as lab:
        lines = rule_lines(home=lab, domain=domain)
    if json:
        as_json([line.model_dump(mode="json") for line in lines])
        return
    rows = [[line.id, line.title, line.impasse, "own" if line.own else ""] for line in lines]
    table(f"Misconceptions ({len(lines)})", ["id", "what is done", "when it shows", ""], rows)


def show(
    misconception: Annotated[str, typer.Argument(help="Its id, such as sub.smaller_from_larger.")],
    json: options.AsJson = False,
) -> None:
    """Show a misconception: an example worked rightly and wrongly, what is lacking, and how to find out."""
    with Lab() as lab:
        card = rule_card(misconception, home=lab)
    if json:
        as_json(card)
        return
    _show_card(card)


def add(
    file: Annotated[Path | None, typer.Argument(help="JSON or YAML: id, title, item, buggy.")] = None,
    item: Annotated[
        str | None, typer.Option("--item", help="The item, with letters for its numbers: 'a/b + c/d'.")
    ] = None,
    buggy: Annotated[str | None, typer.Option("--buggy", help="The wrong answer as a formula: '(a+c)/(b+d)'.")] = None,
    examples: Annotated[
        Path | None, typer.Option("--examples", help="CSV with item,answer: the rule is found from wrong answers.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="What the rule is called.")] = "",
    domain: Annotated[str | None, typer.Option("--domain", help="Where the item could be of several: neg.")] = None,
    skill: Annotated[str | None, typer.Option("--skill", help="What a pupil lacks who follows it.")] = None,
    json: options.AsJson = False,
) -> None:
    """Add a misconception of your own; from then on `tutorkit diagnose` knows it."""
    with Lab() as lab:
        added = add_rule(
            home=lab,
            file=file,
            item=item,
            buggy=buggy,
            examples=examples,
            title=title,
            domain=domain,
            skill=skill,
        )
    if json:
        as_json(added)
        return
    _show_card(added.card)
    text(f"Kept in {added.path}.")
    if added.found is not None and added.found.rival is not None:
        one, other = added.found.answers
        text(
            f"The examples do not settle it: {added.found.rival.buggy} fits them too. "
            f"Ask {added.found.telling_text}: {one} speaks for the rule that was kept, {other} for the other one.",
            bold=True,
        )


def _show_card(card: RuleCard) -> None:
    text(f"{card.title} ({card.id})", bold=True)
    if card.formula:
        text(card.formula)
    text(f"It shows where there is this: {card.impasse}.")
    text(f"Example: {card.text}")
    text(f"  right: {card.right}")
    for step in card.right_steps:
        text(f"    {step}")
    text(f"  by this rule: {card.wrong}")
    for step in card.wrong_steps:
        text(f"    {step}")
    text(f"What to learn: {card.skill_title}. {card.principle}")
    if card.probe:
        text(f"To find out, ask: {'; '.join(card.probe)}")
