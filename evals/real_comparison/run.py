"""Compare methods on a real small language model at one budget, or replay what was recorded.

    python evals/real_comparison/run.py NAME …             replay, offline, and compare with the committed results
    python evals/real_comparison/run.py --record NAME …    teach the model; the same command goes on where it stopped
    python evals/real_comparison/run.py --table            print the committed results

``contests.json`` holds the settings. What is not trained is replayed on any machine; DSPy's arms want the extra
``dspy`` for it, and recording wants what ``make demo-real`` installs. A contest whose students are trained
(``…-trained``) wants the extra ``local`` and cannot be replayed: another kind of CPU trains to other weights, which no
recording knows.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tutorkit.cli.progress import progress_bar
from tutorkit.cli.show import text
from tutorkit.errors import TutorkitError
from tutorkit.lab import CompareReport, Contest, Lab
from tutorkit.models import ReplyCache, export_cassette, import_cassette

HERE = Path(__file__).resolve().parent
TRAINED = "-trained"


def contests() -> dict[str, Contest]:
    """Return every contest by its name."""
    given = json.loads((HERE / "contests.json").read_text(encoding="utf-8"))
    return {name: Contest.model_validate(contest) for name, contest in given.items()}


def committed(name: str) -> CompareReport:
    """Return a contest's committed report."""
    return CompareReport.model_validate_json(_result_path(name).read_text(encoding="utf-8"))


def record(name: str, *, home: Path) -> CompareReport:
    """Run a contest, and write its report and what the student replied."""
    contest = contests()[name]
    with Lab(home=home, concurrency=8) as lab:
        with progress_bar(quiet=False) as listen:
            report = lab.compare(contest, listen=listen, stop_on_ctrl_c=True)
        if report.unfinished:
            raise SystemExit(f"{name}: {report.unfinished[0]}. The same command with the same --home goes on.")
        keys = {call.key for run in lab.runs() for call in lab.calls(run.id) if call.role == "student"}
        if not name.endswith(TRAINED):
            with ReplyCache(lab.settings.cache_path) as cache:
                export_cassette(cache, _cassette_path(name), keys, requests=True)
    write_result(report, name)
    return report


def write_result(report: CompareReport, name: str) -> None:
    """Write a contest's report."""
    _result_path(name).parent.mkdir(exist_ok=True)
    _result_path(name).write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")


def replay(name: str, *, entrants: Sequence[str] | None = None) -> CompareReport:
    """Run a contest, or some of its entrants, from its recorded calls alone: one that was not recorded is an error."""
    contest = contests()[name]
    chosen = tuple(each for each in contest.entrants if entrants is None or each.name in entrants)
    with tempfile.TemporaryDirectory() as home, Lab(home=home, cache_mode="replay") as lab:
        with ReplyCache(lab.settings.cache_path) as cache:
            import_cassette(cache, _cassette_path(name))
        return lab.compare(contest.model_copy(update={"entrants": chosen}))


def measured(report: CompareReport) -> dict[str, list[tuple[float, ...]]]:
    """Return what a replay must come to, method by method: gains with their intervals, taught and in the controls.

    Corrected p-values are no part of it: they depend on what else is compared.
    """
    return {
        standing.name: [
            (standing.whole.untaught.value, standing.whole.taught.value),
            *(
                (gain.value, gain.low, gain.high, gain.p)
                for gain in (standing.whole.gain, *(control.gain for control in standing.controls))
            ),
        ]
        for standing in report.standings
    }


def table_of(names: Sequence[str]) -> str:
    """Return the committed results as a Markdown table, the arms of each method beside it."""
    lines = [
        "| contest | method | n | untaught | taught | gain [95 %] | p (Holm) | silent | deranged | random | calls |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in names:
        for standing in committed(name).standings:
            whole, arms = standing.whole, {control.name: control for control in standing.controls}
            gain = f"{whole.gain.value:+.3f} [{whole.gain.low:+.3f}, {whole.gain.high:+.3f}] | {whole.gain.p_holm:.2g}"
            beside = " | ".join(
                f"{arms[arm].gain.value:+.3f}" if arm in arms else "" for arm in ("silent", "deranged", "random")
            )
            calls = f"{whole.teacher.calls:.0f} + {whole.student.calls:.0f}"
            lines.append(
                f"| {name} | {standing.name} | {whole.gain.n} | {whole.untaught.value:.3f} | {whole.taught.value:.3f} "
                f"| {gain} | {beside} | {calls} |"
            )
    return "\n".join(lines)


def _result_path(name: str) -> Path:
    return HERE / "results" / f"{name}.json"


def _cassette_path(name: str) -> Path:
    return HERE / "cassettes" / f"{name}.jsonl.gz"


def main() -> None:
    """Record, replay, or show."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*contests(), []])
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--table", action="store_true", help="print the committed results as a table")
    parser.add_argument("--home", type=Path, default=HERE / ".home", help="keep the database and the cache here")
    given = parser.parse_args()
    names = given.names or [name for name in contests() if not name.endswith(TRAINED)]
    if given.table:
        sys.stdout.write(table_of(given.names or list(contests())) + "\n")
        return
    for name in names:
        if given.record:
            record(name, home=given.home / name)
            continue
        same = measured(replay(name)) == measured(committed(name))
        text(f"{name}: {'the committed numbers' if same else 'OTHER NUMBERS than those committed'}")
        if not same:
            raise SystemExit(1)


if __name__ == "__main__":
    try:
        main()
    except TutorkitError as error:
        raise SystemExit(str(error)) from None
