"""Whether a process runs, for whoever has nothing but its number."""

import os
from contextlib import suppress
from pathlib import Path


def runs(pid: int) -> bool:
    """Whether a process of this number is there, whoever's it is, and has not come to its end."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _has_ended(pid)


def _has_ended(pid: int) -> bool:
    """Whether a process only waits for its parent to ask how it ended."""
    with suppress(OSError):
        # The name before the state is in parentheses and may hold anything: proc_pid_stat(5).
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return False
