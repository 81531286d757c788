"""The command line. It parses, calls a verb, and says what went wrong; a file a verb does the rest.

Verbs are imported when they are called: ``headstart launch`` stands between a client and its
kernel, on every host.
"""

from __future__ import annotations

import argparse
import io
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from ..errors import BuildCancelled, HeadstartError
from .editing_verbs import add_editing_verbs

FAILED, INTERRUPTED = 1, 130
"""Exit codes; argparse's own for wrong usage is 2."""

_EPILOG = """\
Settings are environment variables (HEADSTART_STORE is the store's folder) or traits in Jupyter's
configuration (c.Headstart.store). The README lists them all."""

_RUN = """\
Run a notebook from its first cell to its last, in the environment that its header asks for. The
notebook itself stays as it is: with its outputs it is written to NAME.out.ipynb beside it, or to
OUT, also if a cell fails. Give the notebook's own path as OUT to run it in place. Several notebooks
run one after the other; the exit code is 1 if one of them failed."""

_SHOW = """\
Show a notebook's header, its lock, its environment and the packages in it. Builds nothing; if
there is no environment yet, it shows what would be built."""

_ENSURE = """\
Make a notebook's environment ready, so that its next kernel starts at once, and print the
environment's prefix."""

_LOCK = """\
Write a lock into a notebook: the versions, files and hashes of all that its header asks for, for
all platforms where that works. From then on every machine installs exactly that. A lock that is
there is renewed: versions stay as they were where the header still allows them."""

_SYNC = """\
Make the environment of a notebook's lock ready: exactly what the lock says, and nothing is
resolved. It is an error if there is no lock, or if the header does not fit it any more. Prints
the environment's prefix."""

_LIST = """\
List the environments in the store: what each takes, alone and together with others, when it was
last used, which kernels use it, and which notebooks asked for it."""

_PRUNE = """\
Take out of the store what nobody uses, until it keeps its quotas and leaves the reserve of free
space: the least recently used first. What kernels use, and what is kept, stays. The store does
so by itself after a build, once an hour."""

_KEEP = "Leave an environment in the store, whatever presses, until `unkeep` lets it go."

_UNKEEP = "Treat a kept environment as any other again: it goes when its time comes."

_VERIFY = """\
With NOTEBOOK: compare its header, its lock and the receipt of its last run, and check the files of
its environment if the store has it. Changes nothing. The exit code is 1 if something does not
agree, and 3 if nothing is wrong but something could not be checked.
With NOTEBOOK --imports: make its environment ready, and import each package that the notebook asks
for as its kernel would, with a short check where we know one.
With --environments: read every file of the environments, at about 1 GB a second, and compare it
with what its wheel says. Changes nothing; `prune --damaged` has what is damaged made again."""

_LAUNCH = """\
Become the kernel of a notebook. For clients that start kernels by their kernelspec's command and
know nothing of provisioners."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv`` (default: the process's); returns the exit code."""
    options = vars(_parser().parse_args(argv))
    verb, as_json = options.pop("verb"), options["as_json"]
    # As with Ctrl-C: a build is given up, and nothing that it started goes on.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What it cannot show, half of a surrogate pair for example, as stderr shows it: escaped.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        call: Callable[..., int] = import_module(f".{verb}", __package__).main
        return call(**options)
    except HeadstartError as error:
        return fail(error, as_json)
    except KeyboardInterrupt:
        return fail(BuildCancelled("Interrupted."), as_json)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain when it ends.
        sys.stdout = None
        return FAILED


def fail(error: HeadstartError, as_json: bool) -> int:
    """Say what went wrong; returns the exit code."""
    from .output import print_error

    print_error(error, as_json)
    return INTERRUPTED if isinstance(error, BuildCancelled) else FAILED


def _parser() -> argparse.ArgumentParser:
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
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    run = _verb(verbs, "run", "run notebooks headless", _RUN)
    run.add_argument(
        "notebooks",
        type=Path,
        nargs="+",
        metavar="NOTEBOOK",
        help="paths of .ipynb files, or of text notebooks",
    )
    run.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="where to write the notebook with its outputs; - is standard output",
    )
    run.add_argument(
        "--allow-errors", action="store_true", help="go on after a cell that failed; exit with 0"
    )

    _add_notebook(_verb(verbs, "show", "show a notebook's header and environment", _SHOW))
    ensure = _verb(verbs, "ensure", "make a notebook's environment ready", _ENSURE)
    _add_notebook(ensure)
    ensure.add_argument(
        "--system", action="store_true", help="build it in the system store, for all users"
    )
    lock = _verb(verbs, "lock", "write a lock into a notebook, or renew it", _LOCK)
    lock.add_argument(
        "notebook", type=Path, nargs="?", metavar="NOTEBOOK", help="path of a notebook"
    )
    lock.add_argument(
        "--upgrade",
        nargs="*",
        metavar="PKG",
        help="take the newest versions of these packages, or of all",
    )
    _add_notebook(_verb(verbs, "sync", "make the environment of a notebook's lock ready", _SYNC))
    add_editing_verbs(partial(_verb, verbs), _add_notebook)
    _verb(verbs, "list", "list the environments in the store", _LIST)

    prune = _verb(verbs, "prune", "take out of the store what nobody uses", _PRUNE)
    prune.add_argument("--dry-run", action="store_true", help="only say what would go, and why")
    prune.add_argument(
        "--all",
        action="store_true",
        dest="everything",
        help="all that is neither used nor kept, not only what has to go",
    )
    prune.add_argument(
        "--damaged",
        action="store_true",
        help="read every file, and put aside what is damaged: it is made again when it is needed",
    )
    _add_what(_verb(verbs, "keep", "leave an environment in the store", _KEEP))
    _add_what(_verb(verbs, "unkeep", "treat a kept environment as any other again", _UNKEEP))

    verify = _verb(verbs, "verify", "check a notebook, or every file in the store", _VERIFY)
    what = verify.add_mutually_exclusive_group(required=True)
    what.add_argument("notebook", type=Path, nargs="?", metavar="NOTEBOOK", help="a notebook")
    what.add_argument(
        "--environments",
        action="store_true",
        help="the environments and layers in the store, and what they are made of",
    )
    verify.add_argument(
        "--imports", action="store_true", help="install and import what the notebook asks for"
    )

    launch = _verb(verbs, "launch", "become a notebook's kernel", _LAUNCH)
    launch.add_argument(
        "-f",
        "--connection-file",
        metavar="FILE",
        required=True,
        help="the connection file, as Jupyter wrote it",
    )
    launch.add_argument(
        "--notebook", type=Path, help="the notebook; without one the environment is empty"
    )
    launch.add_argument(
        "arguments", nargs="*", metavar="ARGUMENT", help="passed on to the kernel, after --"
    )
    return parser


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    description: str,
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=summary, description=description)
    parser.add_argument(
        "--json", action="store_true", dest="as_json", help="print JSON on standard output"
    )
    return parser


def _add_notebook(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "notebook",
        type=Path,
        metavar="NOTEBOOK",
        help="path of an .ipynb file, or of a text notebook",
    )


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="KEY|NOTEBOOK", help="the beginning of a key, or a path")


class _Parser(argparse.ArgumentParser):
    """Quotes wrong arguments so that none commands a terminal: they may be names of files."""

    def error(self, message: str) -> NoReturn:
        from ..printable import printable

        super().error(printable(message))


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from .. import __version__

        print(__version__)
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
