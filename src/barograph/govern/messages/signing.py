"""Signatures of webhooks: HMAC-SHA256 over instant and body; neither can be changed, or sent again later."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

SIGNATURE: Final = "Barograph-Signature"
"""The header: ``t=<seconds since 1970>,v1=<hex>``."""
TOLERANCE: Final = 300.0
"""Seconds that a signature may be old."""
_FORM: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def signed(secret: str, body: bytes, *, at: float) -> str:
    """The header's value for a body sent at an instant (seconds since 1970)."""
    stamp = str(int(at))
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def signature_holds(
    secret: str, body: bytes, header: str, *, now: float, tolerance: float = TOLERANCE
) -> bool:
    """Whether a request comes from whoever knows the secret, unchanged and lately; for those who receive."""
    found = _FORM.fullmatch(header)
    if found is None:
        return False
    stamp, digest = found.groups()
    return hmac.compare_digest(_digest(secret, stamp, body), digest) and abs(now - int(stamp)) <= tolerance


def _digest(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
