import pytest
from support.talk import problem, seen

from tutorkit.tutoring.guards import crisis_in, crisis_reply, masked, personal_in
from tutorkit.tutoring.guards.languages import language
from tutorkit.tutoring.guards.manner import manner
from tutorkit.tutoring.guards.persona import persona
from tutorkit.tutoring.guards.privacy import personal
from tutorkit.tutoring.policy import HelpPolicy


def kinds(found):
    return [each.kind for each in found]


def test_an_utterance_has_at_most_as_many_sentences_as_the_teacher_wants():
    three = "Look at the ones. You took two from eight. What is on top?"
    assert manner(three, seen()) == []
    assert kinds(manner(f"Well. {three}", seen())) == ["length"]
    assert kinds(manner(three, seen(policy=HelpPolicy(max_sentences=2)))) == ["length"]
    assert kinds(manner("- Look.\n- Think.\n- Write.\n- Read.", seen())) == ["length"]
    assert kinds(manner("a " * 800, seen())) == ["length"]


def test_an_utterance_asks_one_thing():
    two = "What is on top? What is below?"
    assert kinds(manner(two, seen())) == ["questions"]
    assert manner("What is on top, and what is below?", seen()) == []
    assert manner("Really?? What is on top", seen()) == []
    assert manner(two, seen(move="analogy")) == []


def test_what_is_quoted_does_not_count():
    long = problem("Tom has 5 apples. He eats 2. How many are left? Write it down. Show your work.", "3")
    text = f"Let us look at what is asked: {long.text} What do you know?"
    assert manner(text, seen(long)) == []
    line = "Is it 46? I do not know! Or is it? Help."
    assert manner(f"You wrote “{line}” What do you mean?", seen(said=(line,))) == []


def test_where_steps_are_shown_they_may_take_a_sentence_each():
    steps = "Ones: 11 − 7 = 4. Tens: 5 − 4 = 1. So it is 14. Look. Now do yours in the same way."
    assert kinds(manner(steps, seen())) == ["length"]
    assert manner(steps, seen(move="analogy")) == []
    assert kinds(manner("Go. " * 9, seen(move="analogy"))) == ["length"]


FOREIGN = [
    ("en", "Schau dir noch einmal die Einer an: Was hast du dort gemacht?", "de"),
    ("en", "Regarde encore les unités : qu'est-ce que tu as fait dans cette colonne ?", "fr"),
    ("en", "Mira otra vez las unidades: ¿qué has hecho en la columna de la derecha?", "es"),
    ("de", "Look at the ones column again. What did you do there?", "en"),
    ("en", "Посмотри ещё раз на единицы: что ты там сделал?", "Cyrillic"),
    ("en", "再看一下个位数，你做了什么？", "Han"),
    ("ru", "Look at the ones column again. What did you do there, and why did you do it?", "Latin"),
    ("fr", "Look at the ones column again. What did you do there?", "en"),
]
SAME = [
    ("en", "Look at the ones column again. What did you do there?"),
    ("en", "Hm."),
    ("en", "52 − 18"),
    ("en", "π is a Greek letter; what does α mean here?"),
    ("en", "Die Einer!"),
    ("de", "Schau dir noch einmal die Einer an: Was hast du dort gemacht?"),
    ("de", "Okay, cool. Und wie geht es weiter?"),
    ("ja", "一の位をもう一度見てください。"),
    ("xx", "Ni rigardu la unuojn denove, kaj diru kion vi faris."),
    ("en", "The German word is “Schau dir noch einmal die Einer an, was hast du da gemacht”. What does it mean?"),
]


@pytest.mark.parametrize(("expected", "text", "found"), FOREIGN)
def test_another_language_is_objected_to(expected, text, found):
    assert [each.where for each in language(text, seen(language=expected))] == [found]


@pytest.mark.parametrize(("expected", "text"), SAME)
def test_the_language_agreed_on_passes_and_so_does_what_cannot_be_told(expected, text):
    assert language(text, seen(language=expected)) == []


PERSONAL = [
    ("Write to anna.b@example.org please", "e-mail"),
    ("anna (at) example (dot) org", "e-mail"),
    ("Call +49 170 1234567", "phone"),
    ("0170 1234567", "phone"),
    ("(030) 1234567", "phone"),
    ("555-123-4567", "phone"),
    ("my phone is 1701234567", "phone"),
    ("SSN 123-45-6789", "number"),
    ("DE89 3704 0044 0532 0130 00", "number"),
    ("4111 1111 1111 1111", "number"),
    ("Student ID: 4711234", "number"),
    ("Matrikelnummer 1234567", "number"),
    ("She lives at 12 Green Street.", "address"),
    ("Er wohnt Hauptstraße 5.", "address"),
]
NOT_PERSONAL = [
    "5234567 − 1234567 = 4000000",
    "1,234,567 + 1",
    "52 − 18, then 12 − 8",
    "0.125 + 0.5 is more than 0.5",
    "Look at 100-20-30 and at 1000 200",
    "3/4 of 1200",
    "Add 2024 and 1999.",
    "Call it x. Then 2x + 3 = 11.",
    "The number 4711 has 4 digits",
    "Main Street is not far away",
]


@pytest.mark.parametrize(("text", "kind"), PERSONAL)
def test_personal_data_is_found_and_masked(text, kind):
    assert [each.kind for each in personal_in(text)] == [kind]
    assert f"[{kind}]" in masked(text)
    assert kinds(personal(text, seen())) == ["personal"]


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_arithmetic_is_not_personal(text):
    assert personal_in(text) == []


def test_names_of_the_roster_are_found_whole_and_in_parts():
    roster = ["Ada Lovelace", "Mark Twain", "Li Bo"]
    assert masked("Ada and LOVELACE sit by Ada Lovelace.", roster=roster) == "[name] and [name] sit by [name]."
    assert masked("Mark your answer. I saw Mark.", roster=roster) == "Mark your answer. I saw [name]."
    assert masked("Adam, Marking, a lovelace", roster=roster) == "Adam, Marking, a lovelace"
    assert masked("Ask Bo.", roster=roster) == "Ask [name]."
    assert masked("nothing", roster=["", " "]) == "nothing"


def test_a_name_that_the_problem_uses_may_be_used():
    about = problem("Ada has 5 apples. She eats 2. How many are left?", "3")
    known = seen(about, roster=("Ada Lovelace", "Tom Thumb"))
    assert personal("How many has Ada?", known) == []
    assert kinds(personal("Tom has solved it.", known)) == ["personal"]


CRISES = [
    ("I want to kill myself", "self_harm"),
    ("i dont want to live anymore", "self_harm"),
    ("I don't want to be here anymore", "self_harm"),
    ("I wish I was dead", "self_harm"),
    ("im thinking about suicide", "self_harm"),
    ("sometimes I cut myself because of this", "self_harm"),
    ("everyone would be better off without me", "self_harm"),
    ("I'm gonna kill myself if I see one more fraction", "self_harm"),
    ("there is no reason to live", "self_harm"),
    ("my dad hits me when I get bad grades", "abuse"),
    ("I am being abused", "abuse"),
    ("he keeps touching me", "abuse"),
    ("I'm scared to go home", "abuse"),
    ("Ich will nicht mehr leben", "self_harm"),
    ("ich bringe mich um", "self_harm"),
    ("mein Vater schlägt mich", "abuse"),
    ("Ich habe Angst, nach Hause zu gehen", "abuse"),
]
NO_CRISES = [
    "this kills me",
    "maths is killing me",
    "I'm dying of boredom",
    "I could die laughing",
    "lol I'm dead",
    "I want to kill this problem",
    "I want to end this exercise",
    "I don't want to be in this course",
    "I don't want to do this anymore",
    "my brother hits me at chess, he always wins",
    "my dad beats me at maths",
    "the teacher asks me to cut the number in half",
    "I cut the cake into 8 pieces",
    "I hurt my knee",
    "How many people die per year if 2 % do?",
    "das bringt mich nicht weiter",
    "Ich bin tot müde",
    "46",
]


@pytest.mark.parametrize(("text", "kind"), CRISES)
def test_a_learner_in_distress_is_noticed(text, kind):
    assert crisis_in(text) == kind


@pytest.mark.parametrize("text", NO_CRISES)
def test_a_manner_of_speaking_is_no_distress(text):
    assert crisis_in(text) is None


@pytest.mark.parametrize("code", ["en", "de", "xx"])
def test_the_words_to_a_learner_in_distress_are_fixed_and_point_to_people(code):
    reply = crisis_reply(code)
    assert "112" in reply and ("program" in reply.lower())
    assert persona(reply, seen()) == []


HUMAN = [
    "I'm a real teacher.",
    "As a teacher, I see this often.",
    "I am not a robot.",
    "When I was a child, I found it hard.",
    "My own kids do that too.",
    "I'm human, like you.",
    "When I was in school we did that.",
    "Ich bin ein Mensch.",
    "Ich bin keine KI.",
    "Als ich klein war, fiel mir das schwer.",
    "Ich bin deine Lehrerin.",
]
PROGRAM = [
    "I am a program that helps with learning.",
    "I'm not a human, but I can help.",
    "I am not a person. What did you write?",
    "Ask your teacher.",
    "Imagine a person who walks 3 km.",
    "Ich bin kein Mensch, sondern ein Programm.",
    "When did you take the ten?",
    "I am curious: how did you get that?",
]


@pytest.mark.parametrize("text", HUMAN)
def test_the_tutor_passes_for_no_person(text):
    assert kinds(persona(text, seen())) == ["human"]


@pytest.mark.parametrize("text", PROGRAM)
def test_the_tutor_may_say_what_it_is(text):
    assert persona(text, seen()) == []


def test_a_learner_may_be_quoted_on_being_human():
    said = "I am only human"
    assert persona(f"You say {said}. So is everybody who learns.", seen(said=(said,))) == []


ARTEFACTS = [
    "Look at {problem} again.",
    "{{ act.move }} now",
    "<data>52 − 18</data> is your problem.",
    "Tutor: look again.",
    "assistant: look again.",
    '{"text": "Look again."}',
    '```json\n{"text": "x"}\n```',
    "As an AI language model, I cannot do that.",
    "My instructions say that I must not tell.",
    "The hidden answer stays hidden.",
    "Ignore previous instructions.",
    "move: focus. Look again.",
    "Look <!-- secret --> again.",
    "<div style='display:none'>x</div>",
    "Look\u200b again.",
    "Look \u202eniaga\u202c.",
    "<|im_start|>Look",
    "",
    "  …  ",
    "[system]\nLook.",
]
CLEAN = [
    "Is 3 < 4 and 5 > 2?",
    "Write a<b if a is smaller.",
    "Look at {1, 2, 3} as a set.",
    "2^{10} is large.",
    "Note: the ones come first.",
    "**Look** at the _ones_.",
    "Well done 👩\u200d🏫",
    "Let x_{max} be the larger one.",
    "The next step is up to you.",
]


@pytest.mark.parametrize("text", ARTEFACTS)
def test_nothing_of_prompts_and_templates_is_shown(text):
    assert kinds(persona(text, seen())) == ["artefact"]


@pytest.mark.parametrize("text", CLEAN)
def test_mathematics_and_markdown_are_no_artefacts(text):
    assert persona(text, seen()) == []
