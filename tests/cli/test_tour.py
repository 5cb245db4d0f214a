"""docs/tour.md is what the service does today."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_committed_tour_is_current_and_needs_nothing_set(tmp_path: Path):
    # Settings that no service could start with: the tour has its own.
    broken = {
        "DATA_DIR": str(tmp_path / "var"),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "GATEWAY": "twilio",
        "QUIET_HOURS": "00:00-00:00",
    }
    done = subprocess.run(
        [sys.executable, "-m", "flask", "simulate", "tour"],
        cwd=ROOT,
        env=os.environ | broken,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "docs" / "tour.md").read_text("utf-8"), "run `make tour`"
    assert not (tmp_path / "var").exists()
