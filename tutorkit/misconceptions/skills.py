"""The skills that the misconceptions are about, each with the principle that teaches it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tutorkit.misconceptions.domains import DOMAINS
from tutorkit.misconceptions.vocabulary import Skill

SKILLS: Mapping[str, Skill] = MappingProxyType({skill.id: skill for domain in DOMAINS for skill in domain.skills})
