"""The node functions that methods share; each stands once."""
