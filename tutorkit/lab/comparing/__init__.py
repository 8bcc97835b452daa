"""Compare methods at equal budget: one task, one student, the same seeds, the same controls."""
