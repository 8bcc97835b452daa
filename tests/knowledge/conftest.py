"""The tests of the networks are collected where torch is: it is heavy, and no other test wants it."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["test_neural_tracing.py"]
