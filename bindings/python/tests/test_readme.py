"""The README's lines, pasted and run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

READMES = [Path(os.environ["HUB_ROOT"]) / "README.md", Path(os.environ["HUB_ROOT"]) / "bindings/python/README.md"]


@pytest.mark.parametrize("readme", READMES, ids=["root", "python"])
def test_its_lines_run(readme: Path, tmp_path: Path) -> None:
    [lines] = re.findall(r"```python\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", lines], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "home").is_dir()
    if "propose" in lines or "actions" in lines:
        assert "reminder.set" in ran.stdout
