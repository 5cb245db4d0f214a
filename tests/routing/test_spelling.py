import pytest

from service.routing.fold import fold
from service.routing.spelling import spell


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("", ""),
        ("cant breath rn im oding", "can not breath right now i am overdosing"),
        ("my suboxne", "my suboxone"),
        ("metadone", "methadone"),
        ("percipitated withdrawls", "precipitated withdrawal"),
        ("suicde sucidal kil mysef", "suicide suicidal kill myself"),
        ("im usin n cravin", "i am using and craving"),
        ("90mg 3am 24hrs", "90 mg 3 am 24 hours"),
        ("gonna wanna tryna", "going to want to trying to"),
        ("kms", "kill myself"),
    ],
)
def test_shorthand_and_slips(text: str, spelt: str) -> None:
    assert spell(fold(text)) == spelt


@pytest.mark.parametrize(
    "word",
    ["carving", "elapse", "overdue", "eating", "heating", "clinic", "cabin", "again", "pain", "chest"],
)
def test_real_words_are_left_alone(word: str) -> None:
    assert spell(word) == word
