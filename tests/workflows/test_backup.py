"""A backup that is restored knows of every later opt-out and erasure before the first text goes out."""

import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command as alembic
from click.testing import Result
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, func, select, text

from service.domain.consent import ConsentStatus
from service.domain.errors import NotAllowed, NotFound
from service.domain.message import MessageStatus
from service.store import sqlite_files
from service.store.schema import Message, ServiceMark, Suppression
from service.workflows import enrolment, health, restoring
from tests.rig.data_life import (
    command,
    command_apart,
    erase,
    files_of,
    index_of,
    jobs,
    journal,
    on_sqlite,
    opt_out,
    sealed_tokens,
    written,
)
from tests.rig.databases import alembic_config
from tests.rig.world import ANA, BEN, CY, STAFF, World, check_in, settings_for


@pytest.fixture
def backup(world: World, tmp_path: Path) -> Path:
    """Ana, Ben and Cy are texted daily. A backup is made; what a test does then comes after it."""
    for number in (ANA, BEN, CY):
        world.schedule(world.enrol(number), check_in("10:00"))
    world.settle()
    file = tmp_path / "kept" / "monday.db"
    file.parent.mkdir()
    result = command(world, "backup", "create", str(file))
    assert result.exit_code == 0, result.output
    return file


@pytest.fixture
def restored(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Stops the world, restores a file by the command, and starts the world again in place."""
    opened: list[World] = []

    def restore(file: Path, *words: str) -> Result:
        world.close()
        result = command_apart(
            world.settings, world.wall, monkeypatch, "backup", "restore", str(file), *words
        )
        again = World(world.settings, world.wall.now)
        opened.append(again)
        world.app, world.parts = again.app, again.parts
        return result

    yield restore
    for each in opened:
        each.close()


@on_sqlite
def test_somebody_who_opted_out_after_the_backup_is_never_texted_again(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    opt_out(world, ANA)
    result = restored(backup)
    assert result.exit_code == 0, result.output
    assert "1 of them applied again" in result.output
    before = written(world, ANA)
    world.move(timedelta(days=7))
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert written(world, ANA) == before
    assert written(world, BEN) > before + 5  # the others are texted as ever


@on_sqlite
def test_the_ledger_tells_of_the_first_wish_with_its_own_time(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    opt_out(world, ANA)
    when = world.person(ANA).consent_history[-1].at
    restored(backup)
    line = world.person(ANA).consent_history[-1]
    assert line.status is ConsentStatus.OPTED_OUT
    assert line.at == when
    assert "journal" in line.note


@on_sqlite
def test_somebody_erased_after_the_backup_is_forgotten_again(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    mine = {token for token in sealed_tokens(world) if token in backup.read_bytes()}
    erase(world, ANA)
    mine -= sealed_tokens(world)
    assert len(mine) >= 3
    restored(backup)
    with pytest.raises(NotFound):
        world.id_of(ANA)
    held = files_of(world)
    assert not [token for token in mine if token in held]
    world.move(timedelta(days=2))
    assert world.shown(ANA) == []
    with pytest.raises(NotAllowed):
        world.enrol(ANA)


@on_sqlite
def test_somebody_who_came_and_left_after_the_backup_cannot_be_entered_anew(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    stranger = "+12025550177"
    world.text(stranger, "JOIN")
    opt_out(world, stranger)
    restored(backup)
    with pytest.raises(NotFound):
        world.id_of(stranger)
    with pytest.raises(NotAllowed):
        world.enrol(stranger, opted_in=False)
    world.text(stranger, "JOIN")
    assert world.person(stranger).consent is ConsentStatus.OPTED_IN


@on_sqlite
def test_somebody_who_had_come_back_before_the_backup_stays(
    world: World, tmp_path: Path, restored: Callable[..., Result]
) -> None:
    world.text(ANA, "JOIN")
    opt_out(world, ANA)
    world.wall.advance(timedelta(minutes=1))
    world.text(ANA, "START")
    world.text(BEN, "JOIN")
    erase(world, BEN)
    world.wall.advance(timedelta(minutes=1))
    world.text(BEN, "JOIN")
    command(world, "backup", "create", str(tmp_path / "later.db"))
    result = restored(tmp_path / "later.db")
    assert "0 of them applied again" in result.output
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN
    assert world.person(BEN).consent is ConsentStatus.OPTED_IN


@on_sqlite
def test_what_was_sent_after_the_backup_is_not_sent_again(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    enrolment.text_by_hand(world.parts.database, world.id_of(ANA), "see you at 3", STAFF, world.now)
    later = backup.with_name("later.db")
    command(world, "backup", "create", str(later))
    world.settle()
    world.wall.advance(timedelta(hours=1))  # 10:00 in New York: the check-ins go out
    jobs(world)
    assert len(world.shown(ANA)) == 3
    result = restored(later)
    assert "may have been sent: cancelled" in result.output
    jobs(world)
    assert len(world.shown(ANA)) == 1  # a backup takes the handset's memory back too: nothing came after
    assert {item.status for item in world.sent(ANA)} == {MessageStatus.DELIVERED, MessageStatus.CANCELLED}
    world.move_to("2026-10-27 10:00")
    assert len(world.shown(ANA)) == 2  # the next one comes


@on_sqlite
def test_a_backup_put_in_place_by_hand_sends_nothing_until_the_replay(
    world: World, backup: Path, tmp_path: Path
) -> None:
    opt_out(world, ANA)
    world.close()
    live = tmp_path / "handrail.db"
    for part in tmp_path.glob("handrail.db*"):
        part.unlink()
    live.write_bytes(backup.read_bytes())
    world.wall.advance(timedelta(hours=1))
    again = World(world.settings, world.wall.now)
    try:
        before = len(again.shown(BEN))
        enrolment.text_by_hand(again.parts.database, again.id_of(BEN), "see you", STAFF, again.now)
        jobs(again)
        assert len(again.shown(BEN)) == before
        state = health.check(again.parts.database, again.now, again.wall.now)
        assert any("flask withdrawals replay" in problem for problem in state.problems)
        assert again.text(ANA, "what are withdrawals") == []  # stored, not answered
        assert "988" in again.say(BEN, "i want to kill myself")  # danger is always answered
        assert again.text(CY, "STOP")
        result = command(again, "withdrawals", "replay")
        assert result.exit_code == 0, result.output
        assert again.person(ANA).consent is ConsentStatus.OPTED_OUT
        again.move(timedelta(days=1))
        assert len(again.shown(BEN)) > before + 1
    finally:
        again.close()


@on_sqlite
def test_without_a_journal_nothing_is_sent_unless_somebody_accepts_it(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    world.close()
    journal(world).path.unlink(missing_ok=True)
    file = Path(world.settings.url_of_database.removeprefix("sqlite:///"))
    file.write_bytes(b"not a database any more")  # so that nothing can be learned from it either
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    result = restored(backup)
    assert result.exit_code == 1
    assert "no journal of withdrawals" in result.stderr
    before = written(world, BEN)
    world.move(timedelta(days=2))
    assert written(world, BEN) == before
    assert command(world, "withdrawals", "replay", "--without-journal").exit_code == 0
    world.move(timedelta(days=2))
    assert written(world, BEN) > before


@on_sqlite
def test_a_journal_that_lacks_what_the_backup_knows_is_not_taken_for_the_whole(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    opt_out(world, ANA)
    later = backup.with_name("later.db")
    command(world, "backup", "create", str(later))
    opt_out(world, BEN)
    lines = journal(world).path.read_text().splitlines(keepends=True)
    world.close()
    Path(world.settings.url_of_database.removeprefix("sqlite:///")).unlink()
    journal(world).path.write_text(lines[-1])  # BEN's only
    result = restored(later)
    assert result.exit_code == 1
    assert "lacks 1 withdrawals that even the backup knows" in result.stderr
    assert restoring.is_awaiting_replay(world.parts.database)
    journal(world).path.write_text("".join(lines))
    assert command(world, "withdrawals", "replay").exit_code == 0
    assert world.person(BEN).consent is ConsentStatus.OPTED_OUT


@on_sqlite
def test_a_restored_database_without_a_journal_does_not_start_one(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    world.close()
    journal(world).path.unlink()
    Path(world.settings.url_of_database.removeprefix("sqlite:///")).unlink()
    restored(backup)
    world.text(ANA, "STOP")
    assert restoring.mend_journal(world.parts.database) == 0
    assert not journal(world).exists
    assert command(world, "withdrawals", "replay").exit_code == 1
    assert command(world, "withdrawals", "replay", "--without-journal").exit_code == 0
    assert [line.phone_index for line in journal(world).read().withdrawals] == [index_of(world, ANA)]


@on_sqlite
def test_a_lost_journal_is_written_anew_from_the_database_that_makes_way(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    opt_out(world, ANA)
    journal(world).path.unlink()
    assert restored(backup).exit_code == 0
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT


@on_sqlite
def test_a_backup_is_whole_while_the_service_writes(world: World, backup: Path, tmp_path: Path) -> None:
    with world.parts.database.write() as session:
        session.add(ServiceMark(name="half-done", value=""))
        session.flush()
        target = tmp_path / "meanwhile.db"
        sqlite_files.copy(tmp_path / "handrail.db", target)
    sqlite_files.check(target)
    with closing(sqlite3.connect(target)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM service_marks")]
    assert "half-done" not in names


@on_sqlite
def test_a_backup_is_one_file_for_its_owner_only_and_replaces_nothing(world: World, backup: Path) -> None:
    assert [file.name for file in backup.parent.iterdir()] == [backup.name]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert journal(world).exists  # though there is nothing to tell yet
    held = backup.read_bytes()
    again = command(world, "backup", "create", str(backup))
    assert again.exit_code == 1
    assert "choose another name" in again.stderr
    assert backup.read_bytes() == held
    assert ANA.encode() not in held


@on_sqlite
def test_a_restore_waits_until_every_process_has_let_go(
    world: World, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person(ANA)
    result = command_apart(world.settings, world.wall, monkeypatch, "backup", "restore", str(backup))
    assert result.exit_code == 1
    assert "Stop web and jobs" in result.stderr
    assert not list(backup.parent.parent.glob("*.restoring"))
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN  # as before
    assert not restoring.is_awaiting_replay(world.parts.database)


@on_sqlite
@pytest.mark.parametrize(
    ("contents", "told"),
    [
        (b"", "not a database of Handrail's"),
        (b"SQLite format 3\0garbage" * 50, "cannot be read"),
        (None, "no file"),
    ],
)
def test_what_is_no_backup_is_refused_and_nothing_is_touched(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contents: bytes | None, told: str
) -> None:
    world.say(ANA, "JOIN")
    world.close()
    file = tmp_path / "other.db"
    if contents is not None:
        file.write_bytes(contents)
    held = files_of(world)
    result = command_apart(world.settings, world.wall, monkeypatch, "backup", "restore", str(file))
    assert result.exit_code == 1
    assert told in result.stderr
    assert files_of(world) == held


@on_sqlite
def test_a_backup_that_the_keys_do_not_open_is_refused_before_anything_moves(
    world: World, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.close()
    held = files_of(world)
    other = settings_for(world.settings.database_url, field_keys=Fernet.generate_key().decode())
    result = command_apart(other, world.wall, monkeypatch, "backup", "restore", str(backup))
    assert result.exit_code == 1
    assert "FIELD_KEYS does not fit" in result.stderr
    assert files_of(world) == held


@on_sqlite
def test_a_backup_of_an_older_release_is_brought_up_to_date_first(
    world: World, backup: Path, restored: Callable[..., Result]
) -> None:
    opt_out(world, ANA)
    alembic.downgrade(alembic_config(f"sqlite:///{backup}"), "0001")
    engine = create_engine(f"sqlite:///{backup}")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM participants")).scalar() == 3
    engine.dispose()
    result = restored(backup)
    assert result.exit_code == 0, result.output
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    with world.parts.database.read() as session:
        assert not session.scalars(select(Suppression)).all()
        assert session.scalar(select(func.count()).select_from(Message)) == 3
