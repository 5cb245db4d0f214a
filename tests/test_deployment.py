"""The units in docs/deployment/ start what the Procfile starts, and systemd takes them."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rig.papers import ROOT

UNITS = sorted((ROOT / "docs" / "deployment").glob("*.service"))
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def command_of(unit: Path) -> list[str]:
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    return shlex.split(line.replace("/opt/handrail/.venv/bin/", ""))


def test_there_is_a_unit_for_each_process_that_stays():
    assert {unit.stem.removeprefix("handrail-") for unit in UNITS} == set(PROCFILE) - {"release"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_what_the_procfile_starts(unit: Path):
    wanted = shlex.split(PROCFILE[unit.stem.removeprefix("handrail-")])
    found = command_of(unit)
    assert found[0] == wanted[0]
    assert found[-1] == wanted[-1]
    options = {word for word in wanted if word.startswith("-")}
    assert options <= set(found)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_deployment_paper_leads_to_it(unit: Path):
    assert f"(deployment/{unit.name})" in (ROOT / "docs" / "deployment.md").read_text("utf-8")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_takes_it(unit: Path, tmp_path: Path):
    copy = tmp_path / unit.name
    # Programs that exist: whether ours are installed is not the question.
    text = re.sub(r"/opt/handrail/\.venv/bin/\w+", "/bin/true", unit.read_text())
    copy.write_text(text.replace("/opt/handrail", str(tmp_path)))
    verdict = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )
    assert not [line for line in verdict.stderr.splitlines() if unit.name in line], verdict.stderr
