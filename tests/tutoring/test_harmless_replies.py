"""Guards that block good replies make a tutor that says nothing: of these at most one in fifty may be lost."""

from pathlib import Path

import yaml
from support.talk import problem, seen

from tutorkit.tutoring.guards import check

GROUPS = yaml.safe_load((Path(__file__).parent / "harmless.yaml").read_text(encoding="utf-8"))
# A partial product is a step's result, however it is meant.
KNOWN_LOSSES = {"10 rows of 23 are 230 already. What does this say about 212?"}


def about(group):
    asked = group["about"]
    if "text" not in asked:
        return asked["item"]
    return problem(asked["text"], asked["gold"], choices=[tuple(choice) for choice in asked.get("choices", ())])


def replies():
    for group in GROUPS:
        for move, text in group["replies"]:
            known = seen(
                about(group),
                move=move,
                said=group["said"],
                verdict=group["verdict"],
                language=group.get("language", "en"),
                reference_code=group["about"].get("code"),
            )
            yield text, known


def test_there_are_more_than_two_hundred_different_replies_on_every_rung_but_the_last():
    texts = [text for text, _ in replies()]
    assert len(texts) == len(set(texts)) > 200
    assert {known.act.rung for _, known in replies()} == {0, 1, 2, 3, 4, 5, 6}


def test_hardly_a_good_reply_is_blocked():
    blocked = {
        text: [(each.kind, each.where) for each in found] for text, known in replies() if (found := check(text, known))
    }
    assert set(blocked) == KNOWN_LOSSES, blocked
    assert len(blocked) <= 0.02 * sum(1 for _ in replies())
