"""Asking Twilio what it has: its list, texts that were missed, and blanking words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.domain.gateway_errors import Reaction
from service.domain.message import MessageStatus
from service.gateways import twilio
from service.gateways.base import GatewayUnavailable
from tests.gateways.conftest import ANA
from tests.twilio_double import script
from tests.twilio_double.double import TwilioDouble
from tests.twilio_double.post import always_taken

NOON = datetime(2026, 3, 2, 12, 0, 0, 700_000, tzinfo=UTC)
BEN = "+15005550124"


def at(double: TwilioDouble, moment: datetime) -> None:
    double.clock = lambda: moment


def test_a_text_with_a_lost_answer_is_found(twilio_double, twilio_gateway, text_to):
    at(twilio_double, NOON)
    twilio_double.script(script.server_error(500, accepts=True))
    twilio_gateway.send(text_to(body="Lost words"))
    twilio_gateway.send(text_to(to=BEN))

    (record,) = twilio_gateway.find_sent(ANA, since=NOON)
    (kept,) = twilio_double.sent_to(ANA)
    assert record.gateway_sid == kept.sid
    assert record.body == "Lost words"
    assert record.raw_status == "accepted"
    assert record.status is MessageStatus.SENT
    assert record.created_at == NOON.replace(microsecond=0)
    assert record.error_code is None
    assert "Lost" not in repr(record)


def test_what_was_not_accepted_is_not_found(twilio_double, twilio_gateway, text_to):
    twilio_double.script(script.server_error(503))
    twilio_gateway.send(text_to())
    assert twilio_gateway.find_sent(ANA, since=NOON) == []


def test_only_our_texts_since_then_are_found_oldest_first(twilio_double, twilio_gateway, text_to):
    for minutes, body in ((-2000, "ages ago"), (-1, "before"), (1, "first"), (2, "second")):
        at(twilio_double, NOON + timedelta(minutes=minutes))
        twilio_gateway.send(text_to(body=body))
    twilio_double.receive(BEN, "not ours", heard=False)
    failed = twilio_double.sent[-1]
    twilio_double.post = always_taken
    twilio_double.report(failed.sid, "failed", 30036)

    found = twilio_gateway.find_sent(ANA, since=NOON)
    assert [record.body for record in found] == ["first", "second"]
    assert found[1].status is MessageStatus.EXPIRED
    assert found[1].error_code == 30036


def test_the_list_is_read_page_by_page_and_no_further_than_needed(
    twilio_double, twilio_gateway, text_to, monkeypatch
):
    monkeypatch.setattr(twilio, "PAGE_SIZE", 3)
    for minute in range(-10, 5):
        at(twilio_double, NOON + timedelta(minutes=minute))
        twilio_gateway.send(text_to(body=f"{minute}"))
    twilio_double.calls.clear()

    found = twilio_gateway.find_sent(ANA, since=NOON)
    assert [record.body for record in found] == ["0", "1", "2", "3", "4"]
    assert len(twilio_double.calls) == 3  # five of ours are on two pages; the third has none


def test_texts_missed_while_the_webhook_was_down_are_fetched(
    twilio_double, twilio_gateway, text_to, monkeypatch
):
    monkeypatch.setattr(twilio, "PAGE_SIZE", 2)
    for minutes, body in ((-60, "long before"), (1, "STOP"), (2, "help 😀"), (3, "4")):
        at(twilio_double, NOON + timedelta(minutes=minutes))
        twilio_double.receive(ANA, body, heard=False)
        twilio_gateway.send(text_to(to=BEN))

    eastern = NOON.astimezone(ZoneInfo("America/New_York"))
    missed = list(twilio_gateway.fetch_inbound_since(eastern))
    assert [m.text.body for m in missed] == ["4", "help 😀", "STOP"]
    last = missed[0]
    assert last.text.from_number == ANA
    assert last.text.to_number == twilio_double.number
    assert last.text.opt_out_type is None
    assert last.text.gateway_sid == next(t.sid for t in twilio_double.texts if t.body == "4")
    assert last.received_at == (NOON + timedelta(minutes=3)).replace(microsecond=0)


def test_with_one_number_only_its_texts_are_asked_for(twilio_double):
    gateway = twilio.TwilioGateway(
        twilio_double.account_sid,
        twilio_double.auth_token,
        from_number=twilio_double.number,
        api_base_url=twilio_double.base_url,
    )
    twilio_double.receive(ANA, "hi", media_count=1, heard=False)
    (missed,) = gateway.fetch_inbound_since(datetime.now(UTC) - timedelta(minutes=1))
    gateway.close()
    assert missed.text.media_count == 1
    assert ("To", twilio_double.number) in twilio_double.calls[0].query


def test_one_unreadable_text_does_not_hide_the_others(twilio_double, twilio_gateway):
    at(twilio_double, NOON)
    twilio_double.receive("", "from nobody", heard=False)
    twilio_double.receive(ANA, "from Ana", heard=False)
    missed = list(twilio_gateway.fetch_inbound_since(NOON))
    assert [m.text.body for m in missed] == ["from Ana"]


def test_words_are_blanked_once_the_text_has_ended(twilio_double, twilio_gateway, text_to):
    sid = twilio_gateway.send(text_to(body="Private")).gateway_sid
    with pytest.raises(GatewayUnavailable, match="20009"):
        twilio_gateway.redact(sid)
    twilio_double.post = always_taken
    twilio_double.report(sid, "delivered")

    twilio_gateway.redact(sid)
    twilio_gateway.redact(sid)
    assert twilio_double.find(sid).body == ""
    assert twilio_double.find(sid).to == ANA


def test_blanking_what_is_gone_is_a_success(twilio_gateway):
    twilio_gateway.redact("SM" + "0" * 32)


@pytest.mark.parametrize(
    ("fault", "reaction"),
    [
        (script.server_error(503), Reaction.RETRY_SPACED),
        (script.refuse(20003, 401), Reaction.PAUSE_ALL),
        (script.too_fast(), Reaction.SLOW_DOWN),
        (script.reset(accepts=False), Reaction.RETRY_SPACED),
    ],
)
def test_a_question_without_an_answer_can_be_asked_again(
    twilio_double, twilio_gateway, text_to, fault, reaction
):
    sid = twilio_gateway.send(text_to()).gateway_sid
    twilio_double.reads_fail_with = fault
    for ask in (
        lambda: twilio_gateway.find_sent(ANA, NOON),
        lambda: list(twilio_gateway.fetch_inbound_since(NOON)),
        lambda: twilio_gateway.redact(sid),
    ):
        with pytest.raises(GatewayUnavailable) as failure:
            ask()
        assert failure.value.reaction is reaction
        assert ANA not in str(failure.value)
