"""What set-up does, in order. That nothing is to be done is found out first, loading next to nothing."""

from rehearsal.setup import stamp


def run() -> int:
    """Makes what is missing; one message and exit code 1 where it cannot."""
    return 0 if stamp.is_current() else _make_what_is_missing()


def _make_what_is_missing() -> int:
    import signal
    import sys

    from rehearsal.setup import engine, progress, virtualenv
    from rehearsal.setup.errors import SetupError
    from rehearsal.setup.lock import exclusive

    # Ended from outside, a step still stops what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with exclusive(stamp.CLONE / ".rehearsal" / "setup.lock"):
            if not stamp.is_installed():
                virtualenv.make(stamp.CLONE)
            if stamp.recorded_engine(stamp.VIRTUALENV) is None:
                stamp.write_engine(stamp.VIRTUALENV, engine.find())
    except SetupError as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        progress.end()
        print("Set-up was interrupted; the next run continues.", file=sys.stderr)
        return 130
    return 0
