import pytest

from service.routing.fold import LONGEST, fold, fold_marks


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("   \n\t ", ""),
        ("  I CAN’T   stoppp!! ", "i cant stop"),
        ("can't can’t can`t can´t canʼt", "cant cant cant cant cant"),
        ("“quoted” «words»", "quoted words"),
        ("ＳＴＯＰ １２", "stop 12"),
        ("S\u200bT\u200cO\ufeffP", "stop"),
        ("\u202estop\u202c", "stop"),
        ("ST\x00OP", "stop"),
        ("st\u00adop", "stop"),
        ("ЅТОР", "stop"),
        ("🅂🅃🄾🄿 🆂🆃🅾🅿", "stop stop"),
        ("¿Cómo estás, Ñoño?", "como estas nono"),
        ("niño", "nino"),
        ("e\u0301xito", "exito"),
        ("👍", "thumbsup"),
        ("👍🏽", "thumbsup"),
        ("ok👍👍", "ok thumbsup thumbsup"),
        ("✅ ✔️ 👌 💯", "checkmark checkmark okhand hundred"),
        ("4️⃣", "4"),
        ("stop🛑", "stop"),
        ("feeeel soooo baaad", "feel so bad"),
        ("noooo yesss pleeease", "no yes please"),
        ("looool", "lol"),
        ("ok ok aa 1000", "ok ok aa 1000"),
        ("4/5 - 3.5", "4 5 3 5"),
        ("he OD'd", "he oded"),
        ("\ud800 hi \ud83d\udc4d", "hi thumbsup"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("STOP. I can’t!", "stop. i cant!"),
        ("4/5, ok?", "4/5, ok?"),
        ("5:30 / 1-800", "5:30 / 1-800"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_fold_marks_keeps_what_parts_sentences_and_numbers(text: str, folded: str) -> None:
    assert fold_marks(text) == folded


def test_folding_twice_changes_nothing() -> None:
    for text in ("I CAN’T   stoppp!!", "¿Cómo estás?", "👍🏽 he OD'd", "feeeel"):
        assert fold(fold(text)) == fold(text)


def test_only_both_ends_of_a_very_long_text_are_looked_at() -> None:
    folded = fold("first " + "x " * LONGEST + " last")
    assert folded.startswith("first ")
    assert folded.endswith(" last")
    assert len(folded) <= LONGEST + 1
