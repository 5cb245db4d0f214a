"""The authenticator app: set up, asked for, never taken twice, and guessed at slowly."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from service.domain.errors import BadInput, NotAllowed, NotFound
from service.domain.staff import Role
from service.store.audit import SYSTEM
from service.store.schema import RecoveryCode, SecondFactor
from service.workflows import second_factor, staff
from tests.rig.world import World
from tests.workflows.test_racing import at_once

EMAIL, PASSWORD, HERE = "kim@example.org", "a long and quiet password", "192.0.2.7"


def first_half(world: World) -> staff.SignedIn | staff.HalfSignedIn:
    return staff.sign_in(world.parts.database, EMAIL, PASSWORD, HERE, world.wall.now)


@pytest.fixture
def kim(world: World) -> staff.SignedIn:
    staff.add_coordinator(
        world.parts.database, EMAIL, "Kim", Role.COORDINATOR, SYSTEM, world.wall.now, PASSWORD
    )
    who = first_half(world)
    assert isinstance(who, staff.SignedIn)
    return who


class App:
    """What is on Kim's phone."""

    def __init__(self, world: World, secret: str) -> None:
        self.world, self.totp = world, pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        return self.totp.generate_otp(self.totp.timecode(self.world.wall.now) + steps)


@pytest.fixture
def app(world: World, kim: staff.SignedIn) -> App:
    """Set up and confirmed; its next code is a new one."""
    database = world.parts.database
    second_factor.set_up(database, kim, world.wall.now)
    setup = second_factor.setup_of(database, kim, "Harbor")
    assert setup is not None
    found = App(world, setup.secret)
    second_factor.confirm(database, kim, found.code(), world.wall.now)
    world.wall.advance(timedelta(seconds=30))
    return found


def finish(world: World, code: str) -> staff.SignedIn:
    half = first_half(world)
    assert isinstance(half, staff.HalfSignedIn)
    return second_factor.finish_sign_in(world.parts.database, half.token, code, HERE, world.wall.now)


def test_it_counts_only_after_a_right_code(world: World, kim: staff.SignedIn) -> None:
    database = world.parts.database
    second_factor.set_up(database, kim, world.wall.now)
    assert isinstance(first_half(world), staff.SignedIn)
    with pytest.raises(BadInput):
        second_factor.confirm(database, kim, "000000", world.wall.now)
    assert not second_factor.state(database, kim.coordinator_id).is_on
    setup = second_factor.setup_of(database, kim, "Harbor")
    assert setup is not None
    assert setup.address.startswith("otpauth://totp/Harbor:kim%40example.org?secret=")
    codes = second_factor.confirm(database, kim, App(world, setup.secret).code(), world.wall.now)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert isinstance(first_half(world), staff.HalfSignedIn)
    assert second_factor.setup_of(database, kim, "Harbor") is None
    with pytest.raises(NotAllowed):
        second_factor.set_up(database, kim, world.wall.now)


def test_secret_and_codes_are_not_readable_in_the_database(world: World, kim: staff.SignedIn) -> None:
    database = world.parts.database
    second_factor.set_up(database, kim, world.wall.now)
    setup = second_factor.setup_of(database, kim, "Harbor")
    assert setup is not None
    codes = second_factor.confirm(database, kim, App(world, setup.secret).code(), world.wall.now)
    with database.read() as session:
        kept = session.scalars(select(SecondFactor.secret_sealed)).one()
        hashes = b"".join(session.scalars(select(RecoveryCode.code_hash)).all())
    assert setup.secret.encode() not in kept
    assert all(code.replace("-", "").encode() not in hashes for code in codes)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_signs_in_though_the_phone_is_half_a_minute_off(world: World, app: App, steps: int) -> None:
    world.wall.advance(timedelta(minutes=1))
    assert finish(world, app.code(steps)).name == "Kim"


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_an_older_or_later_code_does_not(world: World, app: App, steps: int) -> None:
    with pytest.raises(NotAllowed, match="not right"):
        finish(world, app.code(steps))


def test_a_code_is_taken_once_and_none_before_it(world: World, app: App) -> None:
    code, before = app.code(), app.code(-1)
    finish(world, code)
    for used in (code, before):
        with pytest.raises(NotAllowed, match="used before"):
            finish(world, used)


def test_the_code_that_confirmed_the_app_does_not_sign_in(world: World, app: App) -> None:
    with pytest.raises(NotAllowed):
        finish(world, app.code(-1))


def test_of_two_who_have_one_code_one_is_let_in(world: World, app: App) -> None:
    halves = [first_half(world), first_half(world)]
    code = app.code()

    def come_in(number: int) -> bool:
        half = halves[number]
        assert isinstance(half, staff.HalfSignedIn)
        try:
            second_factor.finish_sign_in(world.parts.database, half.token, code, HERE, world.wall.now)
        except NotAllowed:
            return False
        return True

    assert set(at_once(lambda: come_in(0), lambda: come_in(1))) == {False, True}


def test_a_half_sign_in_opens_nothing_and_does_not_last(world: World, app: App) -> None:
    half = first_half(world)
    assert isinstance(half, staff.HalfSignedIn)
    assert staff.resume_session(world.parts.database, half.token, world.wall.now) is None
    world.wall.advance(timedelta(minutes=11))
    with pytest.raises(NotAllowed, match="too long"):
        second_factor.finish_sign_in(world.parts.database, half.token, app.code(), HERE, world.wall.now)


def test_a_link_asks_for_the_code_too(world: World, app: App) -> None:
    token = staff.make_sign_in_link(world.parts.database, EMAIL, world.wall.now)
    assert isinstance(staff.use_sign_in_link(world.parts.database, token, world.wall.now), staff.HalfSignedIn)


def test_guessing_codes_is_slowed_down_though_the_password_is_right(world: World, app: App) -> None:
    for _ in range(second_factor.TRIES):
        with pytest.raises(NotAllowed, match="not right"):
            finish(world, "000000")
    with pytest.raises(NotAllowed, match="Too many tries"):
        finish(world, app.code())
    world.wall.advance(timedelta(minutes=16))
    assert finish(world, app.code()).name == "Kim"


def test_a_recovery_code_works_once_as_people_type_it(world: World, app: App, kim: staff.SignedIn) -> None:
    codes = second_factor.new_codes(world.parts.database, kim, world.wall.now)
    finish(world, codes[0].lower().replace("-", " "))
    with pytest.raises(NotAllowed):
        finish(world, codes[0])
    assert second_factor.state(world.parts.database, kim.coordinator_id).codes_left == 9
    newer = second_factor.new_codes(world.parts.database, kim, world.wall.now)
    with pytest.raises(NotAllowed):
        finish(world, codes[1])
    finish(world, newer[1])


def test_somebody_who_lost_the_app_is_let_in_without_it(world: World, app: App, kim: staff.SignedIn) -> None:
    database = world.parts.database
    second_factor.remove(database, kim.coordinator_id, SYSTEM, world.wall.now)
    assert staff.resume_session(database, kim.token, world.wall.now) is None
    assert isinstance(first_half(world), staff.SignedIn)
    with pytest.raises(NotFound):
        second_factor.new_codes(database, kim, world.wall.now)


def test_setting_it_up_ends_the_other_sessions(world: World, kim: staff.SignedIn) -> None:
    database = world.parts.database
    other = first_half(world)
    assert isinstance(other, staff.SignedIn)
    second_factor.set_up(database, kim, world.wall.now)
    setup = second_factor.setup_of(database, kim, "Harbor")
    assert setup is not None
    second_factor.confirm(database, kim, App(world, setup.secret).code(), world.wall.now)
    assert staff.resume_session(database, other.token, world.wall.now) is None
    assert staff.resume_session(database, kim.token, world.wall.now) is not None


def test_a_proof_is_a_password_or_a_code_and_is_throttled(
    world: World, app: App, kim: staff.SignedIn
) -> None:
    database = world.parts.database
    for given in (PASSWORD, app.code()):
        world.wall.advance(timedelta(seconds=1))
        second_factor.prove(database, kim, given, HERE, world.wall.now)
        found = staff.resume_session(database, kim.token, world.wall.now)
        assert found is not None
        assert found.proved_at == world.wall.now
    for _ in range(second_factor.TRIES):
        with pytest.raises(NotAllowed, match="neither"):
            second_factor.prove(database, kim, "a guess", HERE, world.wall.now)
    with pytest.raises(NotAllowed, match="Too many"):
        second_factor.prove(database, kim, PASSWORD, HERE, world.wall.now)
