"""Physical names that fit the limits of the outside world."""

import hashlib

DIGEST_LENGTH = 6


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
