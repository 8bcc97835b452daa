"""Whoever watches a run: the listeners of its events, and their mirror in OpenTelemetry."""
