"""Tutoring: how much help, what may be said, and the conversation itself."""
