"""The P-256 curve: keys and signatures for certificates that a rehearsal hands out, slow and not for real use."""

import hashlib
import hmac
from typing import Final

_P: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G: Final = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_Point = tuple[int, int] | None


def private_key(seed: bytes) -> int:
    """The key that a seed stands for."""
    return int.from_bytes(hashlib.sha512(seed).digest(), "big") % (_N - 1) + 1


def public_key(private: int) -> bytes:
    """The uncompressed point."""
    point = _multiply(private, _G)
    assert point is not None
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def sign(private: int, message: bytes) -> tuple[int, int]:
    """An ECDSA signature over the message's SHA-256; the same message gets the same one."""
    digest = hashlib.sha256(message).digest()
    nonce = int.from_bytes(hmac.new(private.to_bytes(32, "big"), digest, hashlib.sha512).digest(), "big") % (_N - 1) + 1
    point = _multiply(nonce, _G)
    assert point is not None
    r = point[0] % _N
    return r, pow(nonce, -1, _N) * (int.from_bytes(digest, "big") + r * private) % _N


def _multiply(scalar: int, point: _Point) -> _Point:
    total: _Point = None
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _add(left: _Point, right: _Point) -> _Point:
    if left is None or right is None:
        return left or right
    if left[0] == right[0] and (left[1] + right[1]) % _P == 0:
        return None
    if left == right:
        slope = (3 * left[0] * left[0] - 3) * pow(2 * left[1], -1, _P)
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, _P)
    x = (slope * slope - left[0] - right[0]) % _P
    return x, (slope * (left[0] - x) - left[1]) % _P
