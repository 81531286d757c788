"""Times kernels of another tool, in that tool's own venv: ``python -m tests.benchmarks.drive``.

Reads a request a line, ``{"spec", "notebook", "environ", "code"}``, and answers each with a line:
``{"seconds"}`` from start_kernel to the reply, or ``{"error"}``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.benchmarks.clients import Kernel, first_reply


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        kernel = Kernel(request["spec"], Path(request["notebook"]), request["environ"])
        try:
            answer = {"seconds": first_reply(kernel, request["code"])}
        except Exception as error:  # noqa: BLE001  (whatever a tool does is reported)
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
