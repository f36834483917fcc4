"""Files of a control plane: some hold keys and tokens, and several processes read them while one writes."""

import os
import threading
from pathlib import Path


def write(file: Path, text: str) -> None:
    """Nobody sees half of it, and nobody else reads it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    arriving = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        arriving.touch(mode=0o600)
        arriving.write_text(text)
        arriving.replace(file)
    finally:
        arriving.unlink(missing_ok=True)
