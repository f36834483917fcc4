"""Runs one Pulumi program in a process of its own: the SDK configured for the engine, then the program as `__main__`.

Started by the language host with one JSON argument; configuration comes through the SDK's environment variables.
"""

import asyncio
import gc
import json
import logging
import os
import runpy
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

SHOWN_TO_USER = 32
"""Exit status that tells the host that the error has been shown already."""
_HOST_CHECK_SECONDS = 2.0


def main(run: dict[str, Any]) -> int:
    """Runs the program that `run` describes. Returns the exit status."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # What the SDKs import stays to the end: looking for garbage in it takes a quarter of the time of the imports.
    gc.disable()
    try:
        import pulumi
        import pulumi.runtime
    except ImportError:
        traceback.print_exc()
        print("The Pulumi SDK is not installed in this environment: install requirements.txt into it.", file=sys.stderr)
        return 1
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(pulumi.runtime.Settings(**run["settings"]))
    os.chdir(run["folder"])
    # The script's own folder stands first on the path and must not answer the program's imports.
    entry = Path(run["entry_point"])
    sys.path[0:1] = [str(entry.parent.absolute())] if entry.is_file() else []
    sys.argv = [run["entry_point"], *run["arguments"]]
    return _run(entry, run["settings"]["parallel"])


def _run(entry: Path, parallel: int) -> int:
    import pulumi
    import pulumi.runtime

    main_file = entry if entry.is_file() else entry / "__main__.py"
    if not main_file.is_file():
        pulumi.log.error(f"unable to find main python program `__main__.py` in `{entry.absolute()}`")
        return SHOWN_TO_USER
    # Work that a failed program leaves unfinished is no news to the user.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def program() -> None:
        runpy.run_path(str(entry), run_name="__main__")

    executor = ThreadPoolExecutor(max_workers=max(parallel, 1) * 4)
    loop.set_default_executor(executor)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(program))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception as error:
        shown = "".join(traceback.format_exception(type(error), error, _from_program(error, main_file.absolute())))
        pulumi.log.error(f"Program failed with an unhandled exception:\n{shown}")
        return SHOWN_TO_USER
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _from_program(error: Exception, main_file: Path) -> TracebackType | None:
    """The traceback from the program's main file on, without the frames that lead there."""
    position = error.__traceback__
    while position is not None:
        if Path(position.tb_frame.f_code.co_filename).absolute() == main_file:
            return position
        position = position.tb_next
    return error.__traceback__


def _end_with(host: int) -> None:
    """Ends the process when the language host has gone without stopping it."""
    while os.getppid() == host:
        time.sleep(_HOST_CHECK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
