"""The virtual environment: packages at their pinned versions, byte-compiled."""

import shutil
import sys
from pathlib import Path

from rehearsal.setup import progress, stamp
from rehearsal.setup.errors import SetupError


def make(clone: Path) -> None:
    """Makes `.venv` anew. One that was begun and not finished, or is from other requirements, goes first."""
    folder = clone / ".venv"
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    # Called from an environment that is active, perhaps this very one, the Python beneath it does the work.
    base_python = getattr(sys, "_base_executable", sys.executable)
    status, said = progress.run("Creating .venv", [base_python, "-m", "venv", str(folder)])
    if status:
        raise SetupError(
            f"Python cannot create a virtual environment:\n{_last(said)}\n"
            "Where the system's Python comes without it, install it (Debian, Ubuntu: apt install python3-venv)."
        )
    python = str(folder / "bin" / "python")
    # Compiling is left to a second step, which uses every core.
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-compile",
        "-r",
        stamp.REQUIREMENTS[-1],
    ]
    status, said = progress.run("Installing Python packages", install, folder=clone)
    if status:
        raise SetupError(
            f"pip could not install the packages of {stamp.REQUIREMENTS[-1]}:\n{_last(said)}\n"
            "It needs a package index: check the network, or point PIP_INDEX_URL at a mirror, and run this again."
        )
    # A package may carry files for another Python, which do not compile and do not matter.
    progress.run("Compiling Python packages", [python, "-m", "compileall", "-q", "-j", "0", str(folder / "lib")])
    stamp.write_installed(clone)


def _last(said: str) -> str:
    return "\n".join(f"  {line}" for line in said.strip().splitlines()[-8:])
