"""Experiments replayed from what was recorded, and recordings that travel."""
