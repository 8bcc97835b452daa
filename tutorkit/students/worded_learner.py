"""A simulated learner whose words are a language model's, while what it thinks stays the engine's.

The model is given what the learner says and finds words for it. A wording that says another answer, a number that the
learner does not have, or that the learner is no child, is asked for again; after two more tries the template speaks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import JsonValue

from tutorkit.errors import Refused
from tutorkit.ports import AccountedChat, CallContext, ChatRequest
from tutorkit.prompting import PromptLibrary
from tutorkit.students.learner import SimulatedLearner
from tutorkit.students.learner_refs import with_words
from tutorkit.types import Call, LearnerSaid, Question, Turn

PROMPT_ID = "learner/utterance"
TRIES: Final = 3
"""How often a model is asked for one utterance: once, and twice more."""

_RECENT = 12
_NUMBER = re.compile(r"(?<![\d)./:-])-?\d+(?:[./:]\d+)*|\d+(?:[./:]\d+)*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_GIVEN_AWAY = re.compile(
    r"\b(?:simulat\w*|language model|as an ai|chatbot|role-?play\w*|misconceptions?|malrules?|persona)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class WordedLearner:
    """A simulated learner worded by a model.

    ``calls`` are all that were made for it so far; ``by_template`` is how many utterances no wording could be had for.
    """

    learner: SimulatedLearner
    chat: AccountedChat
    prompts: PromptLibrary
    model: str
    options: Mapping[str, JsonValue]
    calls: tuple[Call, ...] = ()
    by_template: int = 0

    @property
    def ref(self) -> str:
        """The name by which the learner is built again: the simulated learner's, and who words it."""
        return with_words(self.learner.ref, self.model)

    async def begin(self, question: Question) -> tuple[WordedLearner, LearnerSaid]:
        """Try a problem, before any help, and say what came of it.

        Raises:
            ModelError, BudgetExhausted: when the model failed otherwise than by its words.
        """
        learner, said = await self.learner.begin(question)
        return await self._worded(learner, said, question, ())

    async def hear(self, question: Question, turns: Sequence[Turn]) -> tuple[WordedLearner, LearnerSaid]:
        """Take in the last of ``turns``, which is a tutor's, and reply to it.

        Raises:
            ModelError, BudgetExhausted: as ``begin`` does.
        """
        learner, said = await self.learner.hear(question, turns)
        return await self._worded(learner, said, question, turns)

    async def _worded(
        self, learner: SimulatedLearner, said: LearnerSaid, question: Question, turns: Sequence[Turn]
    ) -> tuple[WordedLearner, LearnerSaid]:
        faults: tuple[str, ...] = ()
        calls = self.calls
        for sample in range(TRIES):
            request, context = self._request(learner, said, question, turns, faults=faults, sample=sample)
            try:
                reply, made = await self.chat.text(request, context)
            except Refused as error:
                calls += tuple(call for call in error.calls if isinstance(call, Call))
                break
            calls += made
            text = reply.text.strip()
            faults = faults_of(text, said, question, turns, most_words=learner.most_words)
            if not faults:
                return replace(self, learner=learner, calls=calls), said.model_copy(update={"text": text})
        return replace(self, learner=learner, calls=calls, by_template=self.by_template + 1), said

    def _request(
        self,
        learner: SimulatedLearner,
        said: LearnerSaid,
        question: Question,
        turns: Sequence[Turn],
        *,
        faults: Sequence[str],
        sample: int,
    ) -> tuple[ChatRequest, CallContext]:
        rendered = self.prompts.get(PROMPT_ID).render(
            {
                "problem": question.as_text(),
                "dialogue": [
                    {"by_tutor": turn.role == "tutor", "text": turn.text}
                    for turn in turns[-_RECENT:]
                    if turn.role != "system"
                ],
                "portrait": learner.persona.portrait,
                "mood": learner.persona.affect,
                "gist": said.text,
                "answer": said.answer or "",
                "working": list(said.steps),
                "most_words": learner.most_words,
                "faults": list(faults),
            }
        )
        request = ChatRequest(model=self.model, messages=rendered.messages, options=self.options, sample=sample)
        context = CallContext(
            role="student",
            purpose="utterance",
            prompt_id=rendered.prompt_id,
            prompt_digest=rendered.digest,
            about=(question.id,),
        )
        return request, context


def faults_of(
    text: str, said: LearnerSaid, question: Question, turns: Sequence[Turn], *, most_words: int
) -> tuple[str, ...]:
    """Return what is wrong with a wording of what a learner says, as sentences for who worded it.

    Args:
        text: the wording.
        said: what the engine has the learner say.
        question: the problem.
        turns: what was said before.
        most_words: how long it may be.
    """
    numbers, answer = numbers_in(text), said.answer
    heard = " ".join(turn.text for turn in turns)
    own = {*numbers_in(question.as_text()), *numbers_in(heard), *numbers_in(" ".join((*said.steps, answer or "")))}
    strange = [number for number in numbers if number not in own and number.lstrip("-") not in own]
    faults = []
    if not text:
        faults.append("There is nothing in it.")
    if len(text.split()) > most_words:
        faults.append(f"It has more than {most_words} words.")
    if answer is not None and not _ends_in(text, answer):
        faults.append(f"It does not say the answer {answer} as it stands here, as its last number.")
    if strange:
        faults.append(f"The child has no number {', '.join(dict.fromkeys(strange))}.")
    if _GIVEN_AWAY.search(text):
        faults.append("It says that the child is not one.")
    return tuple(faults)


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a text as they are written, with a sign only where it is one; ``1,234`` is ``1234``."""
    return _NUMBER.findall(_THOUSANDS.sub("", text.replace("−", "-")))


def _ends_in(text: str, answer: str) -> bool:
    """Tell whether the last numbers of a text are those of the answer, and the answer's letters stand there too."""
    asserted, said = numbers_in(answer), numbers_in(text)
    letters = re.search(r"[a-zA-Z]", answer)
    if letters and answer.replace(" ", "") not in text.replace("−", "-").replace(" ", ""):
        return False
    return not asserted or said[-len(asserted) :] == asserted
