"""Check characters: of the unified social credit code (GB 32100-2015) and of the identity number (GB 11643-1999)."""

from __future__ import annotations

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
ID_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))
# by what is left over: ISO 7064 MOD 11-2
ID_CHECK_CHARACTERS = "10X98765432"


def uscc_check(body: str) -> str:
    """The check character of the first 17 characters of a credit code (GB 32100)."""
    total = sum(w * USCC_ALPHABET.index(c) for w, c in zip(USCC_WEIGHTS, body, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def id_check(body: str) -> str:
    """The check character of the first 17 digits of an identity number (GB 11643)."""
    return ID_CHECK_CHARACTERS[sum(w * int(c) for w, c in zip(ID_WEIGHTS, body, strict=True)) % 11]
