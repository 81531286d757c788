"""``headstart export``: a notebook's lock, or what it asks for, in the forms of other tools."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from ...core.header.spec import EnvironmentSpec
from ...core.interpreter import Interpreter
from ...core.lock.exports import dockerfile, left_out, pyproject, requirements, runtime
from ...core.lock.pylock import Lock, parse_lock
from ...core.notebook.jupytext import is_text_notebook
from ...environments.context import Context, open_context
from ...environments.ready import lock_for, requires_python_of
from ...environments.resolve.interpreters import find_interpreter
from ...errors import NotebookError
from ...request.notebook_files import write_text
from ...request.read import naming_locations, read_request
from ..cli_settings import read_settings
from ..common_arguments import add_notebook
from ..output import print_json, print_note, print_text
from ..terminal import ProgressLine

SUMMARY = "write a notebook's lock in the forms of other tools"
DESCRIPTION = """\
Write a notebook's lock as a requirements.txt with hashes, a pylock.toml (PEP 751), a Dockerfile or
a binder folder; or what its header asks for as a pyproject.toml."""

STDOUT = "-"
FILES = {
    "requirements": "requirements.txt",
    "pylock": "pylock.toml",
    "pyproject": "pyproject.toml",
    "dockerfile": "Dockerfile",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)
    parser.add_argument(
        "--format",
        dest="form",
        choices=[*FILES, "binder"],
        default="requirements",
        help="requirements, if nothing is said",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="the file, or the folder of a binder; else standard output, or binder/ next to it",
    )


def main(notebook: Path, form: str, output: str | None, as_json: bool) -> int:
    """Write the form to standard output, or to a file; a binder folder next to the notebook.

    :param output: path of the file or the binder folder.
    :raises HeadstartError: if there is no lock, or it cannot be written.
    """
    settings = read_settings()
    request = read_request(notebook, lambda: settings)
    spec = request.spec
    omitted = left_out(spec, form)
    if omitted:
        print_note(f"{form} has no words for what the notebook says of {', '.join(omitted)}.")
    with ProgressLine() as line, naming_locations(request):
        files = export(notebook, spec, form, open_context(settings, line.report))
    result = {"form": form, "left_out": list(omitted)}
    if output in (None, STDOUT) and form != "binder":
        [text] = files.values()
        print_json({**result, "text": text}) if as_json else print(text, end="")
        return 0
    paths = _write(notebook, form, output, files)
    print_json({**result, "written": paths}) if as_json else print_text("\n".join(paths))
    return 0


def export(path: Path, spec: EnvironmentSpec, form: str, context: Context) -> Mapping[str, str]:
    """The texts of a form, by the names of their files.

    :param form: ``requirements``, ``pylock``, ``pyproject``, ``dockerfile`` or ``binder``.
    :raises HeadstartError: if there is no lock.
    """
    # No form names the configured indexes: other tools look where they are configured to.
    interpreter = find_interpreter(requires_python_of(spec, context), context)
    python = interpreter.short_version
    if form == "pyproject":
        # No lock: a project names what the header asks for, and its own tool locks it.
        return {FILES[form]: pyproject(spec, path.stem, python)}
    lock = _lock(spec, interpreter, context)
    if form == "binder":
        return {"requirements.txt": requirements(lock), "runtime.txt": runtime(python)}
    if form == "dockerfile":
        is_text = is_text_notebook(path.name)
        text = dockerfile(lock, python, path.name, dict(spec.kernel.env), is_text=is_text)
    else:
        text = lock.render() if form == "pylock" else requirements(lock)
    return {FILES[form]: text}


def _lock(spec: EnvironmentSpec, interpreter: Interpreter, context: Context) -> Lock:
    """The lock that kernels take; for all platforms, if the notebook brings one that is."""
    lock = lock_for(spec, interpreter, context)
    if spec.lock is None:
        return lock
    provided = parse_lock(spec.lock.text)
    # Other forms have no words for parts of a lock that are chosen by name.
    return lock if provided.extras or provided.groups else provided


def _write(path: Path, form: str, output: str | None, files: Mapping[str, str]) -> list[str]:
    """Write the files, and say where they are."""
    if form != "binder":
        target = Path(output or "")
        write_text(target, next(iter(files.values())))
        return [str(target)]
    if output == STDOUT:
        raise NotebookError("A binder folder has two files.", hint="Give -o the path of a folder.")
    folder = Path(output) if output else path.with_name("binder")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise NotebookError(
            f"{folder} cannot be made: {error.strerror or error}.",
            hint="Give -o the path of a folder of yours.",
        ) from error
    for name, text in files.items():
        write_text(folder / name, text)
    return [str(folder / name) for name in files]
