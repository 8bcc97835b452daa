"""What budgeted intervention alone does: a mental model of the student, and whom to explain what."""
