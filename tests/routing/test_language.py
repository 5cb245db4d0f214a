import pytest

from service.routing.language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("como dejo la heroina", "es"), ("¿Cómo estás?", "es"), ("me quiero morir", "es"),
        ("donde hay reuniones", "es"), ("gracias", "es"), ("no puedo ir", "es"), ("ya la tomé", "es"),
        ("tengo ansias bien fuertes", "es"), ("quiero dejar the drugs pero no puedo", "es"),
        ("how long do i wait", "en"), ("i want to die", "en"), ("thanks", "en"), ("help me quit", "en"),
        ("my son is using", "en"), ("can u tell me about subs", "en"),
        ("", None), ("4", None), ("methadone", None), ("👍", None), ("asdf", None), ("no", None),
    ],
)  # fmt: skip
def test_language(text: str, language: str | None) -> None:
    assert guess_language(text) == language
