"""Opting out and in: the words, and one's own words. Nobody may be taken off the list by mistake."""

import pytest

from service.routing.keywords import is_opt_out_keyword, leading_stop
from service.routing.opting_out import hints_at_opt_out, is_opt_in_freeform, is_opt_out_freeform
from service.routing.reading import Reading
from service.routing.router import Lane, understand
from tests.routing.rowfiles import read_rows

ROW_FILES = ("safety", "safety_voices", "safety_third", "safety_fourth", "topics", "topics_voices")

STOP = [
    "STOP",
    "stop",
    "Stop.",
    "S T O P",
    "s.t.o.p",
    "S-T-O-P",
    "STOP!!!",
    "ＳＴＯＰ",
    "s\u200bt\u200bo\u200bp",
    "STOP STOP STOP",
    "stoppp",
    "STOOOOP",
    "please stop",
    "stop pls",
    "Stop please",
    "para por favor",
    "STOP - Maria",
    "STOP. thanks",
    "Stop, thanks",
    "stop thank you",
    "STOP - J. Diaz",
    "STOP\nMaria Lopez",
    "🛑",
    "🛑🛑",
    "STOP 🛑",
    "stop 😡",
    "'STOP'",
    '"stop"',
    "(STOP)",
    "STOPALL",
    "stop all",
    "Unsubscribe",
    "CANCEL",
    "End",
    "quit",
    "QUIT",
    "Revoke",
    "OPTOUT",
    "opt out",
    "opt-out",
    "Opt Out.",
    "alto",
    "Para",
    "PARAR",
    "basta",
    "¡Basta!",
    "cancelar",
    "sotp",
    "stpo",
    "STOP unsubscribe",
    "stopstop",
    "🅂🅃🄾🄿",
    "ЅТОР",
    "Stop ok",
    "STOP NOW",
    "CANCEL please",
    "s t o p  please",
    "stop.stop.stop",
    "STOP - Mark",
    "Stop, Grace",
    "STOP — Ana María",
    "🛑 🛑",
    "stopalllll",
]

# Not the whole text, or not about our texts.
NOT_STOP = [
    "i want to quit",
    "quit heroin",
    "stop using",
    "how do i stop",
    "cant stop",
    "stop - using",
    "STOP - Using",
    "Stop, Breathing",
    "stop drinking",
    "the end",
    "i quit",
    "end it",
    "cancel my appointment",
    "top",
    "stopped",
    "para mi",
    "para que",
    "Stop. Help",
    "STOP it hurts",
    "one stop",
    "dont stop",
    "don't stop",
    "bus stop",
    "stop by later",
    "Stop, Jail",
    "STOP - Heroin",
    "quit smoking",
    "weekend",
    "",
    "   ",
    "👍",
    "opt",
    "ok",
    "cancel thursday",
    "End of the day",
    "stop craving",
    "no",
    "STOP HIM",
    "stop the pain",
    "make it stop",
    "stop it",
    "stop this pain",
    "i want to stop",
    "para qué",
    "no más dolor",
    "can you stop",
    "STOP i want to die",
]

OWN_WORDS = [
    "stop texting me",
    "Please stop texting me",
    "please take me off this list",
    "dont text this number again",
    "don’t text me anymore",
    "no more messages",
    "no more texts please",
    "leave me alone",
    "just leave me alone",
    "quit sending me these",
    "no me manden mas mensajes",
    "bórrame de la lista",
    "stop sending me messages",
    "can you stop texting me",
    "would you please stop contacting me",
    "i want you to stop texting me",
    "unsubscribe me",
    "remove me from this list",
    "remove my number",
    "take me off",
    "take me off the list",
    "take my number off ur list",
    "i dont want these texts anymore",
    "i don't want to get these messages",
    "i no longer wish to receive texts",
    "i want out of these texts",
    "how do i unsubscribe",
    "how do i stop these texts",
    "how do i get off this list",
    "stop blowing up my phone",
    "quit blowing up my phone",
    "lose my number",
    "do not contact me again",
    "dont contact me",
    "im done with these texts",
    "i didnt sign up for this stop texting",
    "wrong number stop texting me",
    "cancel my subscription",
    "opt me out",
    "I'd like to opt out",
    "i want to opt out of texts",
    "please delete my number",
    "stop bothering me",
    "stop harassing me",
    "quit bugging me",
    "ya no me escriban",
    "ya no quiero mensajes",
    "no quiero recibir mas mensajes",
    "dejen de mandarme mensajes",
    "dejame en paz",
    "quitenme de la lista",
    "deja de escribirme",
    "quiero cancelar los mensajes",
    "STOP TEXTING ME!!!",
    "ok you can stop texting me now im good",
    "im busy stop texting me",
    "u guys need to stop texting me",
    "yall text too much stop texting me",
    "please dont send me any more texts",
    "dont send me anything else",
    "no more reminders",
    "turn off the texts",
    "end these messages",
    "i would like to be removed from your list",
    "i dont wanna be texted anymore",
    "not interested",
    "take this number off your list",
    "fuck off",
    "i revoke my consent",
    "stop messaging this number",
    "enough with the texts",
    "no thanks stop texting",
    "por favor ya no me manden textos",
    "saquenme de esta lista",
    "i dont want this service anymore stop",
    "kindly remove me from the list",
    "please discontinue these messages",
    "get me off this list",
    "i never signed up for these texts, remove me",
    "this is not for me take me off please",
    "its annoying stop sending these",
    "stop with the texts",
    "can i stop getting these messages",
    "pls quit texting me",
    "you need to stop messaging me",
    "quit texting my phone",
    "Stop all these texts",
    "i asked you to stop texting me",
    "I said stop",
    "why do you keep texting me stop",
    "quit hittin my phone up",
    "get off my phone",
    "enough already with these",
    "no longer interested",
    "i no longer want to participate",
    "i dont want to do the texts anymore",
    "i want the texts to stop",
    "make the texts stop",
    "make these stop",
    "can these stop",
    "please refrain from texting me",
    "cease and desist",
    "dont u ever text me again",
    "stop it with the texts",
    "turn these off",
    "lay off the texts",
    "take my name off",
    "pls remove",
    "remove pls",
    "take this number off",
    "how do i get these to stop",
    "how do i turn this off",
    "i already opted out",
    "i unsubscribed why am i still getting these",
    "i told yall to stop",
    "said stop already",
    "i texted stop",
    "block me",
    "reported as spam",
    "i dont consent to this",
    "not me stop texting",
    "this aint him quit texting",
    "wrong number please remove",
    "you have the wrong number stop",
    "dont use this number",
    "stop using my number",
    "sick of these texts stop",
    "done with these messages",
    "done with yall texting me",
    "end service",
    "please discontinue",
    "get me off this thing",
    "i quit this text thing",
    "dejen mi numero",
    "baja",
    "cancelen esto",
    "ya no quiero recibir nada",
    "ya no quiero nada de ustedes",
    "ya parenle",
    "no more reminders for me",
    "erase me from your list",
    "drop me off the list",
    "im done getting texts",
    "i withdraw my consent",
    "unsub me pls",
    "leave me be",
    "hey im doing fine now u can quit texting",
    "no need to text me anymore",
    "theres no need for these texts",
    "u dont have to text me anymore",
    "you dont need to keep texting me",
    "plz quit w these msgs",
    "im asking u nicely to stop texting",
    "stop contacting me or ill call a lawyer",
    "do me a favor and lose my number",
    "kindly stop",
    "can yall please stop",
    "would u stop",
    "please just stop",
    "just stop",
    "stop now",
    "stop please im begging",
    "i dont want ur help stop texting",
    "i got help elsewhere take me off ur list",
    "moved to another program pls remove me from texts",
    "not doing this anymore take me off",
    "i pay per text stop sending",
    "phone is about to be shut off stop the texts",
    "new number not mine stop",
    "quit spamming me",
    "spam stop",
    "get this off my phone",
    "no more of these",
    "no more of these messages please",
    "none of these texts please",
    "dont message",
    "do not reply to me",
    "do not contact this phone number for any reason",
    "remove me permanently",
    "permanently remove my number",
    "opt-out please",
    "OPT ME OUT!!",
    "i opt out",
    "i would like to unsubscribe",
    "i'd like to stop receiving messages",
    "i would like to stop these notifications",
    "please cancel my enrollment in texts",
    "unenroll me",
    "withdraw me from the text program",
    "take me out of this",
    "take me out of the program",
    "i dont want to participate in this anymore",
    "not for me thanks, remove",
    "i dont need reminders",
    "i dont need the reminders anymore",
    "quit reminding me",
    "stop reminding me",
    "ya estuvo con los mensajes",
    "ya no me texteen",
    "no mas por favor",
    "por favor paren los mensajes",
    "alto a los mensajes",
    "no me manden mas",
    "no me sigan escribiendo",
    "dejen de textearme",
    "me pueden quitar de la lista",
    "pueden dejar de mandarme mensajes",
    "no necesito mas mensajes",
    "quita mi numero por favor",
    "quitame de aqui",
    "borrame",
    "ya borrame de la lista",
    "no autorizo que me escriban",
]

NOT_OWN_WORDS = [
    "dont stop texting me",
    "please dont stop texting me",
    "my dealer wont stop texting me",
    "how do i stop",
    "tell my ex to stop texting me",
    "my ex wont leave me alone",
    "i want to quit",
    "i cant stop using",
    "stop the cravings",
    "make the pain stop",
    "how do i get my ex to stop texting me",
    "my old friends keep texting me",
    "take me off this medicine",
    "take me off methadone",
    "remove me from the clinic list",
    "can i stop taking subs",
    "how do i stop taking suboxone",
    "i dont want to be here anymore",
    "i dont want to do this anymore",
    "leave me alone with my kids",
    "the cravings wont leave me alone",
    "no more heroin",
    "no more pain",
    "i dont want to use anymore",
    "i dont want meds",
    "i dont want to go to meetings",
    "should i delete my dealers number",
    "i blocked my dealer",
    "i deleted my plugs number",
    "i want out of this life",
    "im done with this life",
    "im done with heroin",
    "cancel my appointment",
    "cancel thursday",
    "stop by at 5",
    "should i stop texting my ex",
    "i need to stop texting him",
    "can you text me later",
    "dont text me at work",
    "dont forget to text me",
    "no messages from my sponsor",
    "my phone wont get your texts",
    "i want to end it",
    "i want to stop",
    "quit texting me at 3am",
    "i dont get these messages till late",
    "why did you stop texting me",
    "u stopped texting me",
    "no quiero usar mas",
    "ya no quiero vivir",
    "no quiero ir a la reunion",
    "dejame hablar con alguien",
    "quiero dejar de usar",
    "para de doler",
    "no me dejen solo",
    "he told me to leave him alone",
    "i want to stop smoking",
    "sign me up for rehab",
    "i wanna be left alone to use",
    "how do i opt out of the meeting",
    "when will the texts stop",
    "go away cravings",
    "i hate these withdrawals i want it to stop",
    "my mom told me to stop texting her",
    "stop texting my brother he is dead",
    "what happens if i text stop",
    "leave me a message",
    "i need to delete my dealers number",
    "stop hitting me",
    "i told him stop",
    "make it stop",
    "i want this to stop",
    "i want it all to stop",
    "enough",
    "ive had enough",
    "im not interested in meetings",
    "im no longer interested in using",
    "how do i cancel my appointment",
    "how do i turn my life around",
    "i told him to stop",
    "he said stop already",
    "i told my dealer to stop texting",
    "i texted my ex stop",
    "block my dealer",
    "he reported me",
    "i never consented to that treatment",
    "stop using heroin",
    "stop using my money for dope",
    "im done with these cravings",
    "tired of these withdrawals",
    "remove the needle",
    "i want the cravings to stop",
    "make the voices stop",
    "can you make the pain stop",
    "i want to quit this stuff",
    "get me off this stuff",
    "get me off heroin",
    "i got off my meds",
    "not him again",
    "when will these stop hurting",
    "no more of this life",
    "i dont want nothing",
    "ya no quiero nada",
    "baja de peso",
    "can these pills stop the cravings",
    "i already said i relapsed",
    "who said stop",
    "he wont stop calling my phone",
    "dont use my name at the meeting",
    "they told me to stop taking subs",
    "should i discontinue the clonidine",
    "spam sandwich",
    "i unsubscribed from my dealers life lol",
    "como quitarme las ganas",
    "como dejar de usar",
    "quiero salir de esto",
    "quiero salir de la droga",
    "necesito salir de aqui",
    "no quiero usar",
    "no quiero que me vean asi",
    "ya basta no aguanto mas",
    "dejen de juzgarme",
    "para el dolor",
    "para los escalofrios",
    "i never asked for this life",
    "i dont need help from my mom",
    "i dont want to be a burden",
    "i dont want to see my family like this",
    "i dont want my kids to see me",
    "i dont like the taste",
    "i dont want any more dope",
    "i dont need no more pills",
    "i never want to see a needle again",
    "i dont want you to worry",
    "i dont want to be contacted by my ex",
    "i dont like texting",
    "i didnt get your message",
    "i never got the text",
    "i dont care anymore",
    "do i need to stop texting my sponsor",
]

BACK_IN = [
    "sign me back up",
    "start texting me again",
    "can you sign me up again",
    "put me back on the list",
    "i want to get the texts again",
    "opt me back in",
    "i accidentally texted stop",
    "resubscribe",
    "i want back in",
    "start sending me messages again",
    "resume my reminders",
    "quiero volver a recibir los mensajes",
    "text me again please",
    "i didnt mean to unsubscribe",
    "can i get the texts again",
    "add me back",
    "i miss the texts",
]

NOT_BACK_IN = [
    "i want to start subs",
    "sign me up for rehab",
    "put me on methadone",
    "i want to start using again",
    "i started again",
    "start me on suboxone",
    "i want to get back on subs",
    "text me later",
    "quiero volver a usar",
    "how do i get back in treatment",
    "i want to be clean again",
    "let me in",
]


@pytest.mark.parametrize("text", STOP)
def test_stop_in_every_form(text: str) -> None:
    assert is_opt_out_keyword(text)


@pytest.mark.parametrize("text", NOT_STOP)
def test_not_a_stop_word(text: str) -> None:
    assert not is_opt_out_keyword(text)


@pytest.mark.parametrize("text", OWN_WORDS)
def test_own_words(text: str) -> None:
    assert is_opt_out_freeform(text) or is_opt_out_keyword(text)


@pytest.mark.parametrize(("label", "text"), read_rows("optout"))
def test_people_never_met(label: str, text: str) -> None:
    assert (is_opt_out_freeform(text) or is_opt_out_keyword(text)) is (label == "out")


@pytest.mark.parametrize(
    "mark", ["", "!!", " 🛑", " please", " pls", "\nMaria Lopez", ". Thanks", " bro", " ok"]
)
@pytest.mark.parametrize("before", ["", "pls ", '"', "hi "])
@pytest.mark.parametrize(
    "word",
    ["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out",
     "alto", "parar", "cancelar", "para", "baja"],
)  # fmt: skip
def test_every_stop_word_in_every_form(word: str, before: str, mark: str) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter != " " else " " for letter in word)
    hidden = "\u200b".join(word)
    drawn_out = word + word[-1] * 5
    for form in (word, word.upper(), word.title(), f"{word} {word} {word}", wide, hidden, drawn_out):
        assert is_opt_out_keyword(before + form + mark), form


@pytest.mark.parametrize("text", [*NOT_OWN_WORDS, *NOT_STOP])
def test_not_asking_us_to_stop(text: str) -> None:
    assert not is_opt_out_freeform(text)
    assert not is_opt_out_keyword(text)


def test_no_other_text_opts_out_or_in() -> None:
    """The texts of the other tests: none of them is about our texts."""
    texts = [text for name in ROW_FILES for _, text in read_rows(name)]
    readers = (is_opt_out_keyword, is_opt_out_freeform, is_opt_in_freeform)
    assert [text for text in texts if any(reader(text) for reader in readers)] == []


@pytest.mark.parametrize("text", BACK_IN)
def test_back_in(text: str) -> None:
    assert is_opt_in_freeform(text)
    assert not is_opt_out_freeform(text)
    assert not is_opt_out_keyword(text)


@pytest.mark.parametrize("text", NOT_BACK_IN)
def test_not_asking_to_be_texted_again(text: str) -> None:
    assert not is_opt_in_freeform(text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("STOP nothing matters anymore", "nothing matters anymore"),
        ("stop. i want to die", "i want to die"),
        ("Stop, leave me", "leave me"),
        ("stop using is hard", None),
        ("STOP USING IS HARD", None),
        ("please STOP it", None),
        ("STOP", None),
    ],
)
def test_a_stop_set_apart_in_front(text: str, rest: str | None) -> None:
    assert leading_stop(text) == rest


LIKELY = "honestly the phone is my sisters and she gets upset, no more of those on it"


def test_a_broad_pattern_counts_only_where_the_table_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hints_at_opt_out(LIKELY)
    assert not is_opt_out_freeform(LIKELY)
    monkeypatch.setattr(Reading, "leaving", 0.1)
    assert understand(LIKELY).opt_out is None
    monkeypatch.setattr(Reading, "leaving", 0.9)
    assert understand(LIKELY).opt_out == "freeform"


@pytest.mark.parametrize("text", ["what a long day at the mill", "is the van late", "banana bread"])
def test_the_table_alone_opts_nobody_out_but_has_the_way_out_told(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reading, "leaving", 0.9)
    assert not hints_at_opt_out(text)
    found = understand(text)
    assert found.opt_out is None
    assert found.may_leave == (found.lane is Lane.OTHER)


@pytest.mark.parametrize(
    "text",
    [
        "dont forget about me",
        "i never want the texts to end",
        "keep em coming",
        "ask the clinic to stop calling",
    ],
)
def test_what_asks_to_stay_excludes_even_the_broad_patterns(text: str) -> None:
    assert not hints_at_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "i was wrong when i asked yall to stop texting",
        "it was a mistake to tell you to quit sending these",
        "put me back on i shouldnt have texted stop",
        "turn my texts back on",
    ],
)
def test_who_takes_a_stop_back_is_not_opted_out(text: str) -> None:
    assert understand(text).opt_out is None
