"""Seconds, in words."""


def spoken(seconds: float) -> str:
    """`11 min 55 s`; seconds alone below a minute, to the tenth where they are not whole."""
    if seconds < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
