"""``headstart show``: a notebook's header, lock, environment and packages."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...core.header.spec import Header
from ...core.interpreter import Interpreter
from ...core.lock.held_back import HeldBack
from ...core.lock.pylock import Lock
from ...core.lock.selection import select
from ...core.messages import size_of
from ...core.notebook.find import HeaderPlace
from ...core.notebook.misplaced import misplaced_header
from ...core.redact import redact_value
from ...core.refresh import RefreshMode
from ...core.store.manifest import Distribution, Environment
from ...environments.context import open_context
from ...environments.ready import lock_for, look, requires_python_of
from ...environments.resolve.interpreters import find_interpreter
from ...environments.resolve.newer_versions import recall_held_back
from ...environments.resolve.notices import notices_for
from ...errors import HeadstartError
from ...request.notebook_files import read_notebook
from ...request.read import Request, read_request, with_locations
from ..cli_settings import read_settings
from ..common_arguments import add_notebook
from ..output import error_block, print_json, print_text, table
from ..terminal import ProgressLine

SUMMARY = "show a notebook's header and environment"
DESCRIPTION = """\
Show a notebook's header, its lock, its environment and the packages in it. Builds nothing; if
there is no environment yet, it shows what would be built."""

_LOCATIONS = {
    HeaderPlace.REQUIREMENTS_TXT: "requirements.txt",
    HeaderPlace.FRONT_MATTER: "front matter",
    HeaderPlace.METADATA: "the notebook's metadata",
    HeaderPlace.TEXT: "the notebook's text",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a notebook. What could not be had is None, and ``error`` says why.

    ``misplaced`` says what looks like a header, if there is none; ``held_back`` are packages in an
    old version for lack of wheels; ``notices`` are all that people should know of it.
    """

    path: Path
    request: Request
    interpreter: Interpreter | None = None
    lock: Lock | None = None
    environment: Environment | None = None
    error: HeadstartError | None = None
    misplaced: str = ""
    held_back: tuple[HeldBack, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def lock_digest(self) -> str:
        """Of the lock that the notebook brings, else of the one that was resolved, or ``""``."""
        if self.lock is None:
            return ""
        provided = self.request.spec.lock
        return provided.digest if provided is not None else self.lock.digest

    @property
    def packages(self) -> tuple[Distribution, ...]:
        """What is installed; if nothing is, what would be."""
        if self.environment is not None:
            return self.environment.packages(self.request.spec.direct)
        if self.lock is None or self.interpreter is None:
            return ()
        direct = self.request.spec.direct
        return tuple(
            Distribution(
                package.name,
                package.version,
                size=wheel.size or 0,
                direct=package.name in direct,
                wheel=wheel.sha256,
            )
            for package, wheel in select(self.lock, self.interpreter)
        )


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)


def main(notebook: Path, as_json: bool) -> int:
    """Print everything; resolves if need be, builds nothing.

    :raises HeadstartError: if the notebook or its header cannot be read.
    """
    with ProgressLine() as line:
        shown = _look(notebook, read_request(notebook, read_settings), line)
    print_json(to_json(shown)) if as_json else print_text(render(shown))
    return 0 if shown.error is None else 1


def _look(path: Path, request: Request, line: ProgressLine) -> Shown:
    # To show what would be built is no reason to download a Python.
    settings = replace(read_settings(), python_downloads="never")
    context = open_context(settings, line.report)
    misplaced = "" if request.header else misplaced_header(read_notebook(path))
    shown = Shown(path, request, misplaced=misplaced)
    # Step by step: if one fails, the results of those before it are shown all the same.
    try:
        shown = replace(shown, environment=look(request.spec, context))
        interpreter = find_interpreter(requires_python_of(request.spec, context), context)
        shown = replace(shown, interpreter=interpreter)
        lock = lock_for(request.spec, interpreter, context)
        facts = (request.spec, lock.versions, interpreter.version, context.store)
        held_back, notices = recall_held_back(*facts), notices_for(*facts)
        return replace(shown, lock=lock, held_back=held_back, notices=notices)
    except HeadstartError as error:
        return replace(shown, error=with_locations(error, request))


def to_json(shown: Shown) -> dict[str, Any]:
    """Everything, for programs."""
    header, environment = shown.request.header, shown.environment
    return {
        "notebook": str(shown.path),
        "header": header.to_json() if header else None,
        "spec": shown.request.spec.digest,
        "python": shown.interpreter.version if shown.interpreter else None,
        "lock": shown.lock_digest or None,
        "lock_from": shown.request.spec.lock.origin if shown.request.spec.lock else None,
        "environment": _environment_json(environment) if environment else None,
        "packages": [item.to_json() for item in shown.packages],
        "held_back": [package.to_json() for package in shown.held_back],
        "notices": list(shown.notices),
        "error": shown.error.to_json() if shown.error else None,
    }


def _environment_json(environment: Environment) -> dict[str, Any]:
    manifest = environment.manifest
    return {
        "key": environment.key,
        "prefix": environment.prefix,
        "python": manifest.python_version,
        "size": manifest.size,
        "built_at": manifest.built_at,
        "clashes": list(manifest.clashes),
    }


def render(shown: Shown) -> str:
    """Everything, for people."""
    parts = [table(_facts(shown))]
    if shown.packages:
        parts.append(_packages(shown))
    if shown.error is not None:
        parts.append(error_block(shown.error))
    return "\n\n".join(parts)


def _facts(shown: Shown) -> list[tuple[str, str]]:
    spec, header = shown.request.spec, shown.request.header
    facts = [("notebook", str(shown.path)), ("header", _location(header))]
    # A requirement may be a URL with a password in it, as may the variables below.
    facts += [("", redact_value(item.text)) for item in (header.requirements if header else ())]
    facts += _fields(header) if header else []
    warnings = header.warnings if header else [shown.misplaced] if shown.misplaced else []
    facts += [("warning", text) for text in (*warnings, *shown.notices)]
    facts.append(("python", _python(shown)))
    facts.append(("refresh", spec.refresh.value))
    if spec.exclude_newer:
        facts.append(("not newer", spec.exclude_newer))
    facts.append(("spec", spec.digest[:12]))
    if shown.lock is not None:
        facts.append(("lock", f"{shown.lock_digest[:12]}, {_count(len(shown.packages))}"))
        if spec.lock is not None:
            facts.append(("", f"from {spec.lock.origin}"))
    facts.append(("environment", _state(shown)))
    if shown.environment is not None:
        facts.append(("", shown.environment.prefix))
        facts += [("warning", text) for text in shown.environment.manifest.clashes]
    return facts


def _fields(header: Header) -> list[tuple[str, str]]:
    """What the header says besides its requirements, by the names that it has for it."""
    fields = {
        "requirements": header.requirements_file,
        "groups": ", ".join(header.groups or ()),
        "extras": ", ".join(header.extras),
        "pylock": header.pylock,
        "local-extras": ", ".join(header.local_extras),
        "env": " ".join(f"{name}={redact_value(value)}" for name, value in header.env),
        "prepend-paths": ", ".join(header.prepend_paths),
        "preload": ", ".join(header.preload),
    }
    return [(name, value) for name, value in fields.items() if value]


def _location(header: Header | None) -> str:
    if header is None:
        return "none"
    return _LOCATIONS.get(header.place) or f"cell {(header.cell or 0) + 1}"


def _python(shown: Shown) -> str:
    requires = shown.request.spec.requires_python or "any"
    interpreter = shown.interpreter
    return f"{requires}: {interpreter.version}, {interpreter.path}" if interpreter else requires


def _state(shown: Shown) -> str:
    if shown.environment is not None:
        manifest = shown.environment.manifest
        return f"{shown.environment.key[:12]}, {size_of(manifest.size)}, built {manifest.built_at}"
    if shown.error is not None:
        return "none"
    size = sum(item.size for item in shown.packages)
    download = f" (wheels: {size_of(size)})" if size else ""
    ephemeral = shown.request.spec.refresh is RefreshMode.EPHEMERAL
    when = "built again at each start" if ephemeral else "not built yet"
    return f"{when}; this would be installed{download}"


def _packages(shown: Shown) -> str:
    """A table of the packages, those that the header asks for first."""
    ordered = sorted(shown.packages, key=lambda item: (not item.direct, item.name))
    rows = [
        (
            item.name,
            item.version,
            size_of(item.size) if item.size else "",
            "" if item.direct or not item.required_by else f"for {', '.join(item.required_by)}",
        )
        for item in ordered
    ]
    return table([("PACKAGE", "VERSION", "SIZE", ""), *rows], right=(2,))


def _count(packages: int) -> str:
    return "1 package" if packages == 1 else f"{packages} packages"
