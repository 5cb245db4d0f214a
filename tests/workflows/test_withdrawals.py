"""The journal of opt-outs and erasures: what is in it, and what a restored database makes of it."""

import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from service.domain.consent import ConsentStatus
from service.domain.errors import NotAllowed
from service.domain.message import MessageStatus
from service.domain.withdrawals import parse_line
from service.store.journal import Journal
from service.store.schema import ConsentEvent, ServiceMark
from service.workflows import consent_steps, enrolment, restoring
from tests.rig.data_life import (
    command,
    command_apart,
    erase,
    index_of,
    jobs,
    journal,
    on_postgres,
    on_sqlite,
    opt_out,
    written,
)
from tests.rig.postgres import PostgresServer
from tests.rig.world import ANA, BEN, CY, STAFF, World, check_in, settings_for


def test_every_wish_is_in_the_journal_before_it_is_in_the_database(world: World) -> None:
    world.text(ANA, "JOIN")
    world.text(ANA, "please stop texting me")
    world.enrol(BEN, opted_in=False)
    world.settle()
    world.text(BEN, "NO")
    enrolment.stop(world.parts.database, world.enrol(CY), STAFF, world.now, reason="called")
    kinds = [line.kind.value for line in journal(world).read().withdrawals]
    assert kinds == ["opted_out", "declined", "opted_out"]
    told = journal(world).path.read_text()
    for number in (ANA, BEN, CY):
        assert number not in told
        assert number[2:] not in told
    assert stat.S_IMODE(journal(world).path.stat().st_mode) == 0o600


def test_a_stop_that_fails_in_the_database_is_in_the_journal_none_the_less(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.text(ANA, "JOIN")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("service.store.outbox.cancel_queued", fail)
        world.text(ANA, "STOP")
    assert [line.kind.value for line in journal(world).read().withdrawals] == ["opted_out"]


@on_sqlite
def test_a_full_disk_under_the_journal_stops_no_stop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.text(ANA, "JOIN")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", full)
        world.text(ANA, "STOP")
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert restoring.journal_state(world.parts.database).missing == 1
    doctor = command(world, "doctor")
    assert "there is none in DATA_DIR" in doctor.output
    assert restoring.mend_journal(world.parts.database) == 1
    assert restoring.journal_state(world.parts.database).missing == 0


def test_a_torn_line_is_passed_over_and_the_next_is_whole(world: World) -> None:
    world.text(ANA, "JOIN")
    world.text(ANA, "STOP")
    with journal(world).path.open("a") as file:
        file.write("2026-11-05T14:02:11+00:00 opted_out 5f0c")  # the power went
    world.text(BEN, "JOIN")
    world.text(BEN, "STOP")
    page = journal(world).read()
    assert {line.phone_index for line in page.withdrawals} == {index_of(world, ANA), index_of(world, BEN)}
    assert page.unreadable == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        "x y z w\n",
        f"2026-11-05 opted_out {'0' * 64} 12345678\n",
        f"2026-11-05T00:00:00+00:00 left {'0' * 64} 12345678\n",
    ],
)
def test_a_line_that_is_not_ours_is_no_withdrawal(line: str) -> None:
    assert parse_line(line) is None


def test_an_export_can_be_replayed_into_an_earlier_state_of_the_same_database(
    world: World, tmp_path: Path
) -> None:
    world.text(ANA, "JOIN")
    opt_out(world, ANA)
    world.text(BEN, "JOIN")
    erase(world, BEN)
    file = tmp_path / "exported.log"
    assert command(world, "withdrawals", "export", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(Journal(file).read().withdrawals) == 2
    # As if the two had been lost with the backup.
    with world.parts.database.write() as session:
        session.execute(text("DELETE FROM suppressions"))
        session.execute(text("UPDATE participants SET consent = 'opted_in', consent_changed_at = created_at"))
    journal(world).path.unlink()
    result = command(world, "withdrawals", "replay", str(file), "--after-restore")
    assert result.exit_code == 0, result.output
    assert "2 of them applied again" in result.output
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    with pytest.raises(NotAllowed):
        world.enrol(BEN)
    with world.parts.database.read() as session:
        count = session.scalar(select(func.count()).select_from(ConsentEvent))
    again = command(world, "withdrawals", "replay", str(file))
    assert "0 of them applied again" in again.output
    with world.parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ConsentEvent)) == count


@on_sqlite
def test_the_journal_of_another_database_is_refused(world: World, tmp_path: Path) -> None:
    line = f"2026-11-05T00:00:00.000000+00:00 opted_out {'0' * 64} 12345678\n"
    (tmp_path / "foreign.log").write_text(line)
    result = command(world, "withdrawals", "replay", str(tmp_path / "foreign.log"))
    assert result.exit_code == 1
    assert "another database" in result.stderr


@on_sqlite
def test_a_replay_killed_in_the_middle_is_finished_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (ANA, BEN):
        world.text(number, "JOIN")
        opt_out(world, number)
    with world.parts.database.write() as session:
        session.add(ServiceMark(name="awaiting-replay", value=""))
        session.execute(text("UPDATE participants SET consent = 'opted_in', consent_changed_at = created_at"))
    real, calls = consent_steps.withdraw, []

    def die_second(*args: Any, **more: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(consent_steps, "withdraw", die_second)
        with pytest.raises(KeyboardInterrupt):
            restoring.replay(world.parts.database, [], STAFF, world.now)
    assert restoring.is_awaiting_replay(world.parts.database)
    restoring.replay(world.parts.database, [], STAFF, world.now)
    assert not restoring.is_awaiting_replay(world.parts.database)
    assert {world.person(number).consent for number in (ANA, BEN)} == {ConsentStatus.OPTED_OUT}


@on_postgres
def test_postgresql_is_told_its_own_commands_and_nothing_is_pretended(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = command(world, "backup", "create", str(tmp_path / "x.dump"))
    assert made.exit_code == 1
    assert "pg_dump" in made.stderr
    assert not (tmp_path / "x.dump").exists()
    back = command_apart(
        world.settings, world.wall, monkeypatch, "backup", "restore", str(tmp_path / "x.dump")
    )
    assert back.exit_code == 1
    assert "flask withdrawals replay --after-restore" in back.stderr


@on_postgres
def test_a_postgresql_database_loaded_from_a_dump_sends_nothing_until_the_replay(
    world: World, postgres_server: PostgresServer
) -> None:
    world.schedule(world.enrol(ANA), check_in("10:00"))
    world.schedule(world.enrol(BEN), check_in("10:00"))
    world.parts.database.close()
    name = world.settings.database_url.rsplit("/", 1)[-1]
    copy = postgres_server.create(f"{name}_restored", name)  # as pg_restore would
    opt_out(world, ANA)
    settings = settings_for(copy, data_dir=world.settings.data_dir)
    world.wall.advance(timedelta(hours=1))
    again = World(settings, world.wall.now)
    try:
        assert restoring.is_awaiting_replay(again.parts.database)
        jobs(again)
        assert again.sent(BEN)[-1].status is not MessageStatus.SENT
        assert command(again, "withdrawals", "replay").exit_code == 0
        assert again.person(ANA).consent is ConsentStatus.OPTED_OUT
        before = written(again, BEN)
        again.move(timedelta(days=1))
        assert written(again, BEN) > before
        World(settings, again.wall.now).close()  # opened again: it is at home here now
        assert not restoring.is_awaiting_replay(again.parts.database)
    finally:
        again.close()
        postgres_server.drop(f"{name}_restored")


@on_postgres
def test_tables_that_were_made_anew_in_the_same_database_are_noticed_too(world: World) -> None:
    with world.parts.database.write() as session:
        for statement in (
            "CREATE TABLE again (LIKE service_marks INCLUDING ALL)",
            "INSERT INTO again SELECT * FROM service_marks",
            "DROP TABLE service_marks",
            "ALTER TABLE again RENAME TO service_marks",
        ):
            session.execute(text(statement))
    World(world.settings, world.wall.now).close()
    assert restoring.is_awaiting_replay(world.parts.database)
