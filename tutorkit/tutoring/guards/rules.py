"""Guard 8: a teacher's own rules, as far as a machine can check them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from tutorkit.tutoring.guards.languages import language_of
from tutorkit.tutoring.guards.leaks import leaks
from tutorkit.tutoring.guards.praise import praised
from tutorkit.tutoring.guards.quotable import quotable
from tutorkit.tutoring.guards.seen import HardRule, RuleKind, Seen, Violation
from tutorkit.tutoring.guards.sentences import sentences, without_quotations

_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]|(?<!\\w)[:;]-?[)(DPp](?!\\w)")
_CODE_LINE = re.compile(
    r"(?m)^\s*(?:def \w+\(|class \w+|for \w+ in |while .+:\s*$|if .+:\s*$|import \w+|return \S|\w+ = .+\(.*\)$|print\()"
)
_PRAISING = re.compile(
    r"\b(?:great|good|excellent|fantastic|amazing|wonderful|super|brilliant|awesome|perfect|well done|nice|bravo|"
    r"proud of you|toll|super|prima|klasse|gut gemacht|großartig|fantastisch)\b(?!\s+(?:question|idea to))",
    re.IGNORECASE,
)
_VOWELS = re.compile(r"[aeiouyäöü]+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LEAST_WORDS = 8

_WHAT: Mapping[RuleKind, str] = MappingProxyType(
    {
        "never_tell": "The teacher wants the answer never to be told. Leave it out.",
        "max_sentences": "The teacher wants at most {value} sentences.",
        "max_words": "The teacher wants at most {value} words.",
        "max_questions": "The teacher wants at most {value} questions.",
        "ends_with_question": "The teacher wants every utterance to end with a question.",
        "language": "The teacher wants the language {words}.",
        "topics": "The teacher wants these topics left alone: {words}.",
        "forbidden_words": "The teacher wants these words left out: {words}.",
        "no_emoji": "The teacher wants no emoji.",
        "no_code": "The teacher wants no code.",
        "no_praise": "The teacher wants no praise.",
        "reading_grade": "The teacher wants words that can be read in grade {value}: short sentences, short words.",
    }
)


def rules(text: str, seen: Seen) -> list[Violation]:
    """Object to whatever breaks one of the teacher's rules."""
    return [
        Violation(kind="rule", what=said_of(rule), where=rule.kind) for rule in seen.rules if breaks(text, rule, seen)
    ]


def breaks(text: str, rule: HardRule, seen: Seen) -> bool:
    """Tell whether a text breaks one rule."""
    return _CHECKS[rule.kind](text, rule, seen)


def said_of(rule: HardRule) -> str:
    """Return the rule as a sentence."""
    return _WHAT[rule.kind].format(value=rule.value, words=", ".join(rule.words))


def reading_grade(text: str) -> float | None:
    """Return the school grade for which a text is readable; None for one of fewer than eight words.

    English by the formula of Kincaid et al. (1975): 0.39 words per sentence + 11.8 syllables per word − 15.59.
    Syllables are counted as groups of vowels, without a closing silent e.
    """
    said = _WORD.findall(text)
    if len(said) < _LEAST_WORDS:
        return None
    return 0.39 * len(said) / max(1, len(sentences(text))) + 11.8 * sum(map(_syllables, said)) / len(said) - 15.59


def _syllables(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def _most(rule: HardRule) -> int:
    return rule.value if rule.value is not None else 0


def _never_tell(text: str, _rule: HardRule, seen: Seen) -> bool:
    return any(found.kind == "leak" for found in leaks(text, seen))


def _max_sentences(text: str, rule: HardRule, seen: Seen) -> bool:
    return len(sentences(without_quotations(text, seen.problem.text))) > _most(rule)


def _max_words(text: str, rule: HardRule, _seen: Seen) -> bool:
    return len(re.findall(r"\S+", text)) > _most(rule)


def _max_questions(text: str, rule: HardRule, seen: Seen) -> bool:
    return sum("?" in each for each in sentences(without_quotations(text, seen.problem.text))) > _most(rule)


def _ends_with_question(text: str, _rule: HardRule, _seen: Seen) -> bool:
    return not text.rstrip(" \n\"'”“)*_").endswith("?")


def _language(text: str, rule: HardRule, seen: Seen) -> bool:
    return any(
        language_of(without_quotations(text, *quotable(seen)), expected=expected) not in (None, expected)
        for expected in rule.words[:1]
    )


def _has_words(text: str, rule: HardRule, _seen: Seen) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in rule.words)


def _emoji(text: str, _rule: HardRule, _seen: Seen) -> bool:
    return bool(_EMOJI.search(text))


def _code(text: str, _rule: HardRule, _seen: Seen) -> bool:
    return "```" in text or bool(_CODE_LINE.search(text))


def _praise(text: str, _rule: HardRule, _seen: Seen) -> bool:
    return bool(_PRAISING.search(text) or praised(text))


def _reading(text: str, rule: HardRule, _seen: Seen) -> bool:
    grade = reading_grade(text)
    return grade is not None and grade > _most(rule)


_CHECKS: Mapping[RuleKind, Callable[[str, HardRule, Seen], bool]] = MappingProxyType(
    {
        "never_tell": _never_tell,
        "max_sentences": _max_sentences,
        "max_words": _max_words,
        "max_questions": _max_questions,
        "ends_with_question": _ends_with_question,
        "language": _language,
        "topics": _has_words,
        "forbidden_words": _has_words,
        "no_emoji": _emoji,
        "no_code": _code,
        "no_praise": _praise,
        "reading_grade": _reading,
    }
)
