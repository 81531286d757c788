"""The command line. It finds the verb, parses its arguments, calls it, and says what went wrong.

A verb is a module of `verbs`, and only the one that is called is imported: each kernel that a
kernelspec's command starts waits for ``headstart launch``.
"""

from __future__ import annotations

import argparse
import io
import re
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from ..errors import BuildCancelled, HeadstartError

FAILED, INTERRUPTED = 1, 130
"""Exit codes; argparse's own for wrong usage is 2."""

_VERBS = Path(__file__).with_name("verbs")
_FIRST = (
    *("run", "show", "ensure", "lock", "sync"),
    *("init", "add", "remove", "upgrade", "pin", "tree", "export"),
    *("list", "prune", "keep", "unkeep", "verify", "launch"),
)
"""The order of the help: these verbs, then all others by name."""

_EPILOG = """\
Settings are environment variables (HEADSTART_STORE is the store's folder) or traits in Jupyter's
configuration (c.Headstart.store). The README lists them all."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv`` (default: the process's); returns the exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    # As with Ctrl-C: a build is cancelled, and the processes that it started end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What it cannot encode is escaped, as on stderr: half of a surrogate pair, for example.
        sys.stdout.reconfigure(errors="backslashreplace")
    # A guess until the arguments are parsed: importing the verb comes first, and it may fail.
    as_json = "--json" in arguments
    try:
        options = vars(_parser(*arguments[:1]).parse_args(arguments))
        as_json = options["as_json"]
        call = options.pop("call")
        code: int = call(**options)
        return code
    except HeadstartError as error:
        return fail(error, as_json)
    except KeyboardInterrupt:
        return fail(BuildCancelled("Interrupted."), as_json)
    except BrokenPipeError:
        # The reader has closed the pipe, as `head` does; flushing it at exit would fail again.
        sys.stdout = None
        return FAILED


def fail(error: HeadstartError, as_json: bool) -> int:
    """Say what went wrong; returns the exit code."""
    from .output import print_error  # only for errors

    print_error(error, as_json)
    return INTERRUPTED if isinstance(error, BuildCancelled) else FAILED


def verb_names() -> list[str]:
    """The names of all verbs, in the order of the help."""
    names = {file.stem for file in _VERBS.glob("[!_]*.py")}
    first = [name for name in _FIRST if name in names]
    return first + sorted(names.difference(first))


def _parser(verb: str = "") -> argparse.ArgumentParser:
    """The parser of a verb's command line; of all verbs by name, for the help, if it is none."""
    # The help names the program as the user has called it: `jupyter headstart` runs another one.
    name = Path(sys.argv[0]).name
    programs = {"jupyter-headstart": "jupyter headstart", "__main__.py": "python -m headstart"}
    parser: argparse.ArgumentParser = _Parser(
        prog=programs.get(name, "headstart"),
        description="Notebooks in the environment that their header asks for.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="print the version"
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    names = verb_names()
    if verb not in names:
        # Their arguments are not needed for this help, and would take the import of each.
        for other in names:
            verbs.add_parser(other, help=_summary(other))
        return parser
    module = import_module(f".verbs.{verb}", __package__)
    arguments = verbs.add_parser(verb, description=module.DESCRIPTION)
    arguments.add_argument(
        "--json", action="store_true", dest="as_json", help="print JSON on standard output"
    )
    module.add_arguments(arguments)
    arguments.set_defaults(call=module.main)
    return parser


def _summary(verb: str) -> str:
    """The ``SUMMARY`` in a verb's source: to import all verbs would take the help two seconds."""
    source = (_VERBS / f"{verb}.py").read_text(encoding="utf-8")
    match = re.search(r'^SUMMARY = "(.+)"$', source, re.MULTILINE)
    return match[1] if match else ""


class _Parser(argparse.ArgumentParser):
    """Quotes wrong arguments so that none commands a terminal: they may be names of files."""

    def error(self, message: str) -> NoReturn:
        from ..printable import printable  # only for wrong arguments

        super().error(printable(message))


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from .. import __version__  # importing it reads the distribution's metadata

        print(__version__)
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
