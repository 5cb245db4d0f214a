"""Ten short conversations in each language, had on the simulated phone and printed as Markdown.

`make transcripts` keeps the result as docs/transcripts.md: only what people text is written here.
"""

import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from flask import current_app

from service.bootstrap import Parts
from service.cli.tour import START, migrate_rehearsal, rehearsal_settings
from service.cli.tour_record import shown
from service.workflows import rehearsal

INTRODUCTION = """\
<!-- Made by `make transcripts` from what the service really answered. Do not edit. -->

# Twenty conversations

What people text is in bold, in the way people text; what Handrail answers is indented, to the letter. Nothing
here was said by a real person. How a text is read is told in [routing.md](routing.md)."""


@dataclass(frozen=True)
class Scene:
    title: str
    texts: tuple[str, ...]


SCENES: dict[str, tuple[Scene, ...]] = {
    "en": (
        Scene("Two in the morning", ("cant sleep want to use so bad rn", "MORE", "thx")),
        Scene("A friend who does not wake up", ("my friend took some blues n he wont wake up lips r blue",)),
        Scene("Thoughts of dying", ("i dont want to be here anymore. got my pills lined up",)),
        Scene("A slip", ("i used last nite after 40 days i feel like garbage", "relapse")),
        Scene(
            "The first dose of Suboxone", ("how long do i gotta wait after fent b4 i take my first strip",)
        ),
        Scene("A mother", ("found foil and burnt straws in my sons room what do i do", "talk to someone")),
        Scene("Not for me, the twelve steps", ("is there anything besides na? im not into the god stuff",)),
        Scene("Three words", ("idk what to do", "sick")),
        Scene(
            "A doubt about medication", ("my brother says methadone is just trading one drug for another",)
        ),
        Scene("Enough texts", ("yall need to quit blowing up my phone", "START")),
    ),
    "es": (
        Scene("Las dos de la mañana", ("no puedo dormir tengo unas ganas de usar", "MAS", "gracias")),
        Scene("Un amigo que no despierta", ("mi compa no despierta y tiene los labios morados",)),
        Scene("Ganas de morir", ("ya no quiero vivir, todos estarian mejor sin mi",)),
        Scene("Una recaída", ("recai anoche despues de 2 meses me da mucha verguenza",)),
        Scene("La malilla", ("cuanto dura la malilla ya llevo 3 dias",)),
        Scene("La clínica", ("como funciona la metadona, tengo q ir diario?",)),
        Scene("Una esposa", ("mi esposo esta usando pastillas y no se como ayudarlo",)),
        Scene("Sin saber qué decir", ("no se", "MENU")),
        Scene("Dejarlo de golpe", ("quiero dejar la heroina de un jalon yo solo, es peligroso?",)),
        Scene("Ya no más", ("ya no me manden mensajes por favor",)),
    ),
}
HEADINGS = {"en": "English", "es": "Español"}
_BETWEEN = timedelta(minutes=2)


@click.command()
def transcripts() -> None:
    """Print twenty conversations as Markdown. Touches no database but a temporary one."""
    with tempfile.TemporaryDirectory() as folder:
        settings = rehearsal_settings(Path(folder))
        migrate_rehearsal(settings)
        app = current_app.extensions["open_service"](settings, lambda: START)
        parts: Parts = app.extensions["handrail"]
        with closing(parts.database):
            click.echo("\n\n".join([INTRODUCTION, *_live(parts)]))


def _live(parts: Parts) -> list[str]:
    lines: list[str] = []
    number = 0
    for language, scenes in SCENES.items():
        lines.append(f"## {HEADINGS[language]}")
        for scene in scenes:
            number += 1
            lines += _play(parts, f"+1202555{number + 99:04d}", language, scene)
    return lines


def _play(parts: Parts, phone: str, language: str, scene: Scene) -> list[str]:
    _say(parts, phone, "JOIN")
    if language == "es":
        _say(parts, phone, "ESPAÑOL")
    known = len(rehearsal.on_handset(parts.database, phone))
    for text in scene.texts:
        rehearsal.move_clock(parts.stage, parts.clock() + _BETWEEN)
        _say(parts, phone, text)
    lines = [f"### {scene.title}"]
    for line in rehearsal.on_handset(parts.database, phone)[known:]:
        lines.append(f"> {shown(line.body)}" if line.is_from_service else f"**{shown(line.body)}**")
    return lines


def _say(parts: Parts, phone: str, body: str) -> None:
    if parts.phone is None:
        raise click.ClickException("The conversations need the simulated phone.")
    parts.phone.text_in(phone, body, parts.programme.base_url)
