"""Leak: an explanation of a problem helps its student to the answer, and does not hand it over."""

from __future__ import annotations

import re

from tutorkit.types import Problem

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?](?=\s|$)|(?=\n|$))")
_NUMBER = re.compile(r"\d+(?:[.,/:]\d+)*")
_RESULT = re.compile(r"(?:=|≈|answer(?: is|:)?|result(?: is|:)?|gives|makes|\bis)\s*[-−]?\$?\s*(\d+(?:[.,/:]\d+)*)")
_WORD = re.compile(r"[^\W_]+")
_CUE = re.compile(r"\[\[skill:[^\]]*\]\]")


def without_answer(text: str, problem: Problem) -> tuple[str, int]:
    """Take out every sentence that states the problem's answer.

    The authors of the theory-of-mind intervention (arXiv 2306.09299) keep the first sentence of an explanation alone
    where answers are numbers; here only what gives the answer away goes, and the rest stays in its order.

    Returns:
        What is left, and how many sentences were taken out.
    """
    kept: list[str] = []
    dropped = 0
    for line in text.splitlines():
        sentences = [match.group().strip() for match in _SENTENCE.finditer(line)]
        good = [sentence for sentence in sentences if not states_answer(sentence, problem)]
        dropped += len(sentences) - len(good)
        if good:
            kept.append(" ".join(good))
    return "\n".join(kept), dropped


def states_answer(sentence: str, problem: Problem) -> bool:
    """Tell whether a sentence gives the problem's answer away, wholly or one of its numbers.

    A number of the gold counts where the question does not hold it, or where the sentence gives it as a result. Other
    golds count where they stand word for word and the question does not hold them, or after "answer is"; so does the
    text of the right option.
    """
    if problem.gold is None:
        return False
    said, question = _CUE.sub("", sentence), problem.question().as_text()
    numbers = {_bare(number) for number in _NUMBER.findall(problem.gold)}
    if numbers:
        new = {_bare(number) for number in _NUMBER.findall(said)} - {_bare(n) for n in _NUMBER.findall(question)}
        results = {_bare(number) for number in _RESULT.findall(said.casefold())}
        return bool(numbers & (new | results))
    option = next((choice.text for choice in problem.choices if choice.label == problem.gold), "")
    return any(_states_words(said, words, question) for words in (problem.gold, option) if words)


def _states_words(said: str, answer: str, question: str) -> bool:
    words, spoken = _folded(answer), _folded(said)
    if any(f" {lead}{words}" in spoken for lead in ("answer is", "answer", "answer is option", "correct option is")):
        return True
    return len(words.split()) > 1 and words in spoken and words not in _folded(question)


def _bare(number: str) -> str:
    """Read 1,200 and 1200 as one number."""
    return number.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+", number) else number


def _folded(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "
