"""Bytes to text: which encoding a file is in, told from its bytes; never a guess between two.

A byte-order mark decides. Without one: UTF-8 if every byte keeps its rules; UTF-16 by the zeros of its Latin
letters; then single bytes as Windows wrote them in the west (windows-1252), if all of them are its letters
and signs; Chinese double bytes (gb18030), if they are its common characters.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from barograph.core.errors import DataError, SettingError

UTF8, WESTERN, CHINESE = "utf-8", "windows-1252", "gb18030"
MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte-order mark -> encoding; the longer of two that begin alike comes first."""
SAVE_AS = "Save the table as CSV (UTF-8) or Parquet"
SAMPLE = 1 << 18
"""Bytes looked at for zeros and for double bytes."""
DOUBLE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
HIGH = re.compile(rb"[\x80-\xff]+")
SIGNS = "€£§©®°–—‘’“”„‚…•·«»¡²\xa0\xad±×µ™‰"
"""What is no letter in windows-1252 and yet stands in tables."""
ELSEWHERE = "þðýÞÐÝªºœŸÿ"
"""Letters whose bytes are far commoner letters in the code pages of eastern Europe and Turkey."""
ZEROS = 0.3
"""Share of zeros at odd or even places from which a text is UTF-16."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and what it was written in."""

    text: str
    encoding: str  # as `collect.encoding` takes it
    told: bool  # whether the file says so (by a mark) or nothing had to be assumed


def decoded(content: bytes, label: str, encoding: str = "") -> Decoded:
    """The text of a file's bytes.

    Parameters
    ----------
    content : bytes
    label : str
        How messages call the file.
    encoding : str
        What it is written in; "" finds out.

    Raises
    ------
    DataError
        It is not text, or not in that encoding, or in two; nobody can tell which encoding it is.
    SettingError
        There is no such encoding.
    """
    if encoding:
        return Decoded(_as_said(content, label, encoding), encoding, told=True)
    for mark, named in MARKS:
        if content.startswith(mark):
            return Decoded(_strict(content, label, named), named, told=named == UTF8)
    if wide := _wide(content):
        return Decoded(_strict(content, label, wide), wide, told=False)
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise _no_text(label, f"it holds binary zeros, the first in line {line}")
    try:
        return Decoded(content.decode(UTF8), UTF8, told=True)
    except UnicodeDecodeError as error:
        named = _single_or_double(content, label, error.start)
        return Decoded(_strict(content, label, named), named, told=False)


def encoding_of(part: bytes, label: str, encoding: str = "") -> str:
    """The encoding that the beginning of a file shows, to open it with; raises as `decoded`."""
    if encoding:
        _as_said(b"", label, encoding)
        return encoding
    named = next((named for mark, named in MARKS if part.startswith(mark)), "") or _wide(part)
    if not named:
        whole = part[: part.rfind(b"\n") + 1] or part
        named = decoded(whole, label).encoding
    return "utf-8-sig" if named == UTF8 else named


def _as_said(content: bytes, label: str, encoding: str) -> str:
    try:
        known = codecs.lookup(encoding)
        if not known._is_text_encoding:  # base64 and the like are none
            raise LookupError(encoding)
    except LookupError as error:
        raise SettingError(
            "--encoding must name an encoding that Python knows",
            came=f"got '{encoding}'",
            do="Take utf-8, windows-1252, windows-1250, windows-1251, utf-16, gb18030, big5, shift_jis …",
        ) from error
    return _strict(content, label, "utf-8-sig" if known.name == UTF8 else known.name)


def _strict(content: bytes, label: str, encoding: str) -> str:
    try:
        text = content.decode("utf-8-sig" if encoding == UTF8 else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            f"{label} must be {encoding} text",
            came=f"byte 0x{content[error.start]:02x} in line {line} is not",
            do=f"{SAVE_AS}, or say what it is: --encoding NAME",
        ) from error
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise _no_text(label, f"it holds binary zeros, the first in line {line}")
    return text.removeprefix("\ufeff")


def _no_text(label: str, came: str) -> DataError:
    return DataError(f"{label} must be a table as text or Parquet", came=came, do=SAVE_AS)


def _wide(content: bytes) -> str:
    """UTF-16 without a mark: plain letters have a zero beside them, always on the same side."""
    part = content[:SAMPLE]
    if len(part) < 4 or len(content) % 2:
        return ""
    even, odd = part[0::2].count(0) / len(part[0::2]), part[1::2].count(0) / len(part[1::2])
    if odd > ZEROS and even == 0.0:
        return "utf-16-le"
    return "utf-16-be" if even > ZEROS and odd == 0.0 else ""


def _single_or_double(content: bytes, label: str, first: int) -> str:
    """The encoding of bytes that are not UTF-8 throughout; raises `DataError` where they could be several."""
    line = content[:first].count(b"\n") + 1
    came = f"byte 0x{content[first]:02x} in line {line} is not UTF-8"
    runs = HIGH.findall(content)
    if any(DOUBLE.fullmatch(run) and _is_utf8(run) for run in runs):
        raise DataError(
            f"{label} must be in one encoding",
            came=f"{came}, while other lines are",
            do=f"{SAVE_AS}; to read it all in one encoding, say it: --encoding windows-1252",
        )
    if _reads_chinese(content, runs):
        return CHINESE
    if all(_is_western(run) for run in set(runs)) and not {b"\xec", b"\xf8"} <= set(runs):  # Czech: ě and ř
        return WESTERN
    raise DataError(
        f"{label} must be text in an encoding that can be told",
        came=f"{came}, and its bytes are not plainly windows-1252 or gb18030",
        do="Say it: --encoding windows-1250 (or windows-1251, gb18030, big5, shift_jis …)",
    )


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(run: bytes) -> bool:
    """Whether high bytes side by side are letters or signs of western Europe, at most three letters."""
    try:
        text = run.decode(WESTERN)
    except UnicodeDecodeError:
        return False
    letters = [one for one in text if one.isalpha() and one not in SIGNS]
    strange = any(one in ELSEWHERE for one in letters)
    return len(letters) <= 3 and not strange and all(one in letters or one in SIGNS for one in text)


def _reads_chinese(content: bytes, runs: list[bytes]) -> bool:
    """Whether double bytes are Chinese: most come in pairs, and most pairs are common characters."""
    paired = sum(len(run) for run in runs if len(run) % 2 == 0 and len(run) >= 2)
    total = sum(map(len, runs))
    if paired < 0.8 * total:
        return False
    try:
        text = content.decode(CHINESE)
    except UnicodeDecodeError:
        return False
    pairs = sum(len(run) // 2 for run in runs)
    common = sum("\u4e00" <= one <= "\u9fff" for one in text)
    usual = sum(0xB0 <= run[at] <= 0xD7 for run in runs for at in range(0, len(run) - 1, 2))
    return common >= 0.6 * pairs and usual >= 0.9 * common
