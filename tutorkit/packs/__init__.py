"""Packs: what a student takes away, as a folder that any model can be given without the teacher."""

from tutorkit.packs.card import render_card
from tutorkit.packs.folder import load_pack, save_pack
from tutorkit.packs.pack import build_pack, lessons_for_student
from tutorkit.packs.prompt import render_prompt

__all__ = ["build_pack", "lessons_for_student", "load_pack", "render_card", "render_prompt", "save_pack"]
