"""Executing a method: the graph engine and the resumable item runner."""
