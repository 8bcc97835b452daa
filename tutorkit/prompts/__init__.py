"""Prompt files: METHOD/NODE.md."""
