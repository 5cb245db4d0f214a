"""The table of error codes: complete, and written for people."""

import pytest

from service.domain.gateway_errors import NOT_AGAINST_THE_TEXT, REACTIONS, Reaction, meaning_of

R = Reaction

CALLS_FOR = [
    (R.PAUSE_ALL, 20003, 30002, 20404, 21606, 21608, 21659, 30034),
    (R.SLOW_DOWN, 20429, 21611, 30001),
    (R.BAD_NUMBER, 21211, 21214, 21217, 21408, 21612, 21614, 21635, 30005, 30006, 30640),
    (R.OPT_OUT, 21610),
    (R.RETRY_SPACED, 30003),
    (R.RETRY_ONCE, 30008),
    (R.FAIL, 30004),
    (R.FAIL_AND_REVIEW, 21617, 30019, 30007, 30024),
    (R.EXPIRED, 30036),
    (R.RESCHEDULE, 30610),
]


@pytest.mark.parametrize(("code", "reaction"), [(code, row[0]) for row in CALLS_FOR for code in row[1:]])
def test_each_code_calls_for_one_reaction(code, reaction):
    meaning = meaning_of(code)
    assert (meaning.code, meaning.reaction) == (code, reaction)
    assert meaning_of(code, 500) == meaning  # the code says more than the HTTP status


def test_every_reaction_has_a_code():
    assert {meaning.reaction for meaning in REACTIONS.values()} == set(Reaction)


@pytest.mark.parametrize("code", sorted(REACTIONS))
def test_meanings_are_sentences_a_coordinator_can_read(code):
    meaning = REACTIONS[code]
    for words in (meaning.plain, meaning.mend):
        assert words[0].isupper()
        assert words.endswith(".")
        assert len(words) < 120


@pytest.mark.parametrize("code", [None, 0, 12345, 99999])
@pytest.mark.parametrize("http_status", [None, 400, 409, 500])
def test_what_nobody_mapped_is_shown_and_not_retried(code, http_status):
    meaning = meaning_of(code, http_status)
    assert (meaning.code, meaning.reaction) == (code, Reaction.FAIL)
    assert code is None or str(code) in meaning.plain


@pytest.mark.parametrize(
    ("http_status", "reaction"),
    [(401, R.PAUSE_ALL), (403, R.PAUSE_ALL), (404, R.PAUSE_ALL), (429, R.SLOW_DOWN)],
)
@pytest.mark.parametrize("code", [None, 99999])
def test_without_a_known_code_the_http_status_decides(code, http_status, reaction):
    meaning = meaning_of(code, http_status)
    assert (meaning.code, meaning.reaction) == (code, reaction)


def test_a_retry_is_never_against_an_opt_out_or_a_filter():
    assert not NOT_AGAINST_THE_TEXT & {R.OPT_OUT, R.BAD_NUMBER, R.FAIL, R.FAIL_AND_REVIEW}
