"""The few forms of ASN.1's distinguished encoding that certificates and keys are written in."""

import base64
import textwrap
from datetime import datetime


def integer(value: int) -> bytes:
    return _tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(content: bytes) -> bytes:
    return _tagged(0x04, content)


def bits(content: bytes) -> bytes:
    return _tagged(0x03, b"\x00" + content)


def boolean(value: bool) -> bytes:
    return _tagged(0x01, b"\xff" if value else b"\x00")


def text(value: str) -> bytes:
    return _tagged(0x0C, value.encode())


def sequence(*items: bytes) -> bytes:
    return _tagged(0x30, b"".join(items))


def collection(*items: bytes) -> bytes:
    return _tagged(0x31, b"".join(items))


def context(number: int, content: bytes, *, primitive: bool = False) -> bytes:
    return _tagged((0x80 if primitive else 0xA0) | number, content)


def moment(when: datetime) -> bytes:
    return _tagged(0x18, when.strftime("%Y%m%d%H%M%SZ").encode())


def identifier(dotted: str) -> bytes:
    """An object identifier such as 1.2.840.10045.2.1."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytes([first * 40 + second])
    for part in rest:
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(part & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return _tagged(0x06, content)


def pem(label: str, content: bytes) -> str:
    body = "\n".join(textwrap.wrap(base64.b64encode(content).decode(), 64))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
