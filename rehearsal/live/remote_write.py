"""Samples as Prometheus takes them in by remote write: protobuf in a snappy block.

https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

import struct
from collections.abc import Iterable, Mapping, Sequence

Sample = tuple[float, float]
"""Time in seconds of the epoch, and value."""

_STALE_BITS = struct.pack("<Q", 0x7FF0000000000002)
"""The NaN that ends a series: https://github.com/prometheus/prometheus/blob/v3.5.0/model/value/value.go"""


class Stale(float):
    """The mark that ends a series. A float of its own: Python does not promise to keep the bits of a NaN."""


STALE_MARK = Stale("nan")


def request(series: Iterable[tuple[Mapping[str, str], Sequence[Sample]]]) -> bytes:
    """The body of a write request."""
    return compressed(b"".join(_field(1, _time_series(labels, samples)) for labels, samples in series))


def compressed(data: bytes) -> bytes:
    """A snappy block that consists of literals: valid, and no smaller.

    https://github.com/google/snappy/blob/main/format_description.txt
    """
    parts = [_varint(len(data))]
    for start in range(0, len(data), 65536):
        chunk = data[start : start + 65536]
        parts += [b"\xf4", struct.pack("<H", len(chunk) - 1), chunk]
    return b"".join(parts)


def _time_series(labels: Mapping[str, str], samples: Sequence[Sample]) -> bytes:
    names = b"".join(
        _field(1, _field(1, key.encode()) + _field(2, labels[key].encode())) for key in sorted(labels) if labels[key]
    )
    return names + b"".join(_field(2, _sample(time, value)) for time, value in samples)


def _sample(time: float, value: float) -> bytes:
    packed = _STALE_BITS if isinstance(value, Stale) else struct.pack("<d", value)
    return b"\x09" + packed + b"\x10" + _varint(round(time * 1000) & 0xFFFFFFFFFFFFFFFF)


def _field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
