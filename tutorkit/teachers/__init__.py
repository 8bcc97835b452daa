"""Whoever teaches: model, rules, a person through files, and the control teachers."""
