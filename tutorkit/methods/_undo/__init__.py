"""What UNDO alone does: what the student has seen, and rationales rewritten for it."""
