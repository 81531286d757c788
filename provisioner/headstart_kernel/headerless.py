"""A kernel that was started without a header says so in the cell that holds one.

When it was started the notebook was not known, or had no header. Without a notice the cell would
run without its packages, or with others.
"""

import os
import sys
from typing import Any, Awaitable, Dict, List, Optional

from .failed import refuse
from .patched.cell_gate import gate_cells

OPENING = "# /// script"
CLOSING = "# ///"

PYTHON_MAGICS = frozenset(
    ("capture", "debug", "heat", "ipytest", "memit", "prun", "pyinstrument", "scalene", "snakeviz",
     "time", "timeit")
)  # fmt: skip
"""Cell magics whose body is the notebook's own Python; that of others is another program's."""

WITHOUT = "This cell holds a header, and the kernel was started without it"
NEXT_TIME = "Restart the kernel to have the packages that it asks for."
NOTICES = {
    "server": "%s: the packages that it asks for are not here. %s" % (WITHOUT, NEXT_TIME),
    "unknown": (
        "%s: the server does not know which notebook this kernel is for. %s If this is said again, "
        "your client does not tell it (remote kernels of VS Code, gateways): open the notebook in "
        "JupyterLab or Notebook on that server, or run it with `headstart run`."
        % (WITHOUT, NEXT_TIME)
    ),
}
"""What the cell says in a server before it runs, by `launch.Launch.headerless`."""

REFUSAL = (
    "%s: its client did not say which notebook it runs, or the notebook had no header then. The "
    "cell was not run. Run the notebook with `headstart run`, `jupyter execute`, nbconvert or "
    "papermill, or open it in JupyterLab or Notebook. A kernelspec whose command is `headstart "
    "launch` can name it: --notebook PATH." % WITHOUT
)
"""What the cell answers elsewhere: outputs may not be looked at until the run has ended."""


def watch(kernel: Any, headerless: str) -> None:
    """Have a kernel look for headers in the cells that it is to run.

    Not in what runs silently, nor in what front ends of a server run behind the scenes; elsewhere
    there are clients that have no cell recorded (nbval). Other cells run as ever, no frame more.

    :param kernel: an `IPythonKernel`.
    :param headerless: see `launch.Launch`.
    """
    notice = NOTICES.get(headerless, "")

    async def answer() -> Dict[str, Any]:
        # In one line, the last that a headless client shows of a traceback.
        return refuse(kernel, REFUSAL, ["HeadstartError: " + REFUSAL], silent=False)

    def judge(code: str, silent: bool, store_history: bool) -> "Optional[Awaitable[Any]]":
        if OPENING in code and not silent and not _has_one_now() and has_header(code):
            if not notice:
                return answer()
            if store_history:
                print(notice, file=sys.stderr, flush=True)
        return None

    gate_cells(kernel, judge)


def _has_one_now() -> bool:
    """Whether the kernel was given a header's environment since it was started."""
    from .shim.shim_header import HEADER  # few cells hold what looks like a header

    return HEADER in os.environ


def has_header(code: str) -> bool:
    """Whether a cell holds a PEP 723 block of the kind ``script``; not in a string.

    What only nearly is one does not count.
    """
    lines = [line[:-1] if line.endswith("\r") else line for line in code.split("\n")]
    if _is_foreign(code):
        return False
    end = 0
    for number, line in enumerate(lines):
        if number < end or not _is_comment(line):
            continue
        end = next((n for n in range(number, len(lines)) if not _is_comment(lines[n])), len(lines))
        if _opens_block(lines[number:end]) and not _ends_in_string(lines[:number]):
            return True
    return False


def _is_foreign(code: str) -> bool:
    rest = code.lstrip()
    while rest.startswith("%%"):  # one may follow another
        line, _, rest = rest.partition("\n")
        if line.split(None, 1)[0][2:] not in PYTHON_MAGICS:
            return True
        rest = rest.lstrip()
    return False


def _is_comment(line: str) -> bool:
    return line == "#" or line.startswith("# ")


def _opens_block(comments: List[str]) -> bool:
    """Whether a block in these lines is a script's: the first that opens, up to the last end."""
    if CLOSING not in comments:
        return False
    closing = len(comments) - 1 - comments[::-1].index(CLOSING)
    return next((line == OPENING for line in comments[:closing] if _opens(line)), False)


def _opens(line: str) -> bool:
    kind = line[len(CLOSING) + 1 :]
    return line.startswith(CLOSING + " ") and kind.isascii() and kind.replace("-", "0").isalnum()


def _ends_in_string(lines: List[str]) -> bool:
    """Whether code ends inside of a string of several lines."""
    if not any('"""' in line or "'''" in line for line in lines):
        return False
    import re
    import tokenize  # few headers have such a string before them

    # Lines of IPython's are not Python: since 3.12 the first quote in one would be an error.
    magic = re.compile(r"\s*([%!?]|[\w.,\[\] ]+=\s*[%!])")
    python = ["\n" if magic.match(line) else line + "\n" for line in lines]
    try:
        for _ in tokenize.generate_tokens(iter(python).__next__):
            pass
    except tokenize.TokenError as error:
        message = str(error)
        return "multi-line string" in message or "triple-quoted" in message
    except SyntaxError:
        pass
    return False
