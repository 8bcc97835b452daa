"""What learning by teaching alone does: teaching materials, exams, and the votes of those who sat them."""
