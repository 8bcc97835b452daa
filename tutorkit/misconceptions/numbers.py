"""The numbers of items: checked, bounded, and written as pupils see them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

Natural: TypeAlias = Annotated[int, Field(strict=True, ge=0, lt=10**12)]
Positive: TypeAlias = Annotated[int, Field(strict=True, ge=1, lt=10**12)]

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
