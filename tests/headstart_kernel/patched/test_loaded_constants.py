"""What modules computed when they were imported is of the environment, and of this process."""

from __future__ import annotations

import json
import subprocess
import sys

MOVE = """
import json, logging, sys, sysconfig, tempfile, time
import IPython.core.application as application, jupyter_core.paths as paths
from headstart_kernel.patched.loaded_constants import forget_start, move_constants
sysconfig.get_config_vars()
tempfile.gettempdir()
logging._startTime = 0 if isinstance(getattr(logging, "_startTime", 0), int) else 0.0
{change}
move_constants(sys.prefix, "/elsewhere")
forget_start()
print(json.dumps({{
    "prefix": [sysconfig.get_config_var(name) for name in ("base", "platbase")],
    "paths": [
        *paths.ENV_JUPYTER_PATH,
        *getattr(paths, "ENV_CONFIG_PATH", ()),
        *application.ENV_CONFIG_DIRS,
    ],
    "temporary": tempfile.tempdir,
    "started": bool(getattr(logging, "_startTime", None)),
    "layer": sys.prefix,
}}))
"""


def moved(change: str = "") -> dict[str, object]:
    command = [sys.executable, "-c", MOVE.format(change=change)]
    result: dict[str, object] = json.loads(subprocess.check_output(command, text=True))
    return result


def test_everything_leads_to_the_environment() -> None:
    values = moved()
    assert values["prefix"] == ["/elsewhere"] * 2
    assert isinstance(values["paths"], list)
    assert not [path for path in values["paths"] if path.startswith(str(values["layer"]))]
    assert [path for path in values["paths"] if path.startswith("/elsewhere/")]


def test_the_process_has_started_now() -> None:
    values = moved()
    assert (values["temporary"], values["started"]) == (None, True)


def test_what_is_not_there_is_left_alone() -> None:
    values = moved("del logging._startTime, application._env_config_dir, paths.ENV_CONFIG_PATH")
    assert values["prefix"] == ["/elsewhere"] * 2
