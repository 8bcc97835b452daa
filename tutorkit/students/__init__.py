"""Whoever answers problems: model, simulated, recorded."""
