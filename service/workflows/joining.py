"""Asking to join on the public page: one text to the number, and only the YES from there signs up.

Whoever fills in the page may not be whoever holds the phone. So nothing that it answers says whether a
number is known, and a number gets no more texts by it than staff could send.
"""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.domain.consent import ConsentSource, ConsentStatus
from service.domain.errors import BadInput, TooMany
from service.domain.phone import parse_phone
from service.domain.programme import Programme
from service.guide.languages import spoken
from service.guide.words import Words
from service.store import consents, counting, participants, withdrawals
from service.store.audit import SYSTEM
from service.store.engine import Database
from service.store.schema import Participant
from service.store.sealing import index_of
from service.workflows import consent_steps
from service.workflows.enrolment import LONGEST_NAME
from service.workflows.staff import network_of
from service.workflows.wording import Said

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_PER_NUMBER = 3  # a day
MOST_PER_ADDRESS = 20  # an hour: a whole room may share one
MOST_IN_ALL = 100  # an hour
AGAIN_AFTER = timedelta(days=30)
"""How long after an invitation that ran out this page may bring another."""
NOTE = "Asked for on the public page /join"

AGREEMENT = {
    "en": (
        "I agree to get recurring automated texts from {programme} at this number: check-ins, the reminders "
        "I choose, and answers to what I text. How many depends on what I choose, from one a week to a few a "
        "day. Message and data rates may apply. Reply STOP at any time to end them, HELP for help. Agreeing "
        "is not a condition of any treatment, service or purchase."
    ),
    "es": (
        "Acepto recibir mensajes de texto automáticos y recurrentes de {programme} en este número: preguntas "
        "sobre cómo estoy, los recordatorios que yo elija y respuestas a lo que escriba. La cantidad depende "
        "de lo que elija, desde uno por semana hasta unos pocos al día. Pueden aplicarse tarifas de mensajes "
        "y datos. Responda STOP en cualquier momento para terminar, HELP para ayuda. Aceptar no es condición "
        "para ningún tratamiento, servicio o compra."
    ),
}
AGREEMENT_VERSION = 1
"""To be raised whenever AGREEMENT changes: the ledger keeps it beside each consent. A test sees to it."""


def agreement(words: Words, language: str) -> Said:
    """What the box on the page says, and the version that the ledger keeps."""
    language = spoken(language)
    body = AGREEMENT[language].format(programme=words.house["programme"])
    return Said(body, f"join_page@{language}-{AGREEMENT_VERSION}")


def check_name(name: str) -> str:
    """A name as a stranger may give it: staff will read it, so no link and no number. Raises BadInput."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise BadInput(f"Shorten the name to {LONGEST_NAME} characters.")
    if not all(char.isalpha() or char in " '’.-" for char in name):
        raise BadInput("Use letters only for the name, or leave it empty.")
    return name


def ask_to_join(
    database: Database,
    words: Words,
    programme: Programme,
    phone: str,
    name: str,
    language: str,
    address: str,
    now: datetime,
    wall: datetime,
) -> None:
    """Send the one invitation, unless the number has had one or wants none. The caller says the same of both.

    `wall` is the machine's clock, by which tries are counted. Raises BadInput for what cannot be a number
    or a name, TooMany when too many ask, neither of which depends on who is known.
    """
    phone, name = parse_phone(phone), check_name(name)
    with database.write() as session:
        counting.prune(session, wall)
        by_address = counting.add(session, f"join:address:{network_of(address)}", wall, HOUR)
        in_all = counting.add(session, "join:all", wall, HOUR)
        by_number = counting.add(session, f"join:number:{phone}", wall, DAY)
    if by_address > MOST_PER_ADDRESS or in_all > MOST_IN_ALL:
        raise TooMany("Too many people are asking just now. Text JOIN instead, or try again in an hour.")
    if by_number > MOST_PER_NUMBER:
        return
    try:
        with database.write() as session:
            _invite(session, words, programme, phone, name, language, now)
    except IntegrityError:
        pass  # the same number twice at once: the other one has invited it


def _invite(
    session: Session, words: Words, programme: Programme, phone: str, name: str, language: str, now: datetime
) -> None:
    person = participants.lock_by_phone(session, phone)
    if person is None:
        if withdrawals.suppression_of(session, index_of(session, phone)) is not None:
            return
        person = participants.add(
            session,
            phone_number=phone,
            name=name,
            language=spoken(language),
            timezone=programme.default_timezone,
            consent=ConsentStatus.INVITED,
            now=now,
        )
    elif not _may_be_asked(session, person, now):
        return
    # A name that is known already stays: a stranger must not rename anybody.
    shown = agreement(words, language)
    consent_steps.invite(session, words, programme, person, ConsentSource.WEB, SYSTEM, now, NOTE, shown)


def _may_be_asked(session: Session, person: Participant, now: datetime) -> bool:
    """Only somebody whose invitation ran out, and not soon after; who said no or stopped, never."""
    if person.consent is not ConsentStatus.LAPSED:
        return False
    last = consents.last_invitation(session, person.id)
    return last is None or last.at < now - AGAIN_AFTER
