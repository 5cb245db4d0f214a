"""A person who asks to be erased: texts end, nothing names them any more, and nobody brings them back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.message import MessageStatus
from service.gateways.base import InboundText
from service.store.schema import (
    Alert,
    AuditEntry,
    ConsentEvent,
    DeliveryEvent,
    HandsetBlock,
    HandsetText,
    InboundMessage,
    Message,
    Participant,
    Redaction,
    Schedule,
    Suppression,
)
from service.workflows import alerting, erasing, finding, retention
from service.workflows.replies import receive_text
from tests.rig.data_life import command, files_of, index_of, on_sqlite, participant_of_id, sealed_tokens
from tests.rig.twilio_world import TwilioWorld
from tests.rig.world import ANA, BEN, CY, STAFF, World, appointment, check_in, medication

REASON = "asked at the front desk"


def erase(world: World, number: str = ANA) -> erasing.Erased:
    return erasing.erase_person(world.parts.database, number, REASON, STAFF, world.now)


@pytest.fixture
def known(world: World) -> World:
    """Ana, of whom a lot is known; and Ben, of whom nothing may be lost."""
    ana = world.enrol(ANA, name="Ana Lucia", zone="America/Denver", language="es")
    world.enrol(BEN, name="Ben")
    world.schedule(ana, medication("07:10", label="blue box"))  # in Denver
    world.schedule(ana, check_in("07:20"))
    world.move(timedelta(minutes=30))
    world.text(ANA, "2 rough night, maria left")
    world.text(ANA, "quiero hablar con una persona")
    world.text(BEN, "hello there")
    for alert in world.alerts():
        alerting.acknowledge(world.parts.database, alert.id, STAFF, world.now, "called her sister Maria")
    return world


def test_the_texts_end_first_and_what_waits_is_cancelled(known: World) -> None:
    parts = known.parts
    before = len(known.shown(ANA))
    assert before > 2
    erase(known)
    known.move(timedelta(days=14))
    assert known.shown(ANA) == []
    with parts.database.read() as session:
        assert not session.scalars(select(Message).where(Message.status == MessageStatus.QUEUED)).all()
        assert not session.scalars(select(Schedule).where(Schedule.ended_at.is_(None))).all()


def test_nothing_that_names_the_person_is_left_in_any_row(known: World) -> None:
    ana = known.id_of(ANA)
    sids = sids_of(known, ana)
    erased = erase(known)
    assert erased.participant_id == ana
    assert erased.texts == 7
    person = participant_of_id(known, ana)
    assert (person.name_sealed, person.language, person.timezone) == (None, "en", "UTC")
    assert person.erased_at == known.now
    secrets = ("Ana Lucia", ANA, "blue box", "rough night", "Maria", "maria", "persona")
    with known.parts.database.read() as session:
        vault = known.parts.database.vault
        for token in sealed_tokens(known):
            assert not [word for word in secrets if word in vault.open(token)]
        for table in (Participant, InboundMessage, HandsetText, HandsetBlock):
            assert index_of(known, ANA) not in session.scalars(select(table.phone_index)).all()
        stored = set(session.scalars(select(InboundMessage.gateway_sid)))
        stored |= set(session.scalars(select(Message.gateway_sid)))
        stored |= set(session.scalars(select(DeliveryEvent.gateway_sid)))
        assert sids
        assert not stored & sids
        details = session.scalars(select(Alert.detail).where(Alert.participant_id == ana)).all()
        assert details == [None] * len(details) != []
        assert not session.scalars(select(InboundMessage.body_hash).where(
            InboundMessage.participant_id == ana, func.length(InboundMessage.body_hash) > 0
        )).all()  # fmt: skip


def sids_of(world: World, participant_id: int) -> set[str]:
    """The gateway's ids of a person's texts, both ways."""
    with world.parts.database.read() as session:
        out = select(Message.gateway_sid).where(Message.participant_id == participant_id)
        came = select(InboundMessage.gateway_sid).where(InboundMessage.participant_id == participant_id)
        return {sid for query in (out, came) for sid in session.scalars(query) if sid is not None}


@on_sqlite
def test_the_others_keep_everything(known: World) -> None:
    before = known.person(BEN)
    erase(known)
    assert known.person(BEN).thread == before.thread
    assert known.person(BEN).name == "Ben"
    assert known.shown(BEN)


def test_that_there_was_consent_and_how_it_ended_can_still_be_proved(known: World) -> None:
    ana = known.id_of(ANA)
    erase(known)
    with known.parts.database.read() as session:
        given, ended = session.scalars(
            select(ConsentEvent).where(ConsentEvent.participant_id == ana).order_by(ConsentEvent.id)
        ).all()
        assert given.status is ConsentStatus.OPTED_IN
        assert given.source is ConsentSource.PAPER
        assert given.wording_version == "joined@es-1"
        assert given.at < ended.at == known.now
        assert ended.status is ConsentStatus.OPTED_OUT
        assert ended.note == REASON
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "participant.erased")).one()
        assert entry.participant_id == ana


def test_counts_for_reports_still_add_up(known: World) -> None:
    def counts() -> list[object]:
        with known.parts.database.read() as session:
            return [
                session.execute(
                    select(Message.kind, func.count()).group_by(Message.kind).order_by(Message.kind)
                ).all(),
                session.scalar(select(func.count()).select_from(InboundMessage)),
                session.execute(
                    select(Alert.kind, func.count()).group_by(Alert.kind).order_by(Alert.kind)
                ).all(),
                session.scalar(select(func.count()).select_from(DeliveryEvent)),
            ]

    before = counts()
    erase(known)
    assert counts() == before


def test_staff_can_neither_find_nor_enter_the_person_again(known: World) -> None:
    ana = known.id_of(ANA)
    erase(known)
    with pytest.raises(NotFound):
        known.id_of(ANA)
    assert ana not in [row.id for row in finding.list_participants(known.parts.database).rows]
    for opted_in in (True, False):
        with pytest.raises(NotAllowed, match="asked for no texts"):
            known.enrol(ANA, opted_in=opted_in)
    with pytest.raises(NotFound):
        erase(known)


@on_sqlite
def test_an_import_that_names_the_person_is_refused_by_row(known: World, tmp_path) -> None:
    erase(known)
    file = tmp_path / "people.csv"
    file.write_text(f"phone,consent_source,opted_in\n{ANA},paper,yes\n")
    result = command(known, "participants", "import", str(file))
    assert result.exit_code == 1
    assert "row 2: This person asked for no texts" in result.stderr


def test_only_their_own_join_brings_them_back_and_as_a_new_person(known: World) -> None:
    ana = known.id_of(ANA)
    erase(known)
    assert "UNIRME" in known.say(ANA, "hola")  # an answer, to somebody unknown
    with pytest.raises(NotAllowed):
        known.enrol(ANA)
    known.say(ANA, "JOIN")
    again = known.person(ANA)
    assert again.id != ana
    assert again.consent is ConsentStatus.OPTED_IN
    assert again.name == ""
    assert [item.body for item in again.thread if item.direction == "in"] == ["JOIN"]
    known.text(ANA, "STOP")
    with known.parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Suppression)) == 0


def test_a_number_that_only_texted_us_can_be_erased_too(world: World) -> None:
    world.text(CY, "who is this, maria?")
    tokens = sealed_tokens(world)
    erased = erase(world, CY)
    assert erased.participant_id is None
    assert erased.texts == 2
    assert not tokens & sealed_tokens(world)
    with pytest.raises(NotAllowed):
        world.enrol(CY)


@on_sqlite
def test_a_number_of_which_nothing_is_kept_leaves_no_trace_by_being_asked_for(world: World) -> None:
    with pytest.raises(NotFound):
        erase(world, CY)
    with world.parts.database.read() as session:
        assert not session.scalars(select(Suppression)).all()
    assert index_of(world, CY).hex() not in journal_of(world)


def journal_of(world: World) -> str:
    journal = world.parts.database.journal
    assert journal is not None
    return journal.path.read_text() if journal.exists else ""


@on_sqlite
def test_nobody_is_erased_while_somebody_must_still_call_them(world: World) -> None:
    world.say(ANA, "JOIN")
    world.say(ANA, "i want to kill myself")
    with pytest.raises(NotAllowed, match="acknowledge it first"):
        erase(world)
    (crisis,) = [alert for alert in world.alerts() if alert.kind.value == "crisis"]
    alerting.acknowledge(world.parts.database, crisis.id, STAFF, world.now, "called")
    erase(world)
    assert world.alerts() == []


@on_sqlite
def test_no_byte_of_it_is_left_in_the_file_or_its_log(known: World) -> None:
    known.schedule(
        known.id_of(ANA), appointment("14:30", label="dr. elm", on=known.now.date() + timedelta(days=3))
    )
    mine = sealed_tokens(known)
    erase(known)
    others = sealed_tokens(known)
    gone = mine - others
    assert len(gone) > 20
    assert retention.scrub_if_pending(known.parts.database) is True
    held = files_of(known)
    assert not [token for token in gone if token in held]
    assert all(token in held for token in others)  # the search can find what is there
    assert ANA.encode() not in held
    assert b"Ana Lucia" not in held


@on_sqlite
def test_remnants_that_were_deleted_carelessly_before_go_too(known: World) -> None:
    """As a release, or a build of SQLite, without secure_delete leaves them between its rows."""
    marker = b"remnant-of-an-earlier-release" * 4
    with known.parts.database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        connection.rollback()
        driver.execute("PRAGMA secure_delete = OFF")
        # A table that the erasure does not write to: nothing else may cover it up.
        driver.execute(
            "INSERT INTO text_templates (key, language, version, body, created_at) "
            "VALUES ('x', 'en', 1, ?, '2026-01-01')",
            (marker.decode(),),
        )
        driver.execute("DELETE FROM text_templates")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.invalidate()
    assert marker in files_of(known)
    erase(known)
    retention.scrub_if_pending(known.parts.database)
    assert marker not in files_of(known)


@on_sqlite
def test_a_file_that_is_in_use_is_cleaned_by_the_next_round(
    known: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = sealed_tokens(known)
    monkeypatch.setattr("service.store.sqlite_files.SCRUB_WAIT_SECONDS", 0)
    with known.parts.database.read() as reading:
        reading.execute(select(Participant.id)).all()  # holds on to how the file was before
        erase(known)
        assert retention.scrub_if_pending(known.parts.database) is False
    parts = known.parts
    retention.run(parts.database, parts.gateway, timedelta(days=365), known.now)
    gone = mine - sealed_tokens(known)
    held = files_of(known)
    assert gone
    assert not [token for token in gone if token in held]
    assert retention.scrub_if_pending(parts.database) is None


def test_the_words_go_at_twilio_too(twilio_world: TwilioWorld) -> None:
    twilio_world.send(ANA, "See you on Thursday.")
    for text in twilio_world.double.sent:
        twilio_world.double.report(text.sid, "delivered")
    erase(twilio_world)
    parts = twilio_world.parts
    retention.redact_due(parts.database, parts.gateway, twilio_world.now)
    assert [text.body for text in twilio_world.double.texts] == [""] * 3
    with parts.database.read() as session:
        assert not session.scalars(select(Redaction)).all()


def test_a_text_on_its_way_when_it_happens_is_blanked_when_its_receipt_comes(
    twilio_world: TwilioWorld,
) -> None:
    (reply,) = twilio_world.double.sent  # the answer to JOIN: no receipt has told us Twilio's id
    erase(twilio_world)
    parts = twilio_world.parts
    retention.redact_due(parts.database, parts.gateway, twilio_world.now)
    assert reply.body
    twilio_world.double.report(reply.sid, "delivered")
    retention.redact_due(parts.database, parts.gateway, twilio_world.now)
    assert reply.body == ""
    with parts.database.read() as session:
        for column in (Message.gateway_sid, DeliveryEvent.gateway_sid):
            assert reply.sid not in session.scalars(select(column)).all()


def test_twilio_delivering_an_erased_text_again_does_not_bring_it_back(twilio_world: TwilioWorld) -> None:
    (joined,) = [text for text in twilio_world.double.texts if text.direction == "inbound"]
    erase(twilio_world)
    again = twilio_world.double.redeliver(joined.sid)
    assert again.messages == []
    with pytest.raises(NotFound):
        twilio_world.id_of(ANA)


@on_sqlite
def test_late_receipts_of_an_erased_person_move_only_the_count(twilio_world: TwilioWorld) -> None:
    twilio_world.send(ANA, "See you on Thursday.")
    (message_id,) = [i.id for i in twilio_world.sent(ANA) if i.body == "See you on Thursday."]
    (text,) = twilio_world.at_twilio()
    erase(twilio_world)
    twilio_world.double.report(text.sid, "undelivered", 30005)
    assert twilio_world.row(message_id).status is MessageStatus.UNDELIVERED
    assert twilio_world.alerts() == []
    with twilio_world.parts.database.read() as session:
        assert text.sid not in session.scalars(select(DeliveryEvent.gateway_sid)).all()


@on_sqlite
def test_a_text_in_the_senders_hand_is_not_put_back_into_the_queue_for_nobody(world: World) -> None:
    """An invitation may go without consent: when its call ends badly, it must not go out blank."""
    world.enrol(ANA, opted_in=False)
    with world.parts.database.write() as session:
        session.execute(update(Message).values(status=MessageStatus.SENDING, claimed_at=world.now))
    erase(world)
    with world.parts.database.write() as session:
        session.execute(update(Message).values(status=MessageStatus.QUEUED))
    world.settle()
    with world.parts.database.read() as session:
        assert session.scalars(select(Message.status)).all() == [MessageStatus.CANCELLED]
    assert world.shown(ANA) == []


@on_sqlite
def test_the_same_text_once_more_after_the_erasure_is_known_by_its_id(known: World) -> None:
    inbound = InboundText("SM-once", BEN, ANA, "sure", 0, None)
    parts = known.parts
    receive_text(parts.database, parts.words, parts.programme, inbound, known.now)
    erase(known, BEN)
    receive_text(parts.database, parts.words, parts.programme, inbound, known.now)
    with parts.database.read() as session:
        assert index_of(known, BEN) not in session.scalars(select(InboundMessage.phone_index)).all()


@on_sqlite
def test_the_command_asks_first_and_says_what_it_did(known: World) -> None:
    refused = command(known, "participants", "erase", ANA, "--reason", REASON, stdin="n\n")
    assert refused.exit_code == 1
    assert known.person(ANA).name == "Ana Lucia"
    done = command(known, "participants", "erase", ANA, "--reason", REASON, stdin="y\n")
    assert done.exit_code == 0
    assert "everything that says who it was" in done.output
    assert ANA not in done.output
    assert "Ana Lucia" not in done.output
    with pytest.raises(NotFound):
        known.id_of(ANA)


@on_sqlite
def test_the_command_can_be_told_not_to_ask(known: World) -> None:
    assert command(known, "participants", "erase", BEN, "--reason", REASON, "--yes").exit_code == 0
    again = command(known, "participants", "erase", BEN, "--reason", REASON, "--yes")
    assert again.exit_code == 1
    assert "Nothing is kept" in again.stderr
    assert BEN not in again.stderr


def test_the_page_erases_by_id_only_who_is_confirmed(known: World) -> None:
    database, ana = known.parts.database, known.id_of(ANA)
    assert erasing.what_confirms(database, ana).words == "Ana Lucia"
    with pytest.raises(BadInput):
        erasing.erase_confirmed(database, ana, "Ana", REASON, STAFF, known.now)
    assert known.person(ANA).name == "Ana Lucia"
    assert erasing.erase_confirmed(database, ana, "ana  lucia", REASON, STAFF, known.now).texts > 0
    with pytest.raises(NotFound):
        erasing.erase_confirmed(database, ana, "ana lucia", REASON, STAFF, known.now)
    with database.read() as session:
        assert session.get_one(Participant, ana).phone == ""
