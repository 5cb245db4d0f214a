"""A person's change of number: nothing of theirs reaches a phone that has not said YES, or one they lost."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, NotAllowed
from service.domain.gateway_errors import meaning_of
from service.domain.message import MessageKind, MessageStatus
from service.domain.moving import NumberChangeStatus
from service.domain.withdrawals import WithdrawalKind
from service.store import withdrawals
from service.store.schema import HandsetText, InboundMessage, Message, NumberChange, Participant
from service.workflows import enrolment, erasing, moving, number_history
from service.workflows.dispatching.reactions import react_to_error
from tests.rig.data_life import index_of
from tests.rig.on_call import hire
from tests.rig.world import ANA, BEN, CY, NEW_YORK, STAFF, World, check_in, medication

NEW = "+12025550144"
ASKING = (
    "Harbor: someone told us this is their new number for our text reminders. If that's you, reply YES. "
    "If not, reply NO. Msg&data rates may apply. STOP to end, HELP for help."
)
TOLD = "told us at the front desk"


def ask(world: World, number: str = NEW, *, stops_old: bool = False, of: str = ANA) -> int:
    parts, person = world.parts, world.id_of(of)
    moving.ask(
        parts.database, parts.words, parts.programme, person, number, STAFF, world.now,
        note=TOLD, stops_old=stops_old,
    )  # fmt: skip
    world.settle()
    return person


def change_of(world: World, person: int) -> NumberChangeStatus:
    with world.parts.database.read() as session:
        return session.scalars(
            select(NumberChange.status)
            .where(NumberChange.participant_id == person)
            .order_by(NumberChange.id.desc())
        ).all()[0]


@pytest.fixture
def ana(world: World) -> int:
    person = world.enrol(ANA, name="Ana")
    world.schedule(person, medication("10:00", label="blue box"))
    world.schedule(person, check_in("10:30"))
    world.settle()
    return person


def test_the_new_phone_is_told_nothing_until_its_yes(world: World, ana: int) -> None:
    ask(world)
    assert world.shown(NEW) == [ASKING]
    world.move(timedelta(hours=2))  # the medication and the check-in go to the old number
    assert world.shown(NEW) == [ASKING]
    assert "blue box" in " ".join(world.shown(ANA))
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN


def test_its_yes_moves_everything_there_and_the_old_phone_hears_no_more(world: World, ana: int) -> None:
    ask(world)
    world.move(timedelta(minutes=1))
    before = len(world.shown(ANA))
    assert world.say(NEW, "yes") == (
        "Harbor: thank you. Your texts come to this number from now on, and none go to the old one. "
        "Msg&data rates may apply. HELP for help, STOP to end."
    )
    assert world.id_of(NEW) == ana
    world.move(timedelta(days=1))
    assert world.new_on(ANA, before) == []
    assert any("blue box" in text for text in world.shown(NEW))
    assert "don't know this number" in world.say(ANA, "hello")  # a stranger to us now
    person = world.person(NEW)
    last = person.consent_history[-1]
    assert (last.status, last.source) == (ConsentStatus.OPTED_IN, ConsentSource.TEXT)
    assert last.wording_version == "new_number.done@en-1"
    assert "0144" in last.note
    assert [item.body for item in world.thread(NEW) if item.body in {ASKING, "yes"}] == [ASKING, "yes"]
    with world.parts.database.read() as session:
        lines = number_history.lines_of(session, ana, ZoneInfo(NEW_YORK), world.now)
    assert [line.what for line in lines] == [NumberChangeStatus.ASKED, NumberChangeStatus.CONFIRMED]
    assert (lines[0].wording, lines[0].note) == (ASKING, TOLD)


def test_a_text_that_waits_goes_to_the_new_phone_once(world: World, ana: int) -> None:
    parts = world.parts
    ask(world)
    before = len(world.shown(ANA))
    enrolment.text_by_hand(parts.database, ana, "See you Thursday", STAFF, world.now)
    world.text(NEW, "yes")
    world.settle()
    assert world.new_on(ANA, before) == []
    assert world.shown(NEW).count("See you Thursday") == 1


def test_what_is_in_hand_for_the_old_number_is_not_sent_again(world: World, ana: int) -> None:
    parts = world.parts
    ask(world)
    enrolment.text_by_hand(parts.database, ana, "In hand", STAFF, world.now)
    with parts.database.write() as session:
        text = session.scalars(select(Message).where(Message.kind == MessageKind.MANUAL)).one()
        text.status, text.claim, text.claimed_at = MessageStatus.UNKNOWN, "gone", world.now
    world.text(NEW, "yes")
    with parts.database.read() as session:
        assert session.get_one(Message, text.id).withdrawn == "the number changed"
    world.move(timedelta(hours=1))
    assert "In hand" not in world.shown(NEW)


def test_a_lost_phone_gets_nothing_from_that_moment(world: World, ana: int) -> None:
    parts = world.parts
    enrolment.text_by_hand(parts.database, ana, "on its way", STAFF, world.now)
    before = len(world.shown(ANA))
    ask(world, stops_old=True)
    world.move(timedelta(days=2))
    assert world.new_on(ANA, before) == []
    person = world.person(ANA)
    assert person.consent is ConsentStatus.MOVING
    assert person.name == "Ana"
    with pytest.raises(NotAllowed):
        enrolment.text_by_hand(parts.database, ana, "hello", STAFF, world.now)
    with pytest.raises(NotAllowed):
        world.enrol(ANA)
    ask_again = world.person(ANA).consent_history[-1]
    assert (ask_again.status, ask_again.source) == (ConsentStatus.MOVING, ConsentSource.CONSOLE)


@pytest.mark.parametrize("body", ["hello", "yes", "JOIN", "START", "4", "who is this", "RESUME", "MENU"])
def test_whoever_has_the_lost_phone_learns_nothing_and_joins_nothing(
    world: World, ana: int, body: str
) -> None:
    ask(world, stops_old=True)
    assert world.text(ANA, body) == []
    assert world.person(ANA).consent is ConsentStatus.MOVING
    assert "wants-person" in world.alert_kinds()


def test_danger_on_a_lost_phone_is_still_answered_and_alerted(world: World, ana: int) -> None:
    ask(world, stops_old=True)
    assert "988" in world.say(ANA, "i want to kill myself")
    assert "crisis" in world.alert_kinds()


def test_a_stop_from_the_lost_phone_is_honoured_in_words_that_say_nothing(world: World, ana: int) -> None:
    ask(world, stops_old=True)
    said = " ".join(world.text(ANA, "STOP"))
    assert "988" not in said
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert change_of(world, ana) is NumberChangeStatus.ENDED
    assert world.text(ANA, "START") == []  # a thief cannot bring the texts to this phone
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT
    assert "don't know this number" in world.say(NEW, "yes please")  # the change is void
    assert "opted-out" in world.alert_kinds()


def test_after_a_lost_phone_the_yes_starts_the_texts_again(world: World, ana: int) -> None:
    ask(world, stops_old=True)
    world.move(timedelta(hours=1))
    world.text(NEW, "yes")
    person = world.person(NEW)
    assert person.consent is ConsentStatus.OPTED_IN
    assert len(person.schedules) == 2
    world.move(timedelta(days=1))
    assert any("blue box" in text for text in world.shown(NEW))
    assert not any("blue box" in text for text in world.shown(ANA))


def test_a_pause_outlives_the_change(world: World, ana: int) -> None:
    until = world.now + timedelta(days=3)
    for stops_old, old, new in ((False, ANA, NEW), (True, NEW, CY)):
        enrolment.pause(world.parts.database, ana, until, STAFF, world.now)
        ask(world, new, of=old, stops_old=stops_old)
        world.text(new, "yes")
        assert world.person(new).paused_until == until


def test_staff_can_stop_the_old_number_later_too(world: World, ana: int) -> None:
    ask(world)
    moving.stop_old(world.parts.database, ana, STAFF, world.now)
    assert world.person(ANA).consent is ConsentStatus.MOVING
    world.text(NEW, "yes")
    assert world.person(NEW).consent is ConsentStatus.OPTED_IN
    with pytest.raises(NotAllowed):
        moving.stop_old(world.parts.database, ana, STAFF, world.now)


def test_a_no_leaves_everything_as_it_was_and_the_number_alone(world: World, ana: int) -> None:
    ask(world)
    assert "won't text you again" in world.say(NEW, "no")
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN
    assert change_of(world, ana) is NumberChangeStatus.REFUSED
    assert world.alert_kinds() == ["number-problem"]
    with pytest.raises(NotAllowed):
        ask(world)
    assert len(world.shown(NEW)) == 2


def test_a_stranger_on_the_new_number_learns_only_the_name_of_the_line(world: World, ana: int) -> None:
    ask(world)
    for body in ("who is this?", "what reminders", "help", "hi"):
        said = world.say(NEW, body)
        assert "Ana" not in said
        assert "box" not in said
    assert "sorry" in world.say(NEW, "you have the wrong number")
    assert change_of(world, ana) is NumberChangeStatus.REFUSED


def test_a_stop_from_the_new_phone_refuses_it_for_good(world: World, ana: int) -> None:
    ask(world)
    world.text(NEW, "STOP")
    assert change_of(world, ana) is NumberChangeStatus.REFUSED
    assert world.person(NEW).consent is ConsentStatus.OPTED_OUT
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN


def test_a_stop_from_the_old_phone_voids_the_change(world: World, ana: int) -> None:
    ask(world)
    world.text(ANA, "STOP")
    assert "don't know this number" in world.say(NEW, "yes")
    assert world.person(ANA).consent is ConsentStatus.OPTED_OUT


def test_no_answer_in_time_lapses_and_a_late_yes_reaches_nobody(world: World, ana: int) -> None:
    ask(world)
    world.move(world.parts.programme.invitation_lasts + timedelta(minutes=1))
    assert number_history.look(world.parts.database, ana, world.now) is None
    assert "don't know this number" in world.say(NEW, "yes")
    assert world.id_of(ANA) == ana
    ask(world)  # entered again, it is asked again
    world.text(NEW, "yes")
    assert world.id_of(NEW) == ana


def test_a_change_that_is_taken_back_is_void(world: World, ana: int) -> None:
    database = world.parts.database
    ask(world)
    with pytest.raises(NotAllowed):
        ask(world, CY)  # one at a time
    moving.take_back(database, ana, STAFF, world.now, old_is_theirs=False)
    assert "don't know this number" in world.say(NEW, "yes")
    assert world.person(ANA).consent is ConsentStatus.OPTED_IN
    with pytest.raises(NotAllowed):
        moving.take_back(database, ana, STAFF, world.now, old_is_theirs=False)


def test_a_question_that_has_not_gone_out_is_withdrawn_with_it(world: World, ana: int) -> None:
    parts = world.parts
    moving.ask(
        parts.database, parts.words, parts.programme, ana, NEW, STAFF, world.now, note=TOLD, stops_old=False
    )
    moving.take_back(parts.database, ana, STAFF, world.now, old_is_theirs=False)
    world.move(timedelta(hours=1))
    assert world.shown(NEW) == []


def test_a_phone_that_is_found_again_wants_staffs_word(world: World, ana: int) -> None:
    database = world.parts.database
    ask(world, stops_old=True)
    with pytest.raises(BadInput):
        moving.take_back(database, ana, STAFF, world.now, old_is_theirs=True)
    moving.take_back(database, ana, STAFF, world.now, old_is_theirs=True, note="she called from it")
    person = world.person(ANA)
    assert person.consent is ConsentStatus.OPTED_IN
    assert person.consent_history[-1].note == "she called from it"
    world.move(timedelta(days=1))
    assert any("blue box" in text for text in world.shown(ANA))


def test_a_lost_phone_stays_silent_when_only_the_new_number_is_taken_back(world: World, ana: int) -> None:
    ask(world, stops_old=True)
    moving.take_back(world.parts.database, ana, STAFF, world.now, old_is_theirs=False)
    assert world.person(ANA).consent is ConsentStatus.MOVING
    ask(world, CY)
    world.text(CY, "yes")
    assert world.person(CY).consent is ConsentStatus.OPTED_IN


def test_numbers_that_are_somebody_elses_or_wanted_nothing_are_refused(world: World, ana: int) -> None:
    parts = world.parts
    ben = world.enrol(BEN, name="Ben")
    with pytest.raises(NotAllowed) as taken:
        ask(world, BEN)
    world.text(CY, "hello")
    erasing.erase_person(parts.database, CY, "asked", STAFF, world.now)
    with pytest.raises(NotAllowed) as suppressed:
        ask(world, CY)
    assert str(taken.value) == str(suppressed.value)  # nobody learns which
    with pytest.raises(BadInput):
        ask(world, ANA)
    with pytest.raises(BadInput):
        ask(world, "555-01")
    ask(world)
    with pytest.raises(NotAllowed):
        ask(world, of=BEN)  # another is being asked whether it is Ana's
    assert change_of(world, ana) is NumberChangeStatus.ASKED
    assert world.id_of(BEN) == ben
    assert world.shown(BEN).count(ASKING) == 0


def test_a_colleagues_paging_phone_is_refused(world: World, ana: int) -> None:
    hire(world, "Cy", CY)
    with pytest.raises(NotAllowed):
        ask(world, CY)


@pytest.mark.parametrize("body", ["NO", "STOP"])
def test_who_asked_for_no_texts_cannot_be_moved(world: World, ana: int, body: str) -> None:
    invited = world.enrol(BEN, opted_in=False)
    world.settle()
    with pytest.raises(NotAllowed):
        ask(world, of=BEN)
    world.text(BEN, body)
    with pytest.raises(NotAllowed) as refused:
        ask(world, of=BEN)
    assert "Only they" in str(refused.value)
    assert change_count(world, invited) == 0


def test_a_number_that_is_being_asked_is_not_invited_besides(world: World, ana: int) -> None:
    ask(world)
    with pytest.raises(NotAllowed):
        world.enrol(NEW, opted_in=False)
    assert world.shown(NEW) == [ASKING]


def change_count(world: World, person: int) -> int:
    with world.parts.database.read() as session:
        return len(session.scalars(select(NumberChange).where(NumberChange.participant_id == person)).all())


def test_a_wrong_number_can_be_put_right(world: World, ana: int) -> None:
    world.text(ANA, "wrong number")
    assert world.person(ANA).consent is ConsentStatus.WRONG_NUMBER
    ask(world)
    assert len(world.shown(ANA)) >= 1
    before = len(world.shown(ANA))
    world.text(NEW, "yes")
    person = world.person(NEW)
    assert (person.id, person.consent) == (ana, ConsentStatus.OPTED_IN)
    world.move(timedelta(days=1))
    assert world.new_on(ANA, before) == []


def test_the_question_waits_for_the_morning(world: World, ana: int) -> None:
    world.move_to("2026-10-26 20:50")  # quiet from 21:00: ten minutes are too few
    ask(world)
    world.move_to("2026-10-27 08:59")
    assert world.shown(NEW) == []
    world.move_to("2026-10-27 09:01")
    assert world.shown(NEW) == [ASKING]


def test_a_late_receipt_of_the_old_number_does_not_mark_the_new_one(world: World, ana: int) -> None:
    parts = world.parts
    enrolment.text_by_hand(parts.database, ana, "hello", STAFF, world.now)
    world.settle()
    ask(world)
    world.move(timedelta(minutes=1))
    world.text(NEW, "yes")
    with parts.database.write() as session:
        text = session.scalars(select(Message).where(Message.kind == MessageKind.MANUAL)).one()
        for code in (30005, 21610):
            assert not react_to_error(session, parts.programme, text, meaning_of(code), world.now)
    person = world.person(NEW)
    assert (person.consent, person.number_problem) == (ConsentStatus.OPTED_IN, None)


def test_a_restored_backup_is_told_of_both_numbers(world: World, ana: int) -> None:
    ask(world, stops_old=True)
    world.text(NEW, "yes")
    with world.parts.database.read() as session:
        known = {(each.kind, each.phone_index) for each in withdrawals.known(session)}
    assert (WithdrawalKind.MOVED, index_of(world, ANA)) in known
    journal = world.parts.database.journal
    assert journal is not None
    written = journal.read().withdrawals
    assert {each.kind for each in written} == {WithdrawalKind.MOVED}
    with world.parts.database.read() as session:
        assert set(withdrawals.known(session)) <= set(written)


def test_erasing_takes_the_numbers_before_with_it(world: World, ana: int) -> None:
    world.text(ANA, "rough night, maria left")
    ask(world)
    world.text(NEW, "yes")
    ask(world, CY, of=NEW)  # never answered
    erasing.erase_person(world.parts.database, NEW, "asked", STAFF, world.now)
    with world.parts.database.read() as session:
        for change in session.scalars(select(NumberChange)):
            assert (change.new_number, change.old_number, change.note) == ("", "", "")
        old = {index_of(world, number) for number in (ANA, NEW, CY)}
        for table in (InboundMessage, Participant):
            assert not old & set(session.scalars(select(table.phone_index)))
        assert not {index_of(world, ANA), index_of(world, NEW)} & set(
            session.scalars(select(HandsetText.phone_index))
        )
        assert session.scalars(select(Message.to_sealed).where(Message.to_sealed.is_not(None))).all() == []
    assert change_of(world, ana) is NumberChangeStatus.ENDED
    assert "don't know this number" in world.say(CY, "yes")
