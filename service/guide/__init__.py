"""The words: guidance cards, fixed texts and hotline numbers, in English and Spanish.

Everything a person reads is in data files that a clinician or a coordinator can read too:

    cards/<slug>.toml   one card a topic, with the facts and cautions it rests on
    texts/en.toml       every fixed text of the service, by key; texts/es.toml the same in Spanish
    hotlines.toml       the numbers for emergencies, edited by the operator

`load_words` reads and checks them all. There are no rules here: what to say, and when, is decided
elsewhere.
"""

from service.guide.loader import load_words
from service.guide.words import Card, GuidanceText, Hotlines, Text, Wording, Words

__all__ = ["Card", "GuidanceText", "Hotlines", "Text", "Wording", "Words", "load_words"]
