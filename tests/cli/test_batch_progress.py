"""What the terminal shows of batches."""

from __future__ import annotations

import io

from rich.console import Console

from tutorkit.cli import progress
from tutorkit.lab import BatchAdvanced, NodeFinished, NodeStarted


def drawn(shown: progress._Shown) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(shown.draw())
    return " ".join(console.file.getvalue().split())


def test_each_batch_under_way_has_its_line_until_its_node_ends():
    shown = progress._Shown()
    shown.listen(NodeStarted("r", "practise#0"))
    for batch, done in (("batch_abc", 0), ("msgbatch_x", 3), ("batch_abc", 120)):
        shown.listen(BatchAdvanced("r", batch, done, 400))
    assert drawn(shown).endswith("batch batch_abc: 120 of 400 done batch msgbatch_x: 3 of 400 done")
    shown.listen(NodeFinished("r", "practise#0"))
    assert "batch" not in drawn(shown)
