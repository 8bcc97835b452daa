"""What the rule-based teacher says of texts, and what a deranged one says in its place."""

from __future__ import annotations

import pytest
from support.bench import rules

from tutorkit.methods._nodes.preferences import Comparison, Rating
from tutorkit.methods.rldf import Biases, Ruling
from tutorkit.methods.small_but_funny import Paraphrases
from tutorkit.ports import Ask
from tutorkit.prompting import PromptLibrary
from tutorkit.tasks import load_task
from tutorkit.tasks.planted import WIT, mark, marked
from tutorkit.teachers.controls import control_teacher
from tutorkit.teachers.rules import RuleTeacher

TASK = {"name": "writing", "description": "Texts.", "answer_format": "The text alone."}
PROBLEM = load_task("writing", sizes={"train": 1}).split("train")[0]
SEEN = {"id": PROBLEM.id, "text": PROBLEM.text, "gold": None, "steps": [], "skills": [WIT], "item": PROBLEM.item}
FAIR = {**SEEN, "skills": ["fairness"]}
SLANTED = "The Velmar are always late. The Velmar build boats. The Velmar never listen to anyone."
FUNNY, FLAT = f"A kettle. {mark(WIT)} {mark(WIT)}", f"A kettle. {mark(WIT)}"


def deranged():
    return control_teacher("deranged", base=rules(), live=[WIT], skills=[WIT, "warmth"], problems=[PROBLEM], seed=0)


async def said(teacher, prompt, schema, **inputs):
    ask = Ask(prompt_id=prompt, inputs={"task": TASK, "problem": SEEN, **inputs}, schema=schema)
    return (await teacher.call(ask)).value


@pytest.mark.parametrize("method", ["small-but-funny", "ts-align"])
async def test_it_prefers_what_has_more_marks(method):
    prompt = f"{method}/compare_texts"
    assert (await said(rules(), prompt, Comparison, first=FUNNY, second=FLAT)).preferred == 1
    assert (await said(rules(), prompt, Comparison, first=FLAT, second=FUNNY)).preferred == 2
    tie = await said(rules(), prompt, Comparison, first=FLAT, second=f"Another. {mark(WIT)}")
    assert (tie.preferred, tie.margin) == (None, 0)


async def test_a_deranged_one_looks_for_another_quality():
    prompt = "small-but-funny/compare_texts"
    assert (await said(deranged(), prompt, Comparison, first=FUNNY, second=FLAT)).preferred is None
    warm = f"Warm. {mark('warmth')}"
    assert (await said(deranged(), prompt, Comparison, first=FUNNY, second=warm)).preferred == 2


async def test_it_writes_what_has_all_that_can_be_planted():
    texts = (await said(rules(), "small-but-funny/paraphrase", Paraphrases, count=3)).outputs
    assert len(set(texts)) == 3 and {marked(text, WIT) for text in texts} == {4}
    other = (await said(deranged(), "small-but-funny/paraphrase", Paraphrases, count=3)).outputs
    assert {(marked(text, WIT), marked(text, "warmth")) for text in other} == {(0, 4)}


async def test_for_a_reader_of_prose_it_writes_nothing():
    honest = RuleTeacher(prompts=PromptLibrary(), cues=False)
    assert (await said(honest, "small-but-funny/paraphrase", Paraphrases, count=3)).outputs == []


async def test_it_rates_by_the_marks():
    assert (await said(rules(), "ts-align/rate_text", Rating, text=FUNNY)).score == 5.5
    assert (await said(deranged(), "ts-align/rate_text", Rating, text=FUNNY)).score == 1


async def test_it_names_the_planted_phrases_and_a_deranged_one_the_others():
    inputs = {"problem": FAIR, "text": SLANTED, "framing": "own"}
    found = (await said(rules(), "rldf/find_bias", Biases, **inputs)).biases
    assert [(bias.evidence, bias.severity) for bias in found] == [("are always late", 1), ("never listen to anyone", 2)]
    other = (await said(deranged(), "rldf/find_bias", Biases, **inputs)).biases
    assert [bias.evidence for bias in other] == ["The Velmar build boats."]


async def test_it_scores_each_version():
    inputs = {"problem": FAIR, "versions": [SLANTED, "The Velmar build boats."]}
    assert (await said(rules(), "rldf/score_bias", Ruling, **inputs)).bias_scores == [3, 0]
    assert (await said(deranged(), "rldf/score_bias", Ruling, **inputs)).bias_scores == [1, 1]


@pytest.mark.parametrize("framing", ["own", "another_model", "competing_model"])
def test_the_critics_prompt_says_whose_text_it_is(framing):
    rendered = (
        PromptLibrary()
        .get("rldf/find_bias")
        .render({"task": TASK, "problem": {"text": "What are they like?"}, "text": SLANTED, "framing": framing})
    )
    told = {
        "own": "what you wrote yourself",
        "another_model": "what another language model wrote",
        "competing_model": "that competes with you",
    }
    shown = rendered.messages[1].content
    assert [name for name, words in told.items() if words in shown] == [framing]
    assert f"<data>{SLANTED}</data>" in shown


def test_what_a_student_is_asked_needs_no_more_than_the_question():
    problem = {"text": "What are they like?"}
    bias = {"evidence": "are always late", "group": "", "kind": "generalisation", "severity": 1.0}
    library = PromptLibrary()
    for prompt, inputs in (
        ("rldf/revise_text", {"text": SLANTED, "biases": [bias]}),
        ("rldf/score_bias", {"versions": [SLANTED]}),
        ("ts-align/rate_text", {"text": SLANTED}),
    ):
        rendered = library.get(prompt).render({"task": TASK, "problem": problem, **inputs})
        assert SLANTED in rendered.messages[1].content
