"""Writing down in one statement what a whole batch of calls ended in: texts taken, questions asked."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, literal, null, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text, Uuid

from service.store.schema import Message, Prompt

QUIETLY = {"synchronize_session": False}

_ACCEPTED = """
    UPDATE messages SET
      gateway_sid = taken.sid,
      sent_at = :now,
      reason = CASE WHEN status IN ('queued', 'sending', 'unknown') THEN NULL ELSE reason END,
      error_code = CASE WHEN status IN ('queued', 'sending', 'unknown') THEN NULL ELSE error_code END,
      status = CASE WHEN status IN ('queued', 'sending', 'unknown') THEN 'sent' ELSE status END
    FROM {taken}
    WHERE messages.id = taken.id AND body_sealed IS NOT NULL
    RETURNING messages.id
"""
_ACCEPTED_ON_POSTGRES = (
    text(_ACCEPTED.format(taken="unnest(:ids, :sids) AS taken(id, sid)"))
    .bindparams(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("sids", type_=ARRAY(Text())),
        bindparam("now", type_=Message.sent_at.type),
    )
    .columns(id=Uuid())
)
_ACCEPTED_ON_SQLITE = (
    text(
        _ACCEPTED.format(
            taken="(SELECT value ->> 0 AS id, value ->> 1 AS sid FROM json_each(:pairs)) AS taken"
        )
    )
    .bindparams(bindparam("now", type_=Message.sent_at.type))
    .columns(id=Uuid())
)


def accepted(session: Session, sids: Mapping[uuid.UUID, str], now: datetime) -> set[uuid.UUID]:
    """Record in one statement that the gateway has these texts, under its ids; those recorded.

    A receipt may have been faster: then the status has moved already and stays. A text whose words were
    erased meanwhile is left out, because its id must be treated with care.
    """
    if session.get_bind().dialect.name == "sqlite":
        pairs = json.dumps([[message_id.hex, sid] for message_id, sid in sids.items()])
        found = session.execute(_ACCEPTED_ON_SQLITE, {"pairs": pairs, "now": now})
    else:
        found = session.execute(
            _ACCEPTED_ON_POSTGRES, {"ids": list(sids), "sids": list(sids.values()), "now": now}
        )
    return {row.id for row in found}


def asked(
    session: Session,
    messages_of: Mapping[uuid.UUID, int],
    now: datetime,
    act_at: Mapping[tuple[Any, int], datetime],
) -> None:
    """Note in one statement that these questions have gone out: `messages_of` names each text's prompt.

    `act_at` says by kind and number of askings when each is looked at next. A question that a faster
    receipt has noted already is left alone.
    """
    due_at = (
        select(Message.send_after)
        .where(Message.prompt_id == Prompt.id, Message.id.in_(list(messages_of)))
        .order_by(Message.send_after.desc())
        .limit(1)
        .scalar_subquery()
    )
    when = case(
        *(
            (and_(Prompt.kind == kind, Prompt.times_asked == times), literal(at, Prompt.act_at.type))
            for (kind, times), at in act_at.items()
        ),
        else_=Prompt.act_at,
    )
    session.execute(
        update(Prompt)
        .where(
            Prompt.id.in_(sorted(set(messages_of.values()))),
            or_(Prompt.asked_at.is_(None), Prompt.asked_at < due_at),
        )
        .values(asked_at=now, act_at=case((Prompt.act_at.is_(None), null()), else_=when))
        .execution_options(**QUIETLY)
    )
