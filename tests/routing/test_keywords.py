from datetime import timedelta

import pytest

from service.routing.keywords import PAUSE_DEFAULT, PAUSE_LONGEST, PAUSE_SHORTEST, Keyword, read_keyword


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("START", "start"), ("Unstop", "start"), ("start please", "start"),
        ("JOIN", "join"), ("join!", "join"), ("Unirme", "join"),
        ("YES", "yes"), ("yes.", "yes"), ("Sí", "yes"), ("no", "no"), ("NO!!", "no"),
        ("HELP", "help"), ("help help", "help"), ("help me", "help"), ("INFO", "help"), ("ayuda", "help"),
        ("menu", "menu"), ("M E N U", "menu"), ("temas", "menu"),
        ("MORE", "more"), ("más", "more"), ("tell me more", "more"), ("more pls", "more"),
        ("resume", "resume"), ("reanudar", "resume"),
        ("español", "espanol"), ("ESPANOL", "espanol"), ("en español por favor", "espanol"),
        ("English", "english"), ("inglés", "english"),
        ("TALK", "talk"), ("talk to someone", "talk"), ("hablar", "talk"),
    ],
)  # fmt: skip
def test_words(text: str, name: str) -> None:
    assert read_keyword(text) == Keyword(name)


@pytest.mark.parametrize("text", ["SLIP", "slip.", "RELAPSE", "recaída"])
def test_slip_opens_relapse(text: str) -> None:
    assert read_keyword(text) == Keyword("slip", topic="relapse")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("CRAVING", "cravings"), ("urge", "cravings"), ("antojo", "cravings"), ("sick", "withdrawal"),
        ("malilla", "withdrawal"), ("MEDS", "mat"), ("MEETINGS", "meetings"), ("NA", "meetings"),
        ("family", "family"), ("familia", "family"), ("subs", "buprenorphine"), ("narcan", "harm-reduction"),
        ("iop", "outpatient-programs"), ("vivitrol", "naltrexone"), ("pwd", "precipitated-withdrawal"),
        ("coach", "coaching"), ("rehab", "rehab"), ("metadona", "methadone"), ("Craving please", "cravings"),
    ],
)  # fmt: skip
def test_menu_words(text: str, topic: str) -> None:
    assert read_keyword(text) == Keyword("topic", topic=topic)


@pytest.mark.parametrize(
    "text",
    ["", "hi", "yes i took it", "no ride", "help my son", "i want to join", "start subs", "n/a",
     "menu of meetings", "more than one", "sick of this", "i relapsed last night", "no puedo", "STOP",
     "the start", "info about subs", "strat", "joim"],
)  # fmt: skip
def test_other_texts_are_no_keywords(text: str) -> None:
    assert read_keyword(text) is None


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("PAUSE", PAUSE_DEFAULT),
        ("pause please", PAUSE_DEFAULT),
        ("PAUSE 3 DAYS", timedelta(days=3)),
        ("pause 2", timedelta(days=2)),
        ("pause 3d", timedelta(days=3)),
        ("pause for a week", timedelta(days=7)),
        ("pause a few days", timedelta(days=3)),
        ("pause 12 hours", timedelta(hours=12)),
        ("pause 2wks", timedelta(days=14)),
        ("pause the texts for 2 weeks please", timedelta(days=14)),
        ("pausa 3 días", timedelta(days=3)),
        ("pausa una semana", timedelta(days=7)),
        ("hold 2 days", timedelta(days=2)),
        ("pause for 1 month", timedelta(days=30)),
        ("pause 1 year", PAUSE_LONGEST),
        ("pause 99999 days", PAUSE_LONGEST),
        ("pause 0 days", PAUSE_SHORTEST),
        ("pause 10 minutes", PAUSE_SHORTEST),
        ("pause until monday", PAUSE_DEFAULT),
        ("pause for the weekend", PAUSE_DEFAULT),
    ],
)
def test_pause(text: str, span: timedelta) -> None:
    assert read_keyword(text) == Keyword("pause", pause=span)


@pytest.mark.parametrize("text", ["pause my meds", "hold on", "snooze", "pauses", "should i pause subs"])
def test_no_pause(text: str) -> None:
    assert read_keyword(text) is None
