"""Small But Funny, as its section of the specification says how to see that it is right."""

from __future__ import annotations

from itertools import combinations

from support.bench import Spy, accuracy, rules
from support.writers import Critic, always_first, longer_by_much, prompts, ran, wittier

from tutorkit.methods._nodes.preferences import edit_distance
from tutorkit.methods.registry import find_method, read_params
from tutorkit.methods.vocabulary import Sizes
from tutorkit.students.writer import parse_writer
from tutorkit.tasks.planted import WIT, marked
from tutorkit.types import Attempt, PreferencePair, Score, SFTExample

TASK = prompts(24, test=40)
FOUR = {"candidates": 4}
TOLERANCE = 0.3
"""So far may the kept pairs' preference for length be from none: with 40 pairs, two standard errors."""


async def run(tmp_path, **more):
    return await ran(tmp_path, "small-but-funny", **{"task": TASK, "params": FOUR, **more})


def by_kind(made) -> dict:
    return {(score.kind, score.probe_set): score for score in made.records(Score)}


async def test_an_always_first_critic_gives_no_pair(tmp_path):
    made = await run(tmp_path, teacher=Critic(always_first, rules()))
    assert made.records(PreferencePair) == []
    assert made.state["dropped_0"] == {"undecided": 24}
    assert len(made.asked("compare_texts")) == 2 * 24 + 2 * 40
    found = by_kind(made)
    assert found["critic_consistency", "asked"].value == 0
    assert (found["critic_first", "asked"].value, found["critic_first", "asked"].n) == (1, 48)


async def test_the_planted_quality_is_recovered(tmp_path):
    made = await run(tmp_path)
    pairs = made.records(PreferencePair)
    assert len(pairs) >= 8
    for pair in pairs:
        lead = marked(pair.chosen, WIT) - marked(pair.rejected, WIT)
        assert pair.margin == lead > 0 and pair.both_orders
    assert accuracy(made.bench.sink, made.state, "untaught") == 0
    assert accuracy(made.bench.sink, made.state, "taught") == 1


async def test_chosen_and_rejected_are_both_the_students_own(tmp_path):
    made = await run(tmp_path)
    for pair in made.records(PreferencePair):
        sources = [made.get(Attempt, name) for name in pair.source_attempt_ids]
        assert [source.raw for source in sources] == [pair.chosen, pair.rejected]
        assert {source.student for source in sources} == {pair.student}
        assert pair.student.startswith("sim/writer#")
        assert all(source.phase == "train-0" for source in sources)


async def test_the_two_that_are_asked_about_differ_most(tmp_path):
    made = await run(tmp_path)
    for ask in made.asked("compare_texts")[:10]:
        shown = edit_distance(ask.inputs["first"], ask.inputs["second"], n=2)
        problem = made.get(Attempt, ask.about[0]).problem_id
        texts = [a.raw for a in made.records(Attempt) if a.problem_id == problem]
        assert shown == max(edit_distance(*pair, n=2) for pair in combinations(texts, 2))


async def test_a_length_biased_critics_preference_for_length_is_filtered_out(tmp_path):
    task = prompts(80)
    critic = Critic(longer_by_much, rules())
    made = await run(tmp_path / "kept", task=task, teacher=critic)
    found = by_kind(made)
    asked, kept = found["critic_length", "asked"], found["critic_length", "kept"]
    assert asked.value > 0.5 and asked.n > 60
    assert abs(kept.value) < TOLERANCE and kept.n >= 20
    assert made.state["dropped_0"]["length"] > 20
    unfiltered = {**FOUR, "shortest": 0.01, "longest": 100}
    free = await run(tmp_path / "free", task=task, teacher=critic, params=unfiltered)
    lengths = [
        [len(each.get(Attempt, name).raw.split()) for name in each.state["test"]["taught"]] for each in (made, free)
    ]
    assert sum(lengths[1]) > 1.5 * sum(lengths[0])


class Refusing:
    """Gives one text, then refusals, an empty one and the first again."""

    ref, diagnoses_as = "refusing", "rule"

    async def call(self, ask):
        reply = await rules().call(ask)
        if ask.purpose != "paraphrase":
            return reply
        good = reply.value.outputs[0]
        texts = [good, "I'm sorry, but I can't write that.", "As an AI language model, I do not joke.", " ", good]
        return type(reply)(value=reply.value.model_copy(update={"outputs": texts}), calls=reply.calls)


async def test_refusals_never_enter_the_examples(tmp_path):
    made = await run(tmp_path, teacher=Refusing(), params={**FOUR, "outputs": 5})
    examples = made.records(SFTExample)
    assert len(examples) == 24 and all(marked(row.messages[-1].content, WIT) for row in examples)
    assert made.state["left_out"] == {"empty": 24, "refusal": 48, "repeated": 24}


class Sorry:
    """A writer that refuses every other time."""

    def __init__(self, base):
        self.base, self.ref = base, base.ref

    async def answer(self, question, lessons, *, sample=0):
        answer = await self.base.answer(question, lessons, sample=sample)
        refusal = "I'm sorry, but I can't write that."
        return type(answer)(raw=refusal, calls=answer.calls) if sample % 2 else answer

    async def trained(self, rows, *, folder):
        return Sorry(await self.base.trained(rows, folder=folder))


async def test_a_students_refusal_is_in_no_pair(tmp_path):
    made = await run(tmp_path, student=Sorry(parse_writer("sim/writer")))
    texts = [text for pair in made.records(PreferencePair) for text in (pair.chosen, pair.rejected)]
    assert texts and not any("sorry" in text for text in texts)


async def test_it_is_recorded_whether_the_judge_is_the_critic(tmp_path):
    one = await run(tmp_path / "one")
    other = await run(tmp_path / "other", judge=Spy(Critic(wittier, rules(), ref="judge")))
    assert one.state["wins"]["judge_is_critic"] is True
    assert other.state["wins"]["judge_is_critic"] is False
    assert (other.state["wins"]["judge"], other.state["wins"]["critic"]) == ("judge", "rules")
    assert by_kind(other)["judge_is_critic", "rules"].value == 0
    assert {ask.role for ask in other.asked("compare_texts")} == {"teacher"}


async def test_wins_over_the_untaught_student_are_kept_with_their_n(tmp_path):
    made = await run(tmp_path)
    found = by_kind(made)
    shares = [found[kind, "test"] for kind in ("wins", "ties", "losses")]
    assert [share.n for share in shares] == [40] * 3 and sum(share.value for share in shares) == 1
    won = [score for score in made.records(Score) if score.kind == "won"]
    assert len(won) == 40 and sum(score.value == 1 for score in won) == made.state["wins"]["wins"] > 30


async def test_feedback_gains_more_than_more_imitation(tmp_path):
    imitation = await run(tmp_path / "imitation", params={"outputs": 9, "rounds": 0})
    feedback = await run(tmp_path / "feedback", params={**FOUR, "outputs": 1})
    assert accuracy(imitation.bench.sink, imitation.state, "taught") < 0.5
    assert accuracy(feedback.bench.sink, feedback.state, "taught") == 1
    assert len(imitation.state["rows"]) > len(feedback.state["rows"])


async def test_texts_that_differ_most_teach_a_slow_writer_more_than_two_at_random(tmp_path):
    slow = {"task": prompts(24, test=40), "student": "sim/writer?learn_after=6"}
    diverse = await run(tmp_path / "diverse", params={}, **slow)
    drawn = await run(tmp_path / "random", params={"pick": "random"}, **slow)
    assert len(diverse.records(PreferencePair)) > 1.3 * len(drawn.records(PreferencePair))
    assert drawn.state["dropped_0"]["undecided"] > diverse.state["dropped_0"]["undecided"]
    gained = [accuracy(each.bench.sink, each.state, "taught") for each in (diverse, drawn)]
    assert gained[0] > gained[1] + 0.2


async def test_each_round_is_written_by_the_student_as_it_is_by_then(tmp_path):
    made = await run(tmp_path, student="sim/writer?learn_after=1000", params={**FOUR, "rounds": 2})
    writers = {a.phase: a.student for a in made.records(Attempt) if a.phase.startswith("train")}
    assert writers["train-0"] != writers["train-1"]
    assert {pair.round: pair.student for pair in made.records(PreferencePair)} == {
        0: writers["train-0"],
        1: writers["train-1"],
    }
    assert made.state["rows"][:72] == made.state["examples"]


class Repeating:
    """Writes the same text every time."""

    def __init__(self, base):
        self.base, self.ref = base, base.ref

    async def answer(self, question, lessons, *, sample=0):
        return await self.base.answer(question, lessons)

    async def trained(self, rows, *, folder):
        return Repeating(await self.base.trained(rows, folder=folder))


async def test_candidates_of_one_wording_are_not_asked_about(tmp_path):
    made = await run(tmp_path, student=Repeating(parse_writer("sim/writer")))
    assert made.state["dropped_0"] == {"alike": 24}
    assert [ask for ask in made.asked("compare_texts") if ask.role == "teacher"] == []


async def test_data_only_asks_for_no_training_and_leaves_the_rows(tmp_path):
    method = find_method("small-but-funny")
    params = read_params(method, {**FOUR, "train": False, "rounds": 3})
    assert method.needs(params) == frozenset()
    assert method.cost(params, Sizes(train=24, test=40)).teacher == 72
    made = await run(tmp_path, params={**FOUR, "train": False, "rounds": 3})
    assert made.bench.student.learnt == [] and made.state["test"]["taught"] == made.state["test"]["untaught"]
    assert made.records(PreferencePair) and made.records(SFTExample)
    assert "wins" not in {score.kind for score in made.records(Score)}


def test_the_example_of_the_cost_table():
    method = find_method("small-but-funny")
    found = method.cost(read_params(method, {}), Sizes(train=1000, test=0))
    assert (found.teacher, found.student) == (3000, 6000)


def test_the_variants_have_names():
    method = find_method("small-but-funny")
    named = [
        method.fidelity(read_params(method, given))
        for given in ({}, {"rounds": 0}, {"rounds": 2}, {"train": False}, {"pick": "random"})
    ]
    assert named == [
        "paper",
        "variant:imitation-only",
        "variant:retrained-each-round",
        "variant:data-only",
        "variant:random-pairs",
    ]
