"""A coordinator says how a text should have been read: seen by people, never by the person who wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.domain.consent import ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.staff import Actor
from service.store.schema import AuditEntry, InboundMessage
from service.workflows import alerting, erasing, marking, retention
from service.workflows.acting import By
from service.workflows.marking import Marked, Raised
from tests.rig.world import ANA, BEN, STAFF, World

DANA = By(Actor.COORDINATOR, 1)
MISSED = "the old bridge again, you know the one"


@pytest.fixture
def ana(world: World) -> World:
    world.enrol(ANA)
    world.settle()
    return world


def came(world: World, body: str, number: str = ANA) -> int:
    """Text something; the id under which it is kept."""
    world.text(number, body)
    with world.parts.database.read() as session:
        return session.scalars(select(InboundMessage.id).order_by(InboundMessage.id.desc())).first() or 0


def mark(world: World, text: int, label: str, number: str = ANA) -> Marked:
    return marking.mark(world.parts.database, world.id_of(number), text, label, DANA, world.now)


def row(world: World, text: int) -> InboundMessage:
    with world.parts.database.read() as session:
        return session.get_one(InboundMessage, text)


def test_a_mark_is_kept_beside_the_reading_and_can_be_changed_and_taken_back(ana: World) -> None:
    text = came(ana, "hello")
    assert mark(ana, text, "cravings") == Marked("cravings", None)
    ana.wall.advance(timedelta(minutes=5))
    assert mark(ana, text, "human") == Marked("human", None)
    kept = row(ana, text)
    assert (kept.label, kept.marked_label, kept.marked_by, kept.marked_at) == (
        "smalltalk", "human", 1, ana.now,
    )  # fmt: skip
    database, person = ana.parts.database, ana.id_of(ANA)
    assert marking.take_back(database, person, text, DANA, ana.now)
    assert not marking.take_back(database, person, text, DANA, ana.now)
    kept = row(ana, text)
    assert (kept.label, kept.marked_label, kept.marked_by, kept.marked_at) == ("smalltalk", None, None, None)


def test_who_marked_is_in_the_audit_trail_and_the_label_is_not(ana: World) -> None:
    text = came(ana, MISSED)
    mark(ana, text, "overdose")
    marking.take_back(ana.parts.database, ana.id_of(ANA), text, DANA, ana.now)
    with ana.parts.database.read() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("text.")).order_by(AuditEntry.id)
        ).all()
        assert [(each.action, each.actor_id, each.participant_id) for each in entries] == [
            ("text.marked", 1, ana.id_of(ANA)),
            ("text.unmarked", 1, ana.id_of(ANA)),
        ]
        assert "overdose" not in str([each.detail for each in entries])


@pytest.mark.parametrize("label", sorted(marking.READINGS))
def test_no_mark_changes_what_was_sent_or_any_consent(ana: World, label: str) -> None:
    text = came(ana, "hello")
    thread = [(item.id, item.body, item.status) for item in ana.sent(ANA)]
    consent = ana.person(ANA).consent_history
    mark(ana, text, label)
    ana.move(timedelta(hours=2))
    assert [(item.id, item.body, item.status) for item in ana.sent(ANA)] == thread
    assert ana.person(ANA).consent_history == consent
    assert ana.person(ANA).consent is ConsentStatus.OPTED_IN


def test_a_missed_danger_opens_the_quieter_alert_once(ana: World) -> None:
    text = came(ana, MISSED)
    assert ana.alert_kinds() == []
    assert mark(ana, text, "crisis").raised is Raised.NOW
    (alert,) = ana.alerts()
    assert (alert.kind.value, alert.inbound_id, alert.text) == ("possible-danger", text, MISSED)
    assert "please call" in alert.detail
    assert mark(ana, text, "overdose").raised is Raised.OPEN
    marking.take_back(ana.parts.database, ana.id_of(ANA), text, DANA, ana.now)
    assert ana.alert_kinds() == ["possible-danger"]  # taking back the mark takes back no alert


def test_an_alert_about_another_text_does_not_stand_for_this_one(ana: World) -> None:
    text = came(ana, MISSED)
    came(ana, "i want to kill myself")
    assert mark(ana, text, "crisis").raised is Raised.NOW
    assert sorted(ana.alert_kinds()) == ["crisis", "possible-danger"]


def test_danger_that_was_heard_and_looked_after_is_not_raised_again(ana: World) -> None:
    text = came(ana, "i want to kill myself")
    assert mark(ana, text, "overdose").raised is Raised.OPEN
    (alert,) = ana.alerts()
    alerting.acknowledge(ana.parts.database, alert.id, STAFF, ana.now)
    assert mark(ana, text, "medical").raised is Raised.BEFORE
    assert ana.alerts() == []
    mark(ana, text, "smalltalk")
    assert mark(ana, text, "crisis").raised is Raised.NOW  # somebody had called it harmless meanwhile


def test_somebody_who_opted_out_is_to_be_called(ana: World) -> None:
    text = came(ana, MISSED)
    ana.say(ANA, "STOP")
    mark(ana, text, "crisis")
    (alert,) = [alert for alert in ana.alerts() if alert.kind.value == "possible-danger"]
    assert "opted out" in alert.detail


def test_only_the_persons_own_text_with_words_and_a_known_label(ana: World) -> None:
    ana.enrol(BEN)
    theirs, empty = came(ana, "hello", BEN), came(ana, "")
    for text in (theirs, 999_999):
        with pytest.raises(NotFound):
            mark(ana, text, "human")
    with pytest.raises(NotFound):
        marking.take_back(ana.parts.database, ana.id_of(ANA), theirs, DANA, ana.now)
    with pytest.raises(NotAllowed):
        mark(ana, empty, "human")
    with pytest.raises(BadInput):
        mark(ana, came(ana, "hello"), "stop")
    assert row(ana, theirs).marked_label is None


def test_marks_go_with_the_words(ana: World) -> None:
    ana.enrol(BEN)
    old, other = came(ana, "hello"), came(ana, "hello", BEN)
    mark(ana, old, "human")
    mark(ana, other, "human", BEN)
    erasing.erase_person(ana.parts.database, BEN, "asked", STAFF, ana.now)
    gone = row(ana, other)
    assert (gone.body_sealed, gone.marked_label, gone.marked_by, gone.marked_at) == (None, None, None, None)
    assert row(ana, old).marked_label == "human"
    parts = ana.parts
    retention.run(parts.database, parts.gateway, timedelta(days=30), ana.now + timedelta(days=31))
    gone = row(ana, old)
    assert (gone.body_sealed, gone.marked_label, gone.marked_by, gone.marked_at) == (None, None, None, None)
    with pytest.raises(NotAllowed, match="words of this text are gone"):
        mark(ana, old, "human")
