"""How many SMS segments a text costs, and where it is cut.

A text is sent as GSM-7 when every character is in that alphabet, and otherwise as UCS-2; one
character outside the alphabet makes the whole text UCS-2. A unit is a septet of GSM-7 or a
16-bit code unit of UCS-2:

    encoding   one segment alone   each segment of several
    GSM-7      160 units           153 units
    UCS-2       70 units            67 units

(Several segments carry a header of 6 bytes each, hence the smaller numbers.)
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

# 3GPP TS 23.038, basic table. Position 0x1B is the escape to the next table, not a character.
# The capital Greek letters are escaped because most look exactly like Latin ones.
_GREEK = "\u0394\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e"
_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅå_ÆæßÉ"
    + _GREEK
    + " !\"#¤%&'()*+,-./0123456789:;<=>?"
    + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    + "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[]~|€\f")
_GSM = _GSM_BASIC | _GSM_EXTENDED

_ZERO_WIDTH_NON_JOINER = "\u200c"
_ZERO_WIDTH_JOINER = "\u200d"

_LOOK_ALIKES: dict[str, str] = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`",
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb",
    "<": "\u2039",
    ">": "\u203a",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u2043",
    "...": "\u2026",
    "/": "\u2044\u2215",
    " ": "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f",
    "\n": "\u2028\u2029",
    # Invisible: soft hyphen, zero-width space, word joiner, byte order mark. The zero-width
    # joiner is not here, because it holds emoji together.
    "": "\u00ad\u200b\u2060\ufeff",
}
_TO_PLAIN = str.maketrans({odd: plain for plain, odds in _LOOK_ALIKES.items() for odd in odds})


class Encoding(StrEnum):
    """The two alphabets of SMS."""

    GSM7 = "gsm-7"
    UCS2 = "ucs-2"


_ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_OF_SEVERAL = {Encoding.GSM7: 153, Encoding.UCS2: 67}


@dataclass(frozen=True)
class SegmentCount:
    """What a text costs.

    `units` are septets or 16-bit code units, without the padding left where a pair would not fit.
    `offenders` are the distinct characters (code points) that force UCS-2, in order of appearance;
    empty for GSM-7.
    """

    encoding: Encoding
    units: int
    segments: int
    offenders: tuple[str, ...]


def count_segments(text: str) -> SegmentCount:
    """Count what `text` costs when it is sent. The empty text is GSM-7 and 0 segments."""
    offenders = tuple(dict.fromkeys(char for char in text if char not in _GSM))
    encoding = _encoding_of(text)
    return SegmentCount(encoding, _units(text, encoding), len(split_segments(text)), offenders)


def split_segments(text: str) -> list[str]:
    """Cut `text` where the segments end; joined again the parts are `text`. "" gives [].

    Never cut: an extension character's escape pair, a surrogate pair, and any emoji, flag or
    accented letter made of several characters that fits in one segment.
    """
    encoding = _encoding_of(text)
    if _units(text, encoding) <= _ALONE[encoding]:
        return [text] if text else []
    limit = _OF_SEVERAL[encoding]
    pieces = text if encoding is Encoding.GSM7 else _fitting_clusters(text, limit)
    return list(_pack(pieces, encoding, limit))


def plain_punctuation(text: str) -> str:
    """Replace typographic punctuation and spaces by GSM-7 look-alikes; all else stays.

    "It\u2019s 5\u00a0pm\u2026" becomes "It's 5 pm...". Letters and emoji are never changed, so the
    result may still be UCS-2.
    """
    return text.translate(_TO_PLAIN)


def _encoding_of(text: str) -> Encoding:
    return Encoding.GSM7 if _GSM.issuperset(text) else Encoding.UCS2


def _units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return len(text) + sum(char in _GSM_EXTENDED for char in text)
    # By code point, not by encoding: a stray surrogate from a broken client cannot be encoded.
    return len(text) + sum(ord(char) > 0xFFFF for char in text)


def _pack(pieces: Iterable[str], encoding: Encoding, limit: int) -> Iterator[str]:
    """Fill segments of at most `limit` units in turn. No piece may be longer than that."""
    segment, used = "", 0
    for piece in pieces:
        size = _units(piece, encoding)
        if used + size > limit:
            yield segment
            segment, used = "", 0
        segment += piece
        used += size
    yield segment


def _fitting_clusters(text: str, limit: int) -> Iterator[str]:
    """The clusters of `text`; one too long for any segment comes as its single characters."""
    for cluster in _clusters(text):
        if _units(cluster, Encoding.UCS2) <= limit:
            yield cluster
        else:
            yield from cluster


def _clusters(text: str) -> Iterator[str]:
    """What a reader sees as one sign each: a working subset of Unicode's grapheme clusters.

    Covers accents and variation selectors, skin tones, emoji joined by ZWJ, keycaps, tag flags
    (Scotland) and pairs of regional indicators. Hangul typed as single jamo and CR LF are left
    apart; to cut there loses nothing, because the handset joins the segments again.
    """
    cluster = ""
    for char in text:
        if cluster and not _belongs(char, cluster):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _belongs(char: str, cluster: str) -> bool:
    """True when `char` is part of the sign that `cluster` (not empty) began."""
    if cluster[-1] == _ZERO_WIDTH_JOINER or _extends(char):
        return True
    # Flags are pairs: a third regional indicator begins the next flag.
    return _is_regional(char) and len(cluster) == 1 and _is_regional(cluster)


def _extends(char: str) -> bool:
    return (
        char in (_ZERO_WIDTH_JOINER, _ZERO_WIDTH_NON_JOINER)
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags
        or unicodedata.category(char).startswith("M")  # accents, variation selectors, keycaps
    )


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
