"""``python -m tutorkit.cli`` is the command ``tutorkit``."""

from tutorkit.cli.main import run

if __name__ == "__main__":
    run()
