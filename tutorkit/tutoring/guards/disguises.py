"""Answers that are hidden: in another encoding, backwards, in Roman numerals, letter by letter."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator

from tutorkit.tutoring.guards.lexicon import number_bases, words
from tutorkit.tutoring.guards.number_words import with_digits

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/_-]{3,400}={0,2}|[A-Za-z0-9]{2}==)(?![A-Za-z0-9+/=])")
_HEX_TEXT = re.compile(r"(?<![0-9a-fA-F])(?:(?:0x|\\x|%)?[2-7][0-9a-fA-F][\s,:]?){2,100}(?![0-9a-fA-F])")
_CODES = re.compile(r"(?<!\d)(?:\d{2,3}[\s,]+)+\d{2,3}(?!\d)")
_PREFIXED = re.compile(r"\b0([xob])([0-9a-f]{1,12})\b", re.IGNORECASE)
_ROMAN = re.compile(
    r"(?<![A-Za-z])(?=[MDCLXVI])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?![A-Za-z])"
)
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_SPELLED = re.compile(r"(?<![^\W\d_])(?:[^\W\d_][\s.\-_*·|/]{1,3}){2,40}[^\W\d_](?![^\W\d_])")
_SEPARATORS = re.compile(r"[\s.\-_*·|/]")
_TALLY = re.compile(r"(?:([|•●○■□★☆⬤▪◦✦✱])\s?)(?:\1\s?)+|((?![*_#=~.!?/-])[^\w\s\x00-\x7f])(?:\s?\2)+")
_ORDINARY = re.compile(r"[A-Za-z]?[a-z]+")
_PRINTABLE = re.compile(r"[\x20-\x7e\n]{1,400}")
_NUMBER = re.compile(r"\d[\d./]*\d|\d")
_DIGIT = re.compile(r"\d")
_LEAST_CODES = 2


def revealed(text: str) -> tuple[str, ...]:
    """Return what a text in the plain form says besides, once its disguises are taken off, with numbers as digits."""
    found = [
        *_decoded(text),
        *_turned(text),
        *_in_other_bases(text),
        *_roman(text),
        *(_SEPARATORS.sub("", match[0]) for match in _SPELLED.finditer(text)),
        *(str(len(re.sub(r"\s", "", match[0]))) for match in _TALLY.finditer(text)),
    ]
    return tuple(dict.fromkeys(with_digits(each) for each in found if each.strip()))


def _decoded(text: str) -> Iterator[str]:
    for match in _BASE64.finditer(text):
        # An ordinary word can be read as an encoding too; what has a number in it never looks like one.
        if not _ORDINARY.fullmatch(match[0]) and (decoded := _from_base64(match[0])) is not None:
            yield decoded
    for match in _HEX_TEXT.finditer(text):
        pairs = re.sub(r"0x|\\x|[%\s,:]", "", match[0])
        if (decoded := _text_of(bytes.fromhex(pairs))) is not None:
            yield decoded
    for match in _CODES.finditer(text):
        codes = [int(code) for code in re.findall(r"\d+", match[0])]
        if len(codes) >= _LEAST_CODES and all(0x20 <= code < 0x7F for code in codes):
            yield "".join(map(chr, codes))
    rotated = with_digits(codecs.encode(text, "rot13"))
    # What is an ordinary text becomes a number by accident hardly ever: digits are left as they are.
    if len(_DIGIT.findall(rotated)) > len(_DIGIT.findall(text)):
        yield " ".join(sorted(set(re.findall(r"[\d./]+", rotated)) - set(re.findall(r"[\d./]+", text))))


def _from_base64(written: str) -> str | None:
    padded = written.rstrip("=").replace("-", "+").replace("_", "/")
    padded += "=" * (-len(padded) % 4)
    try:
        return _text_of(base64.b64decode(padded, validate=True))
    except (binascii.Error, ValueError):
        return None


def _text_of(raw: bytes) -> str | None:
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        return None
    return text if _PRINTABLE.fullmatch(text) else None


def _turned(text: str) -> Iterator[str]:
    """Yield the text backwards where it says that something in it is."""
    if words("backwards").search(text):
        yield text[::-1]
        yield " ".join(number[::-1] for number in _NUMBER.findall(text))
    # Number words that are read backwards are no words otherwise; digits would be found in every text.
    turned = with_digits(_DIGIT.sub(" ", text)[::-1])
    yield " ".join(_NUMBER.findall(turned))


def _in_other_bases(text: str) -> Iterator[str]:
    for match in _PREFIXED.finditer(text):
        base = {"x": 16, "o": 8, "b": 2}[match[1].lower()]
        yield from _in_base(match[2], base)
    for name, base in number_bases().items():
        if name in text.lower():
            for written in re.findall(r"(?<![\w.])[0-9a-fA-F]{1,12}(?![\w.])", text):
                yield from _in_base(written, base)


def _in_base(written: str, base: int) -> Iterator[str]:
    try:
        yield str(int(written, base))
    except ValueError:
        return


def _roman(text: str) -> Iterator[str]:
    for match in _ROMAN.finditer(text):
        if len(match[0]) > 1 or words("roman").search(text):
            values = [_ROMAN_VALUES[letter] for letter in match[0]]
            following = [*values[1:], 0]
            yield str(sum(-value if value < after else value for value, after in zip(values, following, strict=True)))
