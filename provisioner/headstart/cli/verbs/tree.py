"""``headstart tree``: the packages of a notebook's lock, and what asks for each."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.header.spec import EnvironmentSpec
from ...core.lock.dependency_tree import Tree
from ...core.lock.selection import select
from ...environments.context import Context, open_context
from ...environments.ready import lock_for, look, requires_python_of
from ...environments.resolve.interpreters import find_interpreter
from ...request.read import naming_locations, read_request
from ...uv.commands import explain_packages, parse_explanation
from ..cli_settings import read_settings
from ..common_arguments import add_notebook
from ..output import print_json, print_text
from ..terminal import ProgressLine

SUMMARY = "show a notebook's packages as a tree"
DESCRIPTION = """\
Show the packages of a notebook's lock as a tree: what the header asks for, and what that requires.
Builds nothing."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of `main`."""
    add_notebook(parser)


def main(notebook: Path, as_json: bool) -> int:
    """Print the tree; resolves if need be, builds nothing.

    :raises HeadstartError: if the header cannot be read, or there is no lock.
    """
    settings = read_settings()
    request = read_request(notebook, lambda: settings)
    spec = request.spec
    with ProgressLine() as line, naming_locations(request):
        tree = tree_of(spec, open_context(settings, line.report))
    if as_json:
        print_json({"notebook": str(notebook), "packages": _json(tree, spec)})
    else:
        print_text("\n".join(tree.lines()) or "The notebook asks for no packages.")
    return 0


def tree_of(spec: EnvironmentSpec, context: Context) -> Tree:
    """What asks for what: from the environment if it is built, else from the packages' metadata."""
    # An environment has the metadata of its packages: for these, uv need not ask an index.
    built = look(spec, context)
    if built is not None:
        installed = built.packages(spec.direct)
        versions = {item.name: item.version for item in installed}
        return Tree.of(versions, {item.name: item.required_by for item in installed}, spec.direct)
    interpreter = find_interpreter(requires_python_of(spec, context), context)
    lock = lock_for(spec, interpreter, context)
    selected = [package for package, _ in select(lock, interpreter)]
    parents: Mapping[str, Sequence[str] | frozenset[str]] = {}
    if selected:
        output = context.run(explain_packages(selected, spec, interpreter)).stdout
        parents = parse_explanation(output)
    return Tree.of({package.name: package.version for package in selected}, parents, spec.direct)


def _json(tree: Tree, spec: EnvironmentSpec) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "version": version,
            "direct": name in spec.direct,
            "requires": list(tree.requires[name]),
        }
        for name, version in sorted(tree.versions.items())
    ]
