import pytest
from support.talk import seen

from tutorkit.tutoring.guards.praise import praise

PRAISING = """
That's right!
That is correct.
Yes, that's it.
Yes!
Yes, 46 is the answer.
Exactly.
Exactly right, well done!
Correct!
Correct, now go on.
Perfect. On to the next one.
Great job!
Good work, you solved it.
You got it!
You got it right.
You've nailed it.
Well done.
Spot on!
Your answer is right.
Your answer looks good.
Your result is absolutely correct.
46 is correct.
46 is the right answer.
Everything is right.
You are right.
You're absolutely right!
Bravo!
Excellent!
Amazing work.
Nice job, full marks.
No mistakes here.
There is nothing wrong with it.
I totally agree with you.
I couldn't have done it better.
Congratulations, you found it.
👍
Your answer: ✅
That's the answer.
Do not worry, that is correct.
It isn't hard, is it? And you're right.
That is right, isn't it?
Not bad, that is right!
Das stimmt.
Das ist richtig!
Genau!
Richtig, weiter so.
Super gemacht!
Ganz genau, stimmt.
Du hast es richtig gelöst.
Prima, das ist korrekt.
Perfekt.
Ja, das stimmt so.
46 ist die richtige Antwort.
""".strip().splitlines()

NOT_PRAISING = """
That is not right yet.
That's not quite right.
That isn't correct.
It is not correct, but you are on the way.
I don't think that is right.
Is that right?
Can that be right? How could you check it?
How do you know that it is right?
How could you check whether that is right?
Check if that's correct.
If it is right, 46 + 18 must be 52.
Almost right.
This is nearly right.
You are right to line the columns up.
You are right that you have to borrow.
Look at the right column.
On the right side there is an 8.
Right, let us look at the ones.
All right, tell me more.
Good thinking about the tens, now the ones.
Nice try.
Good question!
Good start: you lined up the columns.
Great effort.
A great idea is to estimate first.
Correct the line that you doubt.
The correct answer will be smaller than 52.
Which line would you correct?
You need the right operation.
That is incorrect.
Yes, you may use a number line.
It is good that you wrote each step down.
So far that is right so far, up to the tens.
You used the right operation.
Something is not right in the ones.
You have not got it yet.
Schau noch einmal hin.
Das stimmt noch nicht.
Das ist noch nicht richtig.
Stimmt das?
Kann das stimmen?
Prüfe, ob das richtig ist.
Wie könntest du prüfen, ob es stimmt?
Genau hinschauen hilft hier.
Die richtige Stelle findest du selbst.
""".strip().splitlines()

BLAMING = """
That's not right.
That is not quite right.
Your answer is wrong.
You made a mistake.
There is an error in the ones.
Not quite.
Try again.
Almost, but look at the tens.
That is incorrect.
Unfortunately, no.
No, that isn't it.
Your mistake is in the tens.
Sorry, look once more.
Hm, this looks off.
❌
Das stimmt nicht.
Leider falsch.
Das ist noch nicht richtig.
Du hast einen Fehler gemacht.
""".strip().splitlines()

NOT_BLAMING = """
That is right.
Yes, well done. Shall we go on?
There is no mistake in it.
Your first answer was wrong, and now you have it.
A common mistake is to forget the borrow.
What would be wrong with taking 2 from 8?
Is there a mistake that others make here?
Nothing is wrong with it.
Das stimmt.
Kein Fehler.
How would you explain it to somebody who made a mistake?
""".strip().splitlines()


@pytest.mark.parametrize("text", PRAISING)
def test_a_wrong_answer_is_not_praised(text):
    assert [found.kind for found in praise(text, seen())] == ["praise"]


@pytest.mark.parametrize("text", NOT_PRAISING)
def test_what_is_no_praise_of_the_answer_passes(text):
    assert praise(text, seen()) == []


@pytest.mark.parametrize("text", PRAISING)
def test_a_right_answer_may_be_praised(text):
    assert praise(text, seen(verdict="right", said=("34",))) == []


@pytest.mark.parametrize("text", BLAMING)
def test_a_right_answer_is_not_called_wrong(text):
    assert [found.kind for found in praise(text, seen(verdict="right", said=("34",)))] == ["blame"]


@pytest.mark.parametrize("text", NOT_BLAMING)
def test_what_finds_no_fault_passes(text):
    assert praise(text, seen(verdict="right", said=("34",))) == []


@pytest.mark.parametrize("text", BLAMING)
def test_a_wrong_answer_may_be_called_wrong(text):
    assert praise(text, seen()) == []


def test_where_there_is_no_answer_none_is_judged():
    nothing = seen(verdict=None, said=("what now?",))
    assert [found.kind for found in praise("Your answer is right.", nothing)] == ["praise"]
    assert praise("Great, let us begin!", nothing) == []
    assert praise("Exactly, a common denominator.", nothing) == []


def test_the_learners_own_words_may_be_quoted():
    said = ("I think that is right!",)
    assert praise("You say “I think that is right!” How could you check?", seen(said=said)) == []
    assert praise("You say “that is right!” How could you check?", seen(said=("46",))) != []
