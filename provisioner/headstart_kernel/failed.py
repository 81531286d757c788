"""A kernel whose environment could not be had: every cell answers with the error."""

from typing import Any, Dict, List

RESTART = "Then restart the kernel."

TITLE = "This notebook's environment could not be had."


def failed_kernel(failure: Dict[str, Any]) -> type:
    """The kernel class for ``failure``, an error as JSON (see `launch.Launch`)."""
    from ipykernel.ipkernel import IPythonKernel

    class FailedKernel(IPythonKernel):
        """Answers completion, inspection and the like as ever; runs no code."""

        async def do_execute(self, code: str, silent: bool, *_: Any, **__: Any) -> Dict[str, Any]:
            return refuse(self, failure["message"], render(failure, RESTART), silent)

    return FailedKernel


def refuse(
    kernel: Any,
    message: str,
    traceback: List[str],
    silent: bool,
    name: str = "HeadstartError",
) -> Dict[str, Any]:
    """Let the cell that a kernel is to run fail, and run nothing; the reply to its request.

    :param traceback: the lines that are shown.
    :param name: of the error.
    """
    content = {"ename": name, "evalue": message, "traceback": traceback}
    if not silent:
        kernel.send_response(kernel.iopub_socket, "error", content)
    return {
        "status": "error",
        "execution_count": kernel.execution_count,
        "user_expressions": {},
        **content,
    }


def render(failure: Dict[str, Any], then: str, title: str = TITLE) -> List[str]:
    """The error as the lines of a traceback: what is wrong, its cause, and what to do.

    :param then: what to do after what the error itself advises; ``""`` if that is all.
    :param title: the first line.
    """
    red, bold, plain = "\x1b[31m", "\x1b[1m", "\x1b[0m"
    lines = [
        "%s%s%s" % (bold, title, plain),
        "%s%s%s" % (red, failure["message"], plain),
    ]
    log = str(failure.get("details", {}).get("log", "")).strip()
    if log:
        lines += ["", log]
    if failure.get("hint"):
        lines += ["", "%s%s%s" % (bold, failure["hint"], plain)]
    return [*lines, then] if then else lines
