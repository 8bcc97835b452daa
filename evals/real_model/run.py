"""Teach a real small language model, or replay what was recorded when it was taught.

    python evals/real_model/run.py NAME …            replay, offline, and compare with the committed results
    python evals/real_model/run.py --record NAME …   teach the model anew; writes results and cassettes
    python evals/real_model/run.py --quick           teach it one convention, live, and show the report

``plans.json`` holds the settings. SmolLM2-135M-Instruct answers on one thread, greedily. On another kind of machine,
and now and then on the same one, a request gets another reply: so the replies are committed beside the results.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

from tutorkit.cli.progress import progress_bar
from tutorkit.cli.report import show_report
from tutorkit.cli.show import text
from tutorkit.errors import TutorkitError
from tutorkit.lab import Lab, Plan, TeachReport
from tutorkit.lab.home import read_settings
from tutorkit.lab.teaching import load_for
from tutorkit.models import ReplyCache, export_cassette, import_cassette

HERE = Path(__file__).resolve().parent
REPO = HERE.parent.parent
PLANS = HERE / "plans.json"
QUICK = "sum-plus-one"


def plans() -> dict[str, Plan]:
    """Return every plan by its name."""
    return {name: Plan.model_validate(plan) for name, plan in json.loads(PLANS.read_text(encoding="utf-8")).items()}


def is_ours(plan: Plan) -> bool:
    """Tell whether the task's texts are made by us; texts of public sets are not committed."""
    return plan.task.split("/")[0] in ("conventions", "sums", "arithmetic", "chains")


def result_path(name: str) -> Path:
    """Return where a plan's report is committed."""
    return HERE / "results" / f"{name}.json"


def cassette_path(name: str) -> Path:
    """Return where a plan's recorded calls are committed."""
    return HERE / "cassettes" / f"{name}.jsonl.gz"


def record(name: str, *, home: Path, data_dir: Path | None) -> TeachReport:
    """Teach the model by a plan, and write its calls and its report.

    Every arm of a live run asks anew for a reply that hit the token limit, and may get another one. The report that is
    written is that of the replay, in which all arms see the same; only its spending is that of the live run.
    """
    plan = plans()[name]
    # An inbox is named by its path from here, on every machine.
    with chdir(REPO), Lab(home=home, data_dir=data_dir, concurrency=8) as lab, progress_bar(quiet=False) as listen:
        live = lab.teach_plan(plan, listen=listen, stop_on_ctrl_c=True)
        if any(arm.status != "finished" for arm in live.arms):
            raise SystemExit(f"{name} was stopped; nothing is written. The same command with the same --home goes on.")
        calls = [call for arm in live.arms for call in lab.calls(arm.run_id)]
        with ReplyCache(lab.settings.cache_path) as cache:
            keys = {call.key for call in calls if call.role == "student"}
            export_cassette(cache, cassette_path(name), keys, requests=is_ours(plan))
    report = replay(name, data_dir=data_dir).model_copy(update={"spending": live.spending})
    write_result(report, name)
    return report


def write_result(report: TeachReport, name: str) -> None:
    """Write a plan's report; the pack's folder is the business of the machine that has it."""
    result_path(name).parent.mkdir(exist_ok=True)
    found = report.model_dump(mode="json", exclude={"pack"})
    result_path(name).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def replay(name: str, *, data_dir: Path | None) -> TeachReport:
    """Run a plan again from its recorded calls alone: a call that was not recorded is an error."""
    with (
        chdir(REPO),
        tempfile.TemporaryDirectory() as home,
        Lab(home=home, data_dir=data_dir, cache_mode="replay") as lab,
    ):
        with ReplyCache(lab.settings.cache_path) as cache:
            import_cassette(cache, cassette_path(name))
        return lab.teach_plan(plans()[name])


def committed(name: str) -> dict[str, Any]:
    """Return a plan's committed report."""
    found: dict[str, Any] = json.loads(result_path(name).read_text(encoding="utf-8"))
    return found


def has_its_problems(name: str, *, data_dir: Path | None) -> bool:
    """Tell whether the data at hand give the problems on which the plan was recorded.

    Public sets come in editions and halves; another one draws other problems, to which no reply is recorded.
    """
    task = load_for(plans()[name], settings=read_settings({"data_dir": data_dir}))
    return bool(task.digest == committed(name)["data_digest"])


def is_reproduced(report: TeachReport, name: str) -> bool:
    """Tell whether a replay found what is committed.

    The pack's folder and the spending aside, which are those of the machine and of the live run.
    """
    found = report.model_dump(mode="json", exclude={"pack", "spending"})
    return found == {key: value for key, value in committed(name).items() if key != "spending"}


def table_of(names: list[str]) -> str:
    """Return the committed results as a Markdown table: each arm's accuracy, and its gain with the 95 % interval.

    ``cut off`` counts the replies that reached the token limit before an answer stood in them, untaught and taught.
    """
    lines = ["| plan | n | arm | untaught | taught | gain [95 %] | p | cut off |", "|---|---|---|---|---|---|---|---|"]
    for name in names:
        for arm in committed(name)["arms"]:
            gain, before, after = arm["gain"], arm["untaught"]["value"], arm["taught"]["value"]
            figures = f"{gain['value']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}] | {gain['p']:.2g}"
            cut = " → ".join(str(arm["outcomes"][side].get("unfinished", 0)) for side in ("untaught", "taught"))
            lines.append(f"| {name} | {gain['n']} | {arm['name']} | {before:.3f} | {after:.3f} | {figures} | {cut} |")
    return "\n".join(lines)


def main() -> None:
    """Record, replay, or show."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*plans(), []])
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--table", action="store_true", help="print the committed results as a table")
    parser.add_argument("--home", type=Path, default=None, help="keep the database and the cache here")
    parser.add_argument("--data", type=Path, default=None, help="folder of the public datasets")
    given = parser.parse_args()
    names = [QUICK] if given.quick else given.names or list(plans())
    if given.table:
        sys.stdout.write(table_of(sorted(names)) + "\n")  # as it is: a console would break its lines
        return
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            home = given.home or Path(folder)
            if given.quick:
                plan = plans()[name].model_copy(update={"controls": "free"})
                with Lab(home=home, concurrency=8) as lab, progress_bar(quiet=False) as listen:
                    show_report(lab.teach_plan(plan, listen=listen, stop_on_ctrl_c=True))
            elif given.record:
                show_report(record(name, home=home, data_dir=given.data))
            elif not has_its_problems(name, data_dir=given.data):
                text(f"{name}: not replayed, since these data hold other problems than those that it was recorded on")
            else:
                same = is_reproduced(replay(name, data_dir=given.data), name)
                text(f"{name}: {'the committed numbers' if same else 'OTHER NUMBERS than those committed'}")
                if not same:
                    raise SystemExit(1)


if __name__ == "__main__":
    try:
        main()
    except TutorkitError as error:
        raise SystemExit(str(error)) from None
