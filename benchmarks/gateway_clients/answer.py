"""The answer as the clients that know Pydantic ask for it."""

from __future__ import annotations

from pydantic import BaseModel


class Answer(BaseModel):
    answer: int
    why: str
