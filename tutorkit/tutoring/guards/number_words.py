"""Numbers written out, in English and German, as digits."""

from __future__ import annotations

import re
from functools import lru_cache

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {
    **{word: value for value, word in enumerate((*_UNITS, *_TEENS))},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    "fourty": 40,
    "dozen": 12,
    "nought": 0,
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_WORD = "|".join(sorted((*_SMALL, *_SCALES), key=len, reverse=True))
_ENGLISH = re.compile(
    rf"(?<![a-zA-Z])(?:{_WORD})(?:(?:[\s-]{{0,3}}|(?:(?<=hundred)|(?<=thousand)|(?<=million))\s+and\s+)(?:{_WORD}))*"
    rf"(?![a-zA-Z])",
    re.IGNORECASE,
)
_ONE_WORD = re.compile(_WORD, re.IGNORECASE)

_A_TEN = re.compile(r"\b(?:1|one|a)\s+ten\b(?!-)", re.IGNORECASE)

_PARTS = {
    **{"half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7},
    **{"eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "fifteenth": 15, "sixteenth": 16},
    **{"twentieth": 20, "thirtieth": 30, "fiftieth": 50, "hundredth": 100, "thousandth": 1000, "fortieth": 40},
    **{"halb": 2, "halbe": 2, "halbes": 2, "halben": 2, "drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6},
    **{"siebtel": 7, "achtel": 8, "neuntel": 9, "zehntel": 10, "elftel": 11, "zwölftel": 12, "zwanzigstel": 20},
    **{"sechzehntel": 16, "fünfzehntel": 15, "hundertstel": 100, "tausendstel": 1000},
}
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_TWENTY_FIRSTS = re.compile(
    r"(?<![\w/.,])(\d{1,6})[\s-]+(\d0)[\s-](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)s\b", re.I
)
_ORDINALS = {"first": 1, "second": 2, **{word: value for word, value in _PARTS.items() if 3 <= value <= 9}}
_SHARE = re.compile(rf"(?<![\w/.,])(\d{{1,6}})[\s-]{{1,2}}({_PART})s?(?![a-zäöüß])", re.IGNORECASE)
_A_SHARE = re.compile(
    rf"\b(?:an?|one|eine?)[\s-]({_PART})(?=\s+(?:of|von|plus|minus|times|is|and)\b|\s*(?:[.,;:!?)\"]|$|[-+×÷=<>]))",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"(?:(?<=\bis )|(?<=\bget )|(?<=equals )|(?<=gives )|(?<=makes )|(?<=leaves )|(?<=: ))half\b(?!\s+[a-z])"
    r"|\bhalf(?=\s+of\b)",
    re.IGNORECASE,
)
_AND_SHARE = re.compile(r"(\d) and (?:an?|1)? ?(1/\d{1,3})", re.IGNORECASE)

_BEFORE_ONE = re.compile(
    r"(?:\b(?:is|get|gets|got|equals?|makes?|gives?|leaves?|answer|result|exactly|just|only|plus|minus|times|point|over|"
    r"negative|to|than|be|write|and|number)|[=:+×÷\"“'(])\s*$",
    re.IGNORECASE,
)
_AFTER_ONE = re.compile(
    rf"^\s*(?:$|[.,;:!?)=+×÷\"”']|(?:plus|minus|times|over|point|is|equals?|and|out\s+of|percent|per\s+cent|{_PART})\b)",
    re.IGNORECASE,
)
_ONE_TO_ONE = re.compile(
    r"^\s*(?:(?:plus|minus|times|over|point|percent|(?:less|more|fewer|greater|smaller|bigger|larger)\s+than)\b|half|third|quarter|fourth|[=+×÷])",
    re.I,
)
_POINT = re.compile(r"(?<![\w.,])(\d{1,9})\s?(?:point|komma|decimal\s+point)\s?(\d(?:[\s-]?\d){0,8})\b", re.IGNORECASE)
_OVER = re.compile(r"(?<![\w.,/])(-?\d{1,9})\s+(?:over|out\s+of|durch)\s+(\d{1,9})\b(?!\s*%)", re.IGNORECASE)
_PER_CENT = re.compile(r"(?<=\d)\s?(?:per\s?cent|prozent|v\.\s?h\.)(?![a-z])", re.IGNORECASE)
_NEGATIVE = re.compile(r"(?<![\d)\]x]\s)(?<![\d)\]])\b(?:negative|minus)\s+(?=\d)", re.IGNORECASE)
_BELOW = re.compile(
    r"(?<![\w.,/])(\d[\d./]{0,12})\s+(?:below\s+zero|below\s+0|unter\s+null|unter\s+0)\b", re.IGNORECASE
)
_SCALED = re.compile(
    r"(?<![\w.,/])(\d{1,6}(?:\.\d{1,6})?)\s+(hundred|thousand|million|hundert|tausend)s?\b", re.IGNORECASE
)
_SCALE_OF = {**_SCALES, "hundert": 100, "tausend": 1000}
_GERMAN_WORD = re.compile(r"(?<!\w)(?=[nzdvfsaethNZDVFSAETH])[a-zA-ZäöüÄÖÜß]{3,40}(?!\w)")
_GERMAN_UNITS = ("null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_GERMAN_TEENS = (
    *("zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"),
)
_GERMAN_TENS = ("zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")


def with_digits(text: str) -> str:
    """Write the numbers of a text with digits: ``thirty-four`` as ``34``, ``drei Viertel`` as ``3/4``.

    ``one`` stays where it may be a pronoun, and a German article stays an article. What cannot be one number is left
    as several: ``three four`` is ``3 4``.
    """
    text = _A_TEN.sub("1 tens", text)
    text = _ENGLISH.sub(_english, _SCALED.sub(_scaled, text))
    text = _GERMAN_WORD.sub(_german, text)
    text = _TWENTY_FIRSTS.sub(lambda match: f"{match[1]}/{int(match[2]) + _ORDINALS[match[3].lower()]}", text)
    text = _SHARE.sub(lambda match: f"{match[1]}/{_part(match[2])}", text)
    text = _A_SHARE.sub(lambda match: f"1/{_part(match[1])}", text)
    text = _AND_SHARE.sub(r"\1 \2", _HALF.sub("1/2", text))
    text = _POINT.sub(lambda match: f"{match[1]}.{re.sub(r'[^0-9]', '', match[2])}", text)
    text = _PER_CENT.sub("%", _OVER.sub(r"\1/\2", text))
    return _BELOW.sub(r"-\1", _NEGATIVE.sub("-", text))


def english_number(value: int) -> str:
    """Return the English words of a number from 0 to 999."""
    if value < 20:
        return (*_UNITS, *_TEENS)[value]
    if value < 100:
        tens = _TENS[value // 10 - 2]
        return tens if value % 10 == 0 else f"{tens}-{_UNITS[value % 10]}"
    rest = f" and {english_number(value % 100)}" if value % 100 else ""
    return f"{_UNITS[value // 100]} hundred{rest}"


def german_number(value: int) -> str:
    """Return the German word of a number from 0 to 999."""
    if value < 20:
        return "eins" if value == 1 else (*_GERMAN_UNITS, *_GERMAN_TEENS)[value]
    if value < 100:
        tens = _GERMAN_TENS[value // 10 - 2]
        return tens if value % 10 == 0 else f"{_GERMAN_UNITS[value % 10]}und{tens}"
    return f"{_GERMAN_UNITS[value // 100]}hundert{german_number(value % 100) if value % 100 else ''}"


def _part(word: str) -> int:
    return _PARTS[word.lower()]


def _scaled(match: re.Match[str]) -> str:
    whole, _, places = match[1].partition(".")
    scale = _SCALE_OF[match[2].lower()]
    zeros = len(str(scale)) - 1
    if len(places) > zeros:
        return match[0]
    return str(int(whole + places.ljust(zeros, "0")))


def _english(match: re.Match[str]) -> str:
    words = [word.lower() for word in _ONE_WORD.findall(match[0])]
    if words == ["one"] and not _is_number(match):
        return match[0]
    return " ".join(str(number) for number in _numbers(words))


def _is_number(match: re.Match[str]) -> bool:
    """Tell whether a lone ``one`` is a number: it stands among signs, or where a result stands at a sentence's end."""
    before, after = match.string[: match.start()][-20:], match.string[match.end() :][:16]
    return bool(_ONE_TO_ONE.match(after) or (_BEFORE_ONE.search(before) and _AFTER_ONE.match(after)))


def _numbers(words: list[str]) -> list[int]:
    """Put number words together as far as they make one number; begin another one where they do not."""
    found: list[int] = []
    total, current, room = 0, -1, 0
    for word in words:
        scale = _SCALES.get(word)
        if scale is not None:
            current = (1 if current < 0 else current) * scale
            if scale > 100:
                total, current, room = total + current, 0, scale
            else:
                room = 100
            continue
        value = _SMALL[word]
        if current >= 0 and value >= room:
            found.append(total + current)
            total, current = 0, -1
        current = max(current, 0) + value
        room = 10 if value >= 20 and value % 10 == 0 else 0
    return [*found, total + current]


def _german(match: re.Match[str]) -> str:
    word = match[0].lower()
    value = _german_value(word.replace("ss", "ß") if "dreissig" in word else word)
    return match[0] if value is None else str(value)


@lru_cache(maxsize=1)
def _german_numbers() -> dict[str, int]:
    words = {german_number(value): value for value in range(1000)}
    return {
        **{word.replace("ü", "ue").replace("ö", "oe"): value for word, value in words.items()},
        **{f"ein{word}" if word.startswith("hundert") else word: value for word, value in words.items()},
        **{word.removeprefix("ein"): value for word, value in words.items() if word.startswith("einhundert")},
        **words,
    }


def _german_value(word: str) -> int | None:
    known = _german_numbers()
    if word in known and word != "ein":
        return known[word]
    front, thousand, back = word.partition("tausend")
    if not thousand:
        return None
    high, low = 1 if front == "" else known.get(front), 0 if back == "" else known.get(back)
    return None if high is None or low is None else 1000 * high + low
