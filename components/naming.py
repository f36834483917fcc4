"""Physical names that fit the limits of the outside world."""

import hashlib

DIGEST_LENGTH = 6
COMPACT_DIGEST_LENGTH = 8


def physical_name(*parts: str, limit: int = 63) -> str:
    """The parts joined by hyphens; where that is longer than `limit`, cut and closed with a digest of the whole.

    Equal parts give equal names, different parts different names. Raises `ValueError` for a limit that leaves no room
    for the digest.
    """
    if limit < DIGEST_LENGTH + 2:
        raise ValueError(f"a limit of {limit} leaves no room for a name and its digest")
    whole = "-".join(parts)
    if len(whole) <= limit:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:DIGEST_LENGTH]
    return f"{whole[: limit - DIGEST_LENGTH - 1].rstrip('-')}-{digest}"


def compact_name(*parts: str, owner: str, limit: int = 24) -> str:
    """A name of lower-case letters and digits alone, that nobody else in the world has taken.

    The parts without their hyphens, cut to fit and closed with a digest of the parts and of `owner`, which is whoever
    the name belongs to. Equal arguments give equal names, different ones different names. Raises `ValueError` for a
    limit that leaves no room for the digest.
    """
    if limit < COMPACT_DIGEST_LENGTH + 1:
        raise ValueError(f"a limit of {limit} leaves no room for a name and its digest")
    digest = hashlib.sha256("/".join((owner, *parts)).encode()).hexdigest()[:COMPACT_DIGEST_LENGTH]
    return "".join(parts).replace("-", "")[: limit - COMPACT_DIGEST_LENGTH] + digest
