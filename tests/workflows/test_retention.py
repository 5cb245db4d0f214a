"""Old texts lose their words, here and at Twilio, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.store.schema import HandsetText, InboundMessage, Message, Redaction
from service.workflows import rehearsal, retention
from tests.rig.data_life import command, files_of, index_of, on_sqlite, sealed_tokens
from tests.rig.twilio_world import TwilioWorld
from tests.rig.world import ANA, BEN, World, settings_for
from tests.twilio_double.script import Answer

KEPT = timedelta(days=365)
LATER = timedelta(days=366)


def retain(world: World, keep: timedelta = KEPT) -> retention.Retained:
    return retention.run(world.parts.database, world.parts.gateway, keep, world.now)


def bodies(world: World, number: str) -> list[str | None]:
    return [item.body for item in world.thread(number)]


def finish(world: TwilioWorld) -> None:
    """Let Twilio be done with every text, as it is within minutes."""
    for text in world.double.sent:
        if text.status not in {"delivered", "failed"}:
            world.double.report(text.sid, "delivered")


@pytest.fixture
def old(twilio_world: TwilioWorld) -> TwilioWorld:
    """Ana's texts both ways, a year and a day ago."""
    twilio_world.send(ANA, "See you on Thursday.")
    twilio_world.text(ANA, "thank you so much")
    finish(twilio_world)
    twilio_world.wall.advance(LATER)
    return twilio_world


def test_old_texts_lose_their_words_in_both_directions_here_and_at_twilio(old: TwilioWorld) -> None:
    assert any(text.body for text in old.double.texts)
    done = retain(old)
    assert done.erased_out == 3
    assert done.erased_in == 2
    assert done.waiting == 0
    assert bodies(old, ANA) == [None] * 5
    assert [text.body for text in old.double.texts] == [""] * 5


def test_times_fates_and_the_ledger_of_consent_stay(old: TwilioWorld) -> None:
    before = old.person(ANA)
    retain(old)
    after = old.person(ANA)
    assert after.consent_history == before.consent_history
    assert after.consent_history[0].wording
    assert after.phone == ANA

    def told(person: object) -> list[tuple[object, ...]]:
        return [(i.direction, i.at, i.status, i.segments, i.words) for i in person.thread]  # type: ignore[attr-defined]

    assert told(after) == told(before)


def test_younger_texts_keep_their_words(old: TwilioWorld) -> None:
    old.text(ANA, "still here")
    retain(old)
    assert "still here" in bodies(old, ANA)
    assert next(text.body for text in old.double.texts if text.body) == "still here"


def test_a_text_that_still_waits_to_be_sent_keeps_its_words(old: TwilioWorld) -> None:
    old.write(ANA, "waiting")
    old.wall.advance(timedelta(hours=1))
    retain(old, keep=timedelta())
    assert bodies(old, ANA)[-1] == "waiting"
    old.jobs()
    assert old.at_twilio()[-1].body == "waiting"


def test_a_twilio_that_cannot_be_asked_is_asked_again_later(old: TwilioWorld) -> None:
    old.double.reads_fail_with = Answer(status=503)
    assert retain(old).waiting == 5
    assert bodies(old, ANA) == [None] * 5
    old.double.reads_fail_with = None
    assert retain(old).redacted == 0  # not at once
    old.wall.advance(timedelta(hours=1))
    assert retain(old).redacted == 5
    assert not any(text.body for text in old.double.texts)


@on_sqlite
def test_an_account_that_is_refused_is_asked_once_and_not_for_every_text(old: TwilioWorld) -> None:
    old.double.reads_fail_with = Answer(status=401, code=20003)
    before = len(old.double.calls)
    retain(old)
    assert len(old.double.calls) == before + 1


@on_sqlite
def test_a_text_that_twilio_no_longer_has_is_done(old: TwilioWorld) -> None:
    for text in old.double.texts:
        old.double.forget(text.sid)
    assert retain(old).waiting == 0


@on_sqlite
def test_one_text_that_is_still_on_its_way_does_not_hold_up_the_others(twilio_world: TwilioWorld) -> None:
    twilio_world.send(ANA, "one")
    finish(twilio_world)
    twilio_world.send(ANA, "two")  # no receipt: Twilio will not blank it yet
    twilio_world.wall.advance(LATER)
    assert retain(twilio_world).waiting == 1
    assert [text.body for text in twilio_world.double.texts if text.body] == ["two"]


@on_sqlite
def test_a_run_killed_while_twilio_is_asked_loses_nothing(
    old: TwilioWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_sid: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(old.parts.gateway, "redact", die)
        with pytest.raises(KeyboardInterrupt):
            retain(old)
    old.wall.advance(timedelta(hours=1))
    assert retain(old).redacted == 5


@on_sqlite
def test_a_process_that_is_told_to_stop_leaves_the_rest_for_the_next(old: TwilioWorld) -> None:
    parts = old.parts
    calls = iter([False, False, False, False, True, True, True, True, True])
    done = retention.run(parts.database, parts.gateway, KEPT, old.now, lambda: next(calls, True))
    assert done.redacted == 0
    assert done.waiting == 5


def test_a_receipt_that_tells_twilios_id_after_the_words_went_has_them_blanked_there(
    twilio_world: TwilioWorld,
) -> None:
    (reply,) = [text for text in twilio_world.double.sent if text.direction == "outbound-reply"]
    twilio_world.jobs(LATER)
    retain(twilio_world)  # no receipt has told us the reply's id yet
    assert bodies(twilio_world, ANA) == [None, None]
    assert reply.body
    twilio_world.double.report(reply.sid, "delivered")
    retain(twilio_world)
    assert reply.body == ""


def test_a_number_that_never_enrolled_is_let_go_with_its_words(twilio_world: TwilioWorld) -> None:
    twilio_world.text(BEN, "hello?")
    twilio_world.jobs(LATER)
    retain(twilio_world)
    with twilio_world.parts.database.read() as session:
        (came,) = [row for row in session.scalars(select(InboundMessage)) if row.participant_id is None]
        assert came.phone == ""
        assert came.phone_index != index_of(twilio_world, BEN)
        assert not [row for row in session.scalars(select(Message)) if row.to_sealed is not None]


def test_simulated_phones_forget_too(world: World) -> None:
    world.say(ANA, "JOIN")
    rehearsal.move_clock(world.parts.stage, world.now + LATER)
    assert retain(world).erased_on_handsets == 2
    assert world.shown(ANA) == []
    with world.parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(HandsetText)) == 0
        assert session.scalar(select(func.count()).select_from(Redaction)) == 0


@on_sqlite
def test_the_words_are_gone_from_the_file_not_just_from_the_rows(world: World) -> None:
    world.say(ANA, "JOIN")
    tokens = sealed_tokens(world, only="body_sealed")
    rehearsal.move_clock(world.parts.stage, world.now + LATER)
    retain(world)
    assert len(tokens) == 4
    held = files_of(world)
    assert not [token for token in tokens if token in held]


@on_sqlite
def test_a_dry_run_counts_and_changes_nothing(world: World) -> None:
    world.say(ANA, "JOIN")
    rehearsal.move_clock(world.parts.stage, world.now + LATER)
    looked = retention.look(world.parts.database, KEPT, world.now)
    assert (looked.erased_out, looked.erased_in, looked.erased_on_handsets) == (1, 1, 2)
    assert None not in bodies(world, ANA)
    result = command(world, "retention", "run", "--dry-run")
    assert result.exit_code == 0
    assert "would lose" in result.output
    assert None not in bodies(world, ANA)


@on_sqlite
def test_the_command_erases_and_says_how_many(world: World) -> None:
    world.say(ANA, "JOIN")
    rehearsal.move_clock(world.parts.stage, world.now + LATER)
    result = command(world, "retention", "run", "--json")
    assert '"erased_out": 1' in result.output
    assert bodies(world, ANA) == [None, None]


@on_sqlite
@pytest.mark.parametrize("days", [29, 3651])
def test_a_senseless_time_to_keep_texts_is_refused(database_url: str, days: int) -> None:
    with pytest.raises(Exception, match="RETAIN_TEXTS_DAYS"):
        settings_for(database_url, retain_texts_days=days)
