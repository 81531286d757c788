"""Export a lock, or a spec, in the formats that other tools read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name

from ..header.spec import RESOLUTION_FIELDS, SPEC_FIELDS, EnvironmentSpec
from .pylock import Lock, LockedPackage

__all__ = ["FORMS", "dockerfile", "left_out", "pyproject", "requirements", "runtime"]

_OF_A_LOCK = frozenset({"lock", *(field.name for field in RESOLUTION_FIELDS)}) - {"requires-python"}
"""What a form that has a lock keeps: it is resolved already, for one Python or for all."""

FORMS: Mapping[str, frozenset[str]] = {
    "requirements": _OF_A_LOCK,
    "pylock": _OF_A_LOCK | {"requires-python"},
    "pyproject": frozenset(
        {"requirements", "requires-python", "constraints", "overrides", "exclude-newer"}
    ),
    "dockerfile": _OF_A_LOCK | {"requires-python", "env"},
    "binder": _OF_A_LOCK | {"requires-python"},
}
"""The forms, each with the fields of a spec that it keeps."""

_NEEDLESS = frozenset({"refresh", "preload"})
"""Fields that do not change what a notebook runs with."""


def left_out(spec: EnvironmentSpec, form: str) -> tuple[str, ...]:
    """The fields that a notebook has and a form cannot express, by their names in a header."""
    kept = FORMS[form] | _NEEDLESS
    return tuple(field.name for field in SPEC_FIELDS if field.name not in kept and field.of(spec))


_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def requirements(lock: Lock) -> str:
    """A ``requirements.txt`` of all versions and hashes, which pip checks."""
    return "".join(_requirement(package) for package in lock.packages)


def _requirement(package: LockedPackage) -> str:
    marker = f" ; {package.marker}" if package.marker else ""
    hashes = sorted({wheel.sha256 for wheel in package.wheels if wheel.sha256})
    lines = [f"{package.name}=={package.version}{marker}"]
    return " \\\n".join([*lines, *(f"    --hash=sha256:{digest}" for digest in hashes)]) + "\n"


def pyproject(spec: EnvironmentSpec, stem: str, python: str) -> str:
    """A ``pyproject.toml`` whose project depends on what a notebook requires.

    :param stem: the notebook's name without its suffix.
    :param python: the lowest version, as ``3.12``, if the notebook does not have one.
    """
    return "\n".join(_pyproject(spec, _project_name(stem), spec.requires_python or f">={python}"))


def _pyproject(spec: EnvironmentSpec, name: str, requires_python: str) -> Iterator[str]:
    yield "[project]"
    yield f"name = {json.dumps(name)}"
    yield 'version = "0"'
    yield f"requires-python = {json.dumps(requires_python)}"
    yield from _list("dependencies", spec.requirements)
    uv = {"constraint-dependencies": spec.constraints, "override-dependencies": spec.overrides}
    yield ""
    yield "[tool.uv]"
    # Only a list of dependencies: there is nothing to build or to install.
    yield "package = false"
    for field, items in uv.items():
        if items:
            yield from _list(field, items)
    if spec.exclude_newer:
        yield f"exclude-newer = {json.dumps(spec.exclude_newer)}"
    yield ""


def _list(field: str, items: tuple[str, ...]) -> Iterator[str]:
    yield f"{field} = [" if items else f"{field} = []"
    if items:
        yield from (f"    {json.dumps(item)}," for item in items)
        yield "]"


def _project_name(stem: str) -> str:
    """A valid name of a project, as close to the notebook's as possible."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")
    return canonicalize_name(words) if _NAME.fullmatch(words) else "notebook"


def runtime(python: str) -> str:
    """The ``runtime.txt`` of a binder folder, for a version as ``3.12``."""
    return f"python-{python}\n"


def dockerfile(
    lock: Lock, python: str, notebook: str, env: Mapping[str, str], *, is_text: bool
) -> str:
    """A Dockerfile for an image in which JupyterLab shows the notebook, with its packages.

    :param python: the version, as ``3.12``.
    :param notebook: its file's name.
    :param env: variables that its header sets.
    :param is_text: whether it is a text notebook, which JupyterLab reads with jupytext.
    """
    jupyter = "ipykernel jupyterlab jupytext" if is_text else "ipykernel jupyterlab"
    variables = "".join(f"ENV {name}={_shell(value)}\n" for name, value in sorted(env.items()))
    return f"""\
# syntax=docker/dockerfile:1
FROM python:{python}-slim
RUN useradd --create-home notebook
WORKDIR /home/notebook
COPY <<"LOCK" requirements.txt
{requirements(lock)}LOCK
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
# Jupyter's own packages may not change those of the notebook.
RUN pip freeze > constraints.txt \\
 && pip install --no-cache-dir --constraint constraints.txt {jupyter}
USER notebook
{variables}COPY --chown=notebook {json.dumps([notebook, "./"])}
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser"]
"""


def _shell(value: str) -> str:
    """A value in quotes, in which no variable is expanded."""
    escaped = re.sub(r'([\\"$])', r"\\\1", value).replace("\n", " ")
    return f'"{escaped}"'
