"""Looking after staff: invitations, roles, caseloads, closing accounts, sessions, handing people over."""

from datetime import timedelta

import pytest

from service.domain.caseload import Caseload, Sight
from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.staff import Actor, Role
from service.store.audit import SYSTEM, By
from service.workflows import alerting, caseloads, enrolment, finding, staff, staffing
from service.workflows.enrolment import NewParticipant
from tests.rig import on_call
from tests.rig.on_call import hire, put_on_call
from tests.rig.world import ANA, BEN, CY, World

PASSWORD = "a long and quiet password"


def add(world: World, name: str, role: Role = Role.COORDINATOR) -> int:
    return staff.add_coordinator(
        world.parts.database, f"{name}@example.org", name, role, SYSTEM, world.wall.now, PASSWORD
    ).coordinator_id


def sign_in(world: World, name: str) -> staff.SignedIn:
    who = staff.sign_in(world.parts.database, f"{name}@example.org", PASSWORD, "", world.wall.now)
    assert isinstance(who, staff.SignedIn)
    return who


def is_signed_in(world: World, who: staff.SignedIn) -> bool:
    return staff.resume_session(world.parts.database, who.token, world.wall.now) is not None


def limit(world: World, coordinator_id: int, caseload: Caseload, role: Role = Role.COORDINATOR) -> None:
    staffing.change(world.parts.database, coordinator_id, role, caseload, SYSTEM, world.wall.now)


def seen_by(world: World, coordinator_id: int, caseload: Caseload) -> set[int]:
    sight = Sight(coordinator_id, caseload, world.now)
    return {row.id for row in finding.list_participants(world.parts.database, sight=sight).rows}


def give(world: World, person: int, to: int | None) -> None:
    caseloads.hand_over(world.parts.database, person, to, SYSTEM, world.now)


def test_an_invitation_lets_in_once_within_three_days(world: World) -> None:
    database = world.parts.database
    made = staffing.invite(
        database, "Kim@Example.org", "Kim", Role.VIEWER, Caseload.SHARED, SYSTEM, world.wall.now
    )
    member = staffing.find(database, made.coordinator_id)
    assert (member.email, member.role, member.caseload) == ("kim@example.org", Role.VIEWER, Caseload.SHARED)
    assert not member.has_password
    world.wall.advance(timedelta(days=2, hours=23))
    who = staff.use_sign_in_link(database, made.token, world.wall.now)
    assert isinstance(who, staff.SignedIn)
    with pytest.raises(NotAllowed):
        staff.use_sign_in_link(database, made.token, world.wall.now)
    staffing.set_password(database, who, PASSWORD, world.wall.now)
    assert sign_in(world, "kim").role is Role.VIEWER
    with pytest.raises(BadInput, match="already"):
        staffing.invite(database, "kim@example.org", "Kim", Role.VIEWER, Caseload.ALL, SYSTEM, world.wall.now)


def test_an_invitation_of_four_days_ago_does_not(world: World) -> None:
    database = world.parts.database
    made = staffing.invite(
        database, "kim@example.org", "Kim", Role.VIEWER, Caseload.ALL, SYSTEM, world.wall.now
    )
    world.wall.advance(timedelta(days=4))
    with pytest.raises(NotAllowed):
        staff.use_sign_in_link(database, made.token, world.wall.now)


def test_a_newer_link_makes_the_earlier_worthless(world: World) -> None:
    database, kim = world.parts.database, add(world, "kim")
    first = staffing.new_link(database, kim, SYSTEM, world.wall.now)
    second = staffing.new_link(database, kim, SYSTEM, world.wall.now)
    with pytest.raises(NotAllowed):
        staff.use_sign_in_link(database, first, world.wall.now)
    staff.use_sign_in_link(database, second, world.wall.now)


def test_a_closed_account_is_out_at_once_and_its_people_are_everybodys(world: World) -> None:
    database = world.parts.database
    kim, lee = add(world, "kim"), add(world, "lee")
    add(world, "ada", Role.ADMIN)
    person = world.enrol(ANA)
    give(world, person, kim)
    who, link = sign_in(world, "kim"), staffing.new_link(database, kim, SYSTEM, world.wall.now)
    assert seen_by(world, lee, Caseload.SHARED) == set()
    assert staffing.close(database, kim, SYSTEM, world.wall.now) == 1
    assert not is_signed_in(world, who)
    assert seen_by(world, lee, Caseload.SHARED) == {person}
    with pytest.raises(NotAllowed):
        staff.use_sign_in_link(database, link, world.wall.now)
    with pytest.raises(NotAllowed):
        sign_in(world, "kim")
    staffing.reopen(database, kim, SYSTEM, world.wall.now)
    assert not is_signed_in(world, who)
    assert is_signed_in(world, sign_in(world, "kim"))


def test_there_is_always_an_admin(world: World) -> None:
    database = world.parts.database
    ada, second = add(world, "ada", Role.ADMIN), add(world, "bea", Role.ADMIN)
    staffing.close(database, second, SYSTEM, world.wall.now)
    with pytest.raises(NotAllowed, match="only admin"):
        staffing.close(database, ada, SYSTEM, world.wall.now)
    with pytest.raises(NotAllowed, match="only admin"):
        limit(world, ada, Caseload.ALL)
    staffing.reopen(database, second, SYSTEM, world.wall.now)
    with pytest.raises(NotAllowed, match="another admin"):
        staffing.close(database, ada, By(Actor.COORDINATOR, ada), world.wall.now)
    limit(world, ada, Caseload.OWN)
    assert staffing.find(database, ada).role is Role.COORDINATOR


def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    add(world, "kim")
    here, there = sign_in(world, "kim"), sign_in(world, "kim")
    with pytest.raises(BadInput, match="too short"):
        staffing.set_password(world.parts.database, here, "short", world.wall.now)
    staffing.set_password(world.parts.database, here, "another long password", world.wall.now)
    assert is_signed_in(world, here)
    assert not is_signed_in(world, there)


def test_sessions_are_listed_while_they_live_and_ended_one_by_one(world: World) -> None:
    database, kim, lee = world.parts.database, add(world, "kim"), add(world, "lee")
    old = sign_in(world, "kim")
    world.wall.advance(timedelta(minutes=31))
    here, there = sign_in(world, "kim"), sign_in(world, "kim")
    listed = [each.id for each in staffing.list_sessions(database, kim, world.wall.now)]
    assert listed == [there.session_id, here.session_id]
    assert not is_signed_in(world, old)
    with pytest.raises(NotFound):
        staffing.end_session(database, lee, there.session_id, SYSTEM, world.wall.now)
    staffing.end_session(database, kim, there.session_id, SYSTEM, world.wall.now)
    assert (is_signed_in(world, here), is_signed_in(world, there)) == (True, False)
    staffing.end_all_sessions(database, kim, SYSTEM, world.wall.now)
    assert not is_signed_in(world, here)


def test_a_session_ends_after_half_a_day_however_busy(world: World) -> None:
    add(world, "kim")
    who = sign_in(world, "kim")
    for _ in range(36):
        assert is_signed_in(world, who)
        world.wall.advance(timedelta(minutes=20))
    world.wall.advance(timedelta(seconds=1))
    assert not is_signed_in(world, who)


def test_each_caseload_sees_its_own(world: World) -> None:
    kim, lee = add(world, "kim"), add(world, "lee")
    mine, theirs, shared = world.enrol(ANA), world.enrol(BEN), world.enrol(CY)
    give(world, mine, kim)
    give(world, theirs, lee)
    assert seen_by(world, kim, Caseload.OWN) == {mine}
    assert seen_by(world, kim, Caseload.SHARED) == {mine, shared}
    assert seen_by(world, kim, Caseload.ALL) == {mine, theirs, shared}
    give(world, mine, None)
    assert seen_by(world, kim, Caseload.OWN) == set()


def test_whom_somebody_with_an_own_caseload_enters_stays_in_their_sight(world: World) -> None:
    parts, kim, lee = world.parts, add(world, "kim"), add(world, "lee")
    limit(world, kim, Caseload.OWN)
    for number, adder in ((ANA, kim), (BEN, lee)):
        entry = NewParticipant(number)
        by = By(Actor.COORDINATOR, adder)
        enrolment.enrol(parts.database, parts.words, parts.programme, entry, by, world.now)
    assert seen_by(world, kim, Caseload.OWN) == {world.id_of(ANA)}
    assert caseloads.responsible_for(parts.database, world.id_of(BEN)).name is None


def test_people_are_handed_only_to_those_who_can_look_after_them(world: World) -> None:
    person, viewer = world.enrol(ANA), add(world, "vic", Role.VIEWER)
    closed = add(world, "kim")
    add(world, "ada", Role.ADMIN)
    staffing.close(world.parts.database, closed, SYSTEM, world.wall.now)
    for nobody in (viewer, closed, 999):
        with pytest.raises(BadInput, match="Choose a colleague"):
            give(world, person, nobody)
    with pytest.raises(NotFound):
        give(world, 999, None)


def test_whoever_becomes_a_viewer_is_off_the_rota_and_responsible_for_nobody(world: World) -> None:
    dana = hire(world, "Dana", on_call.DANA)
    put_on_call(world, dana)
    person = world.enrol(ANA)
    give(world, person, dana)
    add(world, "ada", Role.ADMIN)
    limit(world, dana, Caseload.OWN, Role.VIEWER)
    assert caseloads.responsible_for(world.parts.database, person).coordinator_id is None
    world.text(ANA, "i want to kill myself")
    world.move(timedelta(minutes=1))
    assert on_call.pages_on(world, on_call.DANA) == []


def test_whoever_is_paged_sees_the_person_until_it_is_looked_after(world: World) -> None:
    """Safety goes before caseloads: who is called to somebody must be able to help."""
    database = world.parts.database
    dana, lee = hire(world, "Dana", on_call.DANA), hire(world, "Lee")
    put_on_call(world, dana)
    person = world.enrol(ANA)
    give(world, person, lee)
    assert seen_by(world, dana, Caseload.OWN) == set()
    world.text(ANA, "i want to kill myself")
    world.settle()
    assert seen_by(world, dana, Caseload.OWN) == {person}
    sight = Sight(dana, Caseload.OWN, world.now)
    (alert,) = alerting.list_alerts(database, sight=sight)
    caseloads.check(database, sight, {"alert_id": alert.id})
    assert alerting.count_open(database, sight) == (1, 1)
    alerting.acknowledge(database, alert.id, By(Actor.COORDINATOR, dana), world.now)
    world.move(timedelta(hours=23))
    assert seen_by(world, dana, Caseload.OWN) == {person}
    world.move(timedelta(hours=2))
    assert seen_by(world, dana, Caseload.OWN) == set()


def test_an_alert_about_nobody_who_is_enrolled_is_everybodys(world: World) -> None:
    kim = add(world, "kim")
    world.text(CY, "i want to kill myself")
    sight = Sight(kim, Caseload.OWN, world.now)
    (alert,) = alerting.list_alerts(world.parts.database, sight=sight)
    caseloads.check(world.parts.database, sight, {"alert_id": alert.id})
