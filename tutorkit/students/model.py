"""A language model as student: its lessons become its prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from tutorkit.ports import AccountedChat, Answer, Ask, CallContext, ChatRequest, Reply, SchemaT
from tutorkit.programs import program_of, read_program_answer
from tutorkit.prompting import PromptLibrary, Rendered, request_as_it_is, request_of
from tutorkit.students.tags import without_tags
from tutorkit.types import Lesson, Message, Question, Role

PROMPT_ID = "student/answer"
GOING_ON_ID = "going_on/answer"
"""Stands for the prompt of a lesson that carries a whole one; there is no file of it."""


@dataclass(frozen=True, kw_only=True)
class ModelStudent:
    """A model behind the gateway, which answers with its lessons in the prompt.

    ``description`` and ``answer_format`` tell it what the task is and how an answer must end. ``options`` are sampling
    options as in ``ChatRequest``.
    """

    ref: str
    chat: AccountedChat
    prompts: PromptLibrary
    description: str
    answer_format: str
    options: Mapping[str, JsonValue]

    async def answer(self, question: Question, lessons: Sequence[Lesson], *, sample: int = 0) -> Answer:
        """Answer one question. Working is split into steps by line; a reply cut off by its limit is not finished."""
        said = await self._said(*self.request(question, lessons, sample=sample))
        return replace(said, read=read_program_answer(said.raw)) if program_of(lessons) else said

    async def go_on(
        self, question: Question, lessons: Sequence[Lesson], *, begun: Sequence[str], sample: int = 0
    ) -> Answer:
        """Go on from given steps, which the prompt shows as done."""
        steps: list[JsonValue] = [*begun]
        rendered = self.prompts.get(GOING_ON_ID).render(
            {
                **prompt_inputs(question, lessons, description=self.description, answer_format=self.answer_format),
                "begun": steps,
            }
        )
        return await self._said(*self._request(rendered, question, lessons, purpose="go_on", sample=sample))

    async def call(self, ask: Ask[SchemaT]) -> Reply[SchemaT]:
        """Render the prompt of an ask, and return the validated reply with its calls."""
        request, context = request_of(ask, self.prompts, model=self.ref, options=self.options)
        return await self.chat.structured(request, ask.schema, context)

    async def say(
        self,
        messages: Sequence[Message],
        *,
        role: Role,
        purpose: str,
        options: Mapping[str, JsonValue],
        sample: int = 0,
    ) -> Answer:
        """Reply to messages as they are."""
        together = {**self.options, **options}
        return await self._said(
            *request_as_it_is(messages, model=self.ref, options=together, role=role, purpose=purpose, sample=sample)
        )

    async def _said(self, request: ChatRequest, context: CallContext) -> Answer:
        reply, calls = await self.chat.text(request, context)
        steps = tuple(line.strip() for line in reply.text.splitlines() if line.strip())
        return Answer(raw=reply.text, steps=steps, finished=reply.finish_reason != "length", calls=calls)

    def request(
        self, question: Question, lessons: Sequence[Lesson], *, sample: int = 0
    ) -> tuple[ChatRequest, CallContext]:
        """Return the request by which one question is answered, and what it is for; nothing is asked.

        A lesson that carries a whole prompt takes the place of the student's own.
        """
        if program := program_of(lessons):
            return request_as_it_is(
                program.asking(question.as_text()),
                model=self.ref,
                options=self.options,
                role="student",
                purpose="answer",
                about=(question.id,),
                sample=sample,
            )
        rendered = self.prompts.get(PROMPT_ID).render(
            prompt_inputs(question, lessons, description=self.description, answer_format=self.answer_format)
        )
        return self._request(rendered, question, lessons, purpose="answer", sample=sample)

    def _request(
        self, rendered: Rendered, question: Question, lessons: Sequence[Lesson], *, purpose: str, sample: int
    ) -> tuple[ChatRequest, CallContext]:
        messages = with_demos(rendered.messages, lessons)
        request = ChatRequest(model=self.ref, messages=messages, options=self.options, sample=sample)
        context = CallContext(
            role="student",
            purpose=purpose,
            prompt_id=rendered.prompt_id,
            prompt_digest=rendered.digest,
            about=(question.id,),
        )
        return request, context


def prompt_inputs(
    question: Question, lessons: Sequence[Lesson], *, description: str, answer_format: str
) -> dict[str, JsonValue]:
    """Return the inputs of the student's prompt: the task, the lessons that are no demos, and the question.

    Lessons of a pack that was made for a simulated student bear tags, which a model has no use for.
    """
    return {
        "description": description,
        "answer_format": answer_format,
        "question": question.as_text(),
        "instruction": "\n\n".join(without_tags(lesson.text) for lesson in lessons if lesson.kind == "instruction"),
        "rules": [without_tags(lesson.text) for lesson in lessons if lesson.kind not in ("instruction", "demo")],
    }


def with_demos(messages: Sequence[Message], lessons: Sequence[Lesson]) -> tuple[Message, ...]:
    """Return a rendered prompt with the demos among the lessons before its question, in their order."""
    *before, asked = messages
    demos = [turn for lesson in lessons if lesson.kind == "demo" for turn in demo_turns(lesson)]
    return (*before, *demos, asked)


def demo_turns(demo: Lesson) -> tuple[Message, Message]:
    """Show a worked example as a turn of the chat that went well: a small model imitates turns better than a text."""
    solved = f"{without_tags(str(demo.data.get('solution', '')))}\nAnswer: {demo.data.get('answer', '')}"
    return (
        Message(role="user", content=str(demo.data.get("problem", ""))),
        Message(role="assistant", content=solved.strip()),
    )
