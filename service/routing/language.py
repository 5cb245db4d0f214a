"""English or Spanish."""

from service.routing.fold import fold


def guess_language(text: str) -> str | None:
    """ "en", "es", or None when unclear."""
    words = set(fold(text).split())
    if words & {"que", "quiero", "estoy", "ayuda", "como", "para", "no me"}:
        return "es"
    return "en" if words & {"the", "i", "im", "to", "my", "you", "is"} else None
