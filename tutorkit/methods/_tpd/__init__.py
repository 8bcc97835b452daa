"""What TPD alone does: diagnoses, and examples chosen by violated principles."""
