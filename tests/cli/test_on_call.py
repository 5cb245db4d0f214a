"""`flask on-call` and what the doctor says about it."""

import pytest

from tests.cli.conftest import CommandLine

DANA = "dana@example.org"


@pytest.fixture
def staffed(flask: CommandLine) -> CommandLine:
    flask.ok("coordinators", "add", DANA, "--name", "Dana", "--role", "admin")
    return flask


def test_shifts_are_set_listed_and_taken_off(staffed: CommandLine) -> None:
    done = staffed.ok("on-call", "set", DANA, "first", "--days", "every day", "--at", "00:00-00:00")
    assert done == "Shifts entered: 7.\n"
    now = staffed.document("on-call", "now")
    assert now["first"] == [{"name": "Dana", "can_be_paged": False}]
    assert now["second"] == []
    assert "first: Dana (no confirmed phone)" in staffed.ok("on-call", "now")
    first, second, _ = staffed.documents("on-call", "list", "--days", "2")
    assert (first["role"], first["names"]) == ("first", ["Dana"])
    assert (second["role"], second["names"]) == ("second", [])
    assert "nobody" in staffed.ok("on-call", "list")
    gone = staffed.ok("on-call", "set", DANA, "first", "--days", "mon,tue", "--at", "00:00-00:00", "--off")
    assert gone == "Shifts taken off: 2.\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nobody@example.org", "first", "--days", "mon", "--at", "17:00-09:00"], "no such coordinator"),
        ([DANA, "first", "--days", "moonday", "--at", "17:00-09:00"], "not a day of the week"),
        ([DANA, "first", "--days", "mon", "--at", "5pm"], "Hours are two"),
    ],
)
def test_what_cannot_be_set_is_said(staffed: CommandLine, words: list[str], says: str) -> None:
    assert says in staffed.error("on-call", "set", *words)


def test_a_role_that_is_none_is_wrong_usage(staffed: CommandLine) -> None:
    staffed.error("on-call", "set", DANA, "king", "--days", "mon", "--at", "17:00-09:00", status=2)


def test_the_doctor_says_that_nobody_would_be_paged(staffed: CommandLine) -> None:
    found = [each for each in staffed.documents("doctor") if each["what"] == "on call"]
    assert [each["state"] for each in found] == ["warning", "warning"]
    assert "no staff phone is confirmed" in found[0]["detail"]
    assert "the rota is empty" in found[1]["detail"]
    assert all(each["mend"] for each in found)
