"""Parts of the suite that need something this machine may not have.

Such a part skips here, is named loudly at the end of the run, and fails where CI=true.
"""

import os
from collections import Counter
from typing import NoReturn

import pytest

MARK = "cannot run here: "


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def cannot_run(part: str, reason: str) -> NoReturn:
    """Skip the test that asked, or fail it in CI. `reason` says what would mend it."""
    text = f"{MARK}{part}: {reason}"
    if is_ci():
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name everything that was skipped, whoever skipped it."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ").removeprefix(MARK)] += 1
    if not reasons:
        return
    terminalreporter.section("NOT EVERYTHING WAS TESTED", sep="!", red=True, bold=True)
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count:5} not run: {reason}", red=True)
