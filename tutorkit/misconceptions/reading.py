"""Items and answers as people write them: ``52 - 18``, ``1/2+1/3``, ``20% of 80``; ``= 2,500 cm``."""

from __future__ import annotations

import json
import re
import unicodedata

from tutorkit.errors import DataError
from tutorkit.misconceptions.item_forms import FORMS
from tutorkit.misconceptions.items import Item, read_item
from tutorkit.misconceptions.story_texts import read_story

_LONGEST = 300
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "∙": "*", "⋅": "*", "⁄": "/", "→": "->", "±": "+-"}
)
_ASKS = re.compile(
    r"^(?:please\s+)?(?:work out|calculate|compute|evaluate|find|solve|simplify|what is|how much is)\b:?\s*", re.I
)
_UNITS = r"(?:mm|cm|dm|km|m|mg|kg|g|t|ml|cl|l|s|sec|min|minutes?|h|hours?|days?|percent|cents?|euros?|dollars?|pounds?)"


def unified(text: str) -> str:
    """Write signs as they are typed on a keyboard, superscripts as powers, ½ as 1/2, white space as single spaces."""
    plain = re.sub(
        f"[{_SUPERSCRIPTS}]+", lambda found: "^" + "".join(str(_SUPERSCRIPTS.index(c)) for c in found[0]), text
    )
    plain = re.sub("[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]", lambda found: " " + unicodedata.normalize("NFKC", found[0]), plain)
    return re.sub(r"\s+", " ", plain.translate(_SIGNS)).strip()


def read_text(text: str) -> Item:
    """Turn an item as it stands on a worksheet, or as JSON, into an item.

    The longest way to write it is 300 characters, besides JSON.

    Raises:
        DataError: when it is none that is known; it says what can be read.
    """
    if text.lstrip().startswith("{"):
        return _read_json(text)
    bare = re.sub(r"\s*=?\s*\??\s*\.?$", "", _ASKS.sub("", unified(text)))
    if len(bare) <= _LONGEST:
        for pattern, make in FORMS:
            if match := pattern.fullmatch(bare):
                for item in make(match):
                    if _is_item(item):
                        return item
        if (story := read_story(bare)) is not None:
            return story
    raise DataError(
        f"{text[:80]!r} is no item that can be read.",
        remedy="Write it like one of: 52 - 18; 47 + 26; 1/2 + 1/3; 2 + 3*4; 20% of 80; 3.5 + 0.12; -3 + (-5); 2x+3=11. "
        'Or give it as JSON: {"domain": "sub", "a": 52, "b": 18}.',
        data={"text": text[:_LONGEST]},
    )


def _read_json(text: str) -> Item:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"This item is broken JSON: {error}.", remedy='Write {"domain": "sub", "a": 52, "b": 18}.'
        ) from error
    read_item(value)
    return dict(value)


def _is_item(item: Item) -> bool:
    try:
        read_item(item)
    except DataError:
        return False
    return True


def read_answer(text: str) -> str | None:
    """Return an answer in plain form, without what stands around it; None when it is blank or holds no answer.

    Taken away are ``=``, ``x =``, currencies, a unit or a word at the end, a full stop, and the commas of thousands; a
    decimal comma becomes a point. The form of a number stays: ``2/4`` is not reduced, ``2.50`` keeps its nought.
    """
    plain = unified(text).replace("÷", "/")
    plain = re.sub(r"^(?:answer\s*[:=]?\s*|[a-z]\s*=\s*|=\s*)+", "", plain, flags=re.I)
    plain = re.sub(r"^[$€£]\s*|\s*[$€£%]$", "", plain.rstrip(" .")).strip()
    plain = re.sub(r"^(\d+) ?h(?:ours?)? ?(\d{2})(?: ?min(?:utes)?)?$", r"\1:\2", plain, flags=re.I)
    plain = re.sub(rf"(?<=\d)(?:\s*{_UNITS}(?:\^?[23])?| [a-z]{{3,}})$", "", plain, flags=re.I)
    plain = re.sub(r"\s*([-+*/^=:,])\s*", r"\1", plain)
    if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"-?\d*,\d+", plain):
        plain = plain.replace(",", ".")
    readable = re.fullmatch(r"[-+*/^().:0-9x ]+", plain) and re.search(r"[0-9x]", plain)
    return plain if readable and len(plain) <= _LONGEST else None
