"""The example notebook runs from its first cell to its last, on the demo bank."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from demo_bank import DemoBank

NOTEBOOK = Path(__file__).parents[3] / "examples" / "notebooks" / "analyst.ipynb"


def test_the_example_runs(
    demo_bank: DemoBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_bank.lend(tmp_path / "demo")
    monkeypatch.delenv("ENISHI_WORKSPACE", raising=False)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not kept"
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    shown = "\n".join(
        str(output.get("text") or output.get("data", {}).get("text/plain", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )
    assert "分析者" not in shown
    for wanted in ("Workspace '日の出銀行', analyst, file", "interest.value", "✓", "✗"):
        assert wanted in shown, shown
