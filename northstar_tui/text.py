"""Text from outside, made safe to show: what a terminal would obey is shown instead, as a visible sign."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL and C1 controls: every escape sequence begins with one
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible and bidi controls
    "\ud800-\udfff\U000e0000-\U000e007f]"  # lone surrogates and tag characters
)


def safe(text: str) -> str:
    """Return `text` on one line with nothing in it that a terminal obeys or that hides or reorders what is
    read.

    Control characters become their control pictures (``␛``, ``␊``), the rest its code point: ``<U+202E>``.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"
