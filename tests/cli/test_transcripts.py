"""docs/transcripts.md is what the service says today."""

import subprocess
import sys
from pathlib import Path

from service.cli.transcripts import SCENES

ROOT = Path(__file__).parents[2]


def test_the_committed_conversations_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "simulate", "transcripts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (ROOT / "docs" / "transcripts.md").read_text("utf-8"), "run `make transcripts`"


def test_there_are_ten_in_each_language() -> None:
    assert {language: len(scenes) for language, scenes in SCENES.items()} == {"en": 10, "es": 10}
