"""Evaluation: metrics, statistics, benchmarks and reports."""
