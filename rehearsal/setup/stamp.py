"""Tells whether set-up is complete. Each step leaves its mark in the virtual environment as the last thing it does."""

import hashlib
import os
import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
VIRTUALENV = CLONE / ".venv"
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
_INSTALLED = ".installed-from"
_ENGINE = ".engine"


def is_current(clone: Path = CLONE) -> bool:
    """Whether everything is installed as the clone now asks for it."""
    return is_installed(clone) and recorded_engine(clone / ".venv") is not None


def is_installed(clone: Path = CLONE) -> bool:
    """Whether the virtual environment is complete and from these requirements and this Python."""
    virtualenv = clone / ".venv"
    return _read(virtualenv / _INSTALLED) == digest(clone) and os.access(virtualenv / "bin" / "python", os.X_OK)


def recorded_engine(virtualenv: Path) -> Path | None:
    """The engine that set-up chose, None where it is gone."""
    engine = _read(virtualenv / _ENGINE)
    return Path(engine) if engine and os.access(engine, os.X_OK) else None


def digest(clone: Path = CLONE) -> str:
    """What an installation depends on."""
    content = hashlib.sha256(f"{sys.version_info[:2]} {sys.base_prefix}".encode())
    for name in REQUIREMENTS:
        content.update((clone / name).read_bytes())
    return content.hexdigest()


def write_installed(clone: Path) -> None:
    _write(clone / ".venv" / _INSTALLED, digest(clone))


def write_engine(virtualenv: Path, engine: Path) -> None:
    _write(virtualenv / _ENGINE, str(engine))


def _read(file: Path) -> str | None:
    try:
        return file.read_text()
    except OSError:
        return None


def _write(file: Path, text: str) -> None:
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(file)
