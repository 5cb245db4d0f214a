"""What a text from a staff phone means."""

from datetime import date, timedelta

import pytest

from service.domain.consent import ConsentStatus
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.paging import StaffPhoneStatus
from service.domain.rota import RotaRole
from service.domain.staff import Role
from service.workflows import staff_phones
from tests.rig.on_call import DANA, LEE, enter, hire, pages_on, put_on_call
from tests.rig.world import ANA, STAFF, World, appointment

CRISIS = "i want to kill myself"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def paged(world: World) -> World:
    """Ana is in danger, and Dana has been paged; Lee has a phone and is not on call."""
    world.enrol(ANA)
    put_on_call(world, hire(world, "Dana", DANA))
    hire(world, "Lee", LEE)
    world.say(ANA, CRISIS)
    world.settle()
    assert len(pages_on(world, DANA)) == 1
    return world


def status_of(world: World, name: str) -> StaffPhoneStatus | None:
    return next(
        each.phone_status for each in staff_phones.list_staff(world.parts.database) if each.name == name
    )


def code_of(world: World) -> str:
    (alert,) = [alert for alert in world.alerts() if alert.code]
    assert alert.code is not None
    return alert.code


def test_a_phone_is_asked_before_it_is_used(world: World) -> None:
    world.enrol(ANA)
    dana = hire(world, "Dana")
    put_on_call(world, dana)
    enter(world, dana, "(202) 555-0151")
    world.settle()
    (asked,) = world.shown(DANA)
    assert asked.startswith("Harbor: reply YES to get pages on this phone")
    world.say(ANA, CRISIS)
    world.settle()
    assert pages_on(world, DANA) == []
    assert "Reply YES" in world.say(DANA, "who is this")
    assert "gets pages now" in world.say(DANA, "yes!")
    assert status_of(world, "Dana") is StaffPhoneStatus.CONFIRMED
    with pytest.raises(NotFound):
        world.id_of(DANA)  # never a participant


@pytest.mark.parametrize("word", ["NO", "wrong number", "STOP", "please stop texting me"])
def test_a_phone_that_says_no_is_left_alone(world: World, word: str) -> None:
    dana = hire(world, "Dana")
    enter(world, dana, DANA)
    world.settle()
    world.text(DANA, word)
    assert status_of(world, "Dana") is StaffPhoneStatus.STOPPED
    with pytest.raises(NotAllowed):
        enter(world, dana, DANA)
    before = len(world.shown(DANA))
    world.text(DANA, "hello?")
    assert len(world.shown(DANA)) == before


def test_asking_is_bounded(world: World) -> None:
    dana = hire(world, "Dana")
    enter(world, dana, DANA)
    with pytest.raises(NotAllowed, match="ten minutes"):
        enter(world, dana, DANA)
    for _ in range(2):
        world.move(10 * MINUTE)
        enter(world, dana, DANA)
    world.move(10 * MINUTE)
    with pytest.raises(NotAllowed, match="3 times"):
        enter(world, dana, DANA)


def test_numbers_that_must_not_be_texted_are_refused(world: World) -> None:
    world.say(ANA, "JOIN")
    world.text(ANA, "STOP")
    dana, lee = hire(world, "Dana", DANA), hire(world, "Lee")
    with pytest.raises(NotAllowed, match="no texts"):
        enter(world, lee, ANA)
    with pytest.raises(BadInput, match="colleague"):
        enter(world, lee, DANA)
    with pytest.raises(NotAllowed, match="confirmed"):
        enter(world, dana, DANA)
    with pytest.raises(NotAllowed, match="only looks"):
        enter(world, hire(world, "Vic", role=Role.VIEWER), "+12025550160")


@pytest.mark.parametrize("word", ["OK", "ok.", "ack", "Got it"])
def test_a_bare_ok_takes_the_only_alert(paged: World, word: str) -> None:
    code = code_of(paged)
    assert paged.say(DANA, word) == (
        f"Thank you. Alert {code} is yours, and nobody is paged about it any more. "
        "Open the console to see who needs a call."
    )
    assert paged.alerts() == []


def test_a_code_is_taken_from_any_colleague_but_a_bare_ok_only_from_whoever_was_paged(paged: World) -> None:
    code = code_of(paged)
    assert code in paged.say(LEE, "ok")
    assert paged.alerts()
    assert "yours" in paged.say(LEE, f"ack {code.lower()}")
    assert paged.say(DANA, f"OK {code}") == f"Alert {code} was taken already, by Lee at 9 AM."


def test_a_wrong_code_takes_nothing(paged: World) -> None:
    code = code_of(paged)
    wrong = "2C3" if code != "2C3" else "3C2"
    assert paged.say(DANA, f"ok {wrong}") == f"No alert has that code. Open: {code}. Reply OK and the code."
    assert paged.alerts()


@pytest.mark.parametrize("text", ["ok who is it?", "what happened", "JOIN", "MENU", "4"])
def test_anything_else_says_what_can_be_done(paged: World, text: str) -> None:
    reply = paged.say(DANA, text)
    assert reply == (
        f"Harbor: on this phone I only read OK and an alert's code. Open: {code_of(paged)}. HELP explains."
    )
    with pytest.raises(NotFound):
        paged.id_of(DANA)


def test_help_explains(paged: World) -> None:
    assert paged.say(DANA, "HELP").startswith("Harbor pages staff on this phone.")


def test_ok_without_an_alert_says_so(world: World) -> None:
    hire(world, "Dana", DANA)
    assert world.say(DANA, "OK").startswith("No alert waits")


def test_answers_to_staff_are_not_cut_off_like_those_to_strangers(paged: World) -> None:
    for number in range(8):
        assert paged.text(DANA, f"question {number}")


def test_stop_ends_pages_and_tells_the_others(paged: World) -> None:
    assert paged.say(DANA, "STOP").startswith("Harbor: no more pages to this phone.")
    assert paged.text(DANA, "STOP") == []
    before = len(paged.shown(DANA))
    paged.move(60 * MINUTE)
    assert len(paged.shown(DANA)) == before
    (told,) = [alert for alert in paged.alerts() if alert.kind.value == "pages-stopped"]
    assert told.staff_name == "Dana"
    assert "gets pages now" in paged.say(DANA, "START")
    assert status_of(paged, "Dana") is StaffPhoneStatus.CONFIRMED


def test_danger_in_a_staff_text_is_answered_and_raises_an_alert(paged: World) -> None:
    assert "988" in paged.say(DANA, CRISIS)
    assert len([alert for alert in paged.alerts() if alert.kind.value == "crisis"]) == 2
    with pytest.raises(NotFound):
        paged.id_of(DANA)


def test_an_acknowledgement_beside_danger_counts_and_gets_both_answers(paged: World) -> None:
    code = code_of(paged)
    reply = paged.say(DANA, f"OK {code} he wants to kill himself")
    assert "988" in reply
    assert f"Alert {code} is yours" in reply


@pytest.fixture
def both(world: World) -> World:
    """Dana is a participant, and on call."""
    world.enrol(ANA)
    world.enrol(DANA, name="Dana")
    world.settle()
    dana = hire(world, "Dana")
    enter(world, dana, DANA)
    world.settle()
    assert "gets pages now" in world.say(DANA, "YES")
    put_on_call(world, dana, RotaRole.FIRST)
    return world


def test_a_participant_who_is_staff_is_a_participant_in_all_but_acknowledgements(both: World) -> None:
    assert "CRAVING" in both.say(DANA, "MENU")
    both.say(ANA, CRISIS)
    both.settle()
    assert "CRAVING" in both.say(DANA, "MENU")
    assert "yours" in both.say(DANA, f"OK {code_of(both)}")
    assert "reminders" not in both.say(DANA, "OK")  # nothing is open: read as theirs
    assert not any("yours" in (item.body or "") for item in both.sent(DANA))


def test_an_ok_that_may_answer_a_question_ends_no_page(both: World) -> None:
    both.schedule(both.id_of(DANA), appointment("12:00", on=date(2026, 10, 27), lead_minutes=120))
    both.move_to("2026-10-27 10:00")
    both.say(ANA, CRISIS)
    both.settle()
    code = code_of(both)
    assert both.say(DANA, "OK") == f"Which one? Reply OK and the code of the alert you take: {code}."
    assert "yours" in both.say(DANA, f"OK {code}")
    assert both.person(DANA).open_questions == 1


def test_stop_from_a_participant_who_is_staff_ends_both(both: World) -> None:
    both.say(DANA, "STOP")
    assert both.person(DANA).consent is ConsentStatus.OPTED_OUT
    assert status_of(both, "Dana") is StaffPhoneStatus.STOPPED
    both.say(DANA, "START")
    assert both.person(DANA).consent is ConsentStatus.OPTED_IN
    assert status_of(both, "Dana") is StaffPhoneStatus.CONFIRMED


def test_an_invited_number_can_still_join(world: World) -> None:
    world.enrol(DANA, opted_in=False)
    enter(world, hire(world, "Dana"), DANA)
    world.settle()
    world.say(DANA, "YES")  # to the pages, which is what staff's own phone was asked last
    world.say(DANA, "YES")
    assert world.person(DANA).consent is ConsentStatus.OPTED_IN


def test_a_phone_can_be_taken_away(paged: World) -> None:
    (dana, *_) = staff_phones.list_staff(paged.parts.database)
    staff_phones.remove_phone(paged.parts.database, dana.id, STAFF, paged.now)
    assert status_of(paged, "Dana") is None
