"""Tools as teachers: the same properties, told in two ways, and nothing else."""

from __future__ import annotations

import pytest

from tutorkit.errors import UnknownName
from tutorkit.methods.tsmmg import Annotations
from tutorkit.ports import Ask
from tutorkit.prompting import PromptLibrary
from tutorkit.tasks import load_task
from tutorkit.tasks.strings import MEASURES
from tutorkit.teachers.annotator import TOOLS, build_annotator

TASK = {"name": "strings", "description": "Words.", "answer_format": "A word."}


def annotator(name: str):
    return build_annotator(f"annotator/{name}", prompts=PromptLibrary())


def ask(item: str, *properties: str, purpose="annotate") -> Ask:
    inputs = {"task": TASK, "item": item, "properties": list(properties)}
    return Ask(prompt_id=f"tsmmg/{purpose}", inputs=inputs, schema=Annotations)


def test_all_sets_of_tools_tell_the_same_and_what_is_true():
    words = {problem.gold for problem in load_task("strings", sizes={"val": 60, "test": 200}).problems}
    for word in words:
        told = [annotator(name).annotate(word) for name in TOOLS]
        assert all(each == {name: measure(word) for name, measure in MEASURES.items()} for each in told)


@pytest.mark.parametrize("item", ["", "Two words", "12", "émile", "a" * 101])
def test_what_is_no_word_has_no_properties(item):
    assert annotator("words").annotate(item) == annotator("words-recounted").annotate(item) == {}


async def test_it_replies_with_what_is_asked_for_and_whose_word_that_is():
    reply = await annotator("words").call(ask("gokaima", "vowels", "first", "weight"))
    told = [(each.property, each.value, each.says, each.tool, each.version) for each in reply.value.annotations]
    assert told == [("first", "g", "begins with g", "slice", "1"), ("vowels", "4", "has 4 vowels", "regex", "1")]
    (call,) = reply.calls
    assert (call.model, call.cost_usd, call.tokens_in) == ("annotator/words", 0.0, 0) and call.messages


async def test_it_does_nothing_else():
    with pytest.raises(UnknownName):
        await annotator("words").call(ask("gokaima", purpose="write_demo"))
    with pytest.raises(UnknownName):
        annotator("molecules")
