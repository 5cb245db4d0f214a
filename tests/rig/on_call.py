"""Staff with phones, and a rota, for stories about paging."""

from collections.abc import Iterable
from datetime import time

from sqlalchemy import select

from service.domain.message import MessageStatus
from service.domain.rota import RotaRole
from service.domain.staff import Role
from service.store import staff
from service.store.schema import Message, Page
from service.workflows import rota, staff_phones
from tests.rig.world import STAFF, World

DANA, LEE, SUE, ADA = "+12025550151", "+12025550152", "+12025550153", "+12025550154"
EVERY_DAY = range(7)
MIDNIGHT = time()


def hire(world: World, name: str, phone: str = "", role: Role = Role.COORDINATOR) -> int:
    """A member of staff; with a phone, one that has said YES. Nobody signs in, so there is no password."""
    with world.parts.database.write() as session:
        email = f"{name.lower()}@example.org"
        added = staff.add(session, email=email, name=name, role=role, password_hash=None, now=world.now)
        coordinator_id: int = added.id
    if phone:
        enter(world, coordinator_id, phone)
        if world.parts.phone is not None:
            world.settle()
        world.text(phone, "YES")
    return coordinator_id


def enter(world: World, coordinator_id: int, phone: str) -> None:
    """A phone that is yet to say YES."""
    parts = world.parts
    staff_phones.enter_phone(parts.database, parts.words, coordinator_id, phone, STAFF, world.now)


def put_on_call(
    world: World,
    person: int,
    role: RotaRole = RotaRole.FIRST,
    hours: tuple[time, time] = (MIDNIGHT, MIDNIGHT),
    days: Iterable[int] = EVERY_DAY,
) -> None:
    """Day and night, unless hours are given."""
    rota.add_shifts(world.parts.database, person, role, set(days), *hours, STAFF, world.now)


def three_on_call(world: World) -> tuple[int, int, int]:
    """Dana first, Lee second, Sue supervises; all the time."""
    people = hire(world, "Dana", DANA), hire(world, "Lee", LEE), hire(world, "Sue", SUE)
    for person, role in zip(people, RotaRole, strict=True):
        put_on_call(world, person, role)
    return people


def pages_on(world: World, phone: str) -> list[str]:
    """The pages that a phone shows, oldest first."""
    return [body for body in world.shown(phone) if " alert " in body and "someone needs a call" in body]


def page_statuses(world: World) -> list[tuple[int, MessageStatus]]:
    """(step, status) of every page, oldest first."""
    with world.parts.database.read() as session:
        rows = session.execute(
            select(Page.step, Message.status).join(Message, Message.id == Page.message_id).order_by(Page.id)
        )
        return [(step, status) for step, status in rows]
