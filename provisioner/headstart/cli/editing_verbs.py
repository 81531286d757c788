"""The arguments of the verbs that edit a notebook's header, or write it in other forms."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable

Verb = Callable[[str, str, str], ArgumentParser]

_INIT = """\
Give an old notebook a header: the packages that bring what its cells import, what they install
with %pip, and the Python that it was last run with. They are resolved before they are written."""

_ADD = """\
Add packages to a notebook's header; a notebook that has none gets one. They are resolved first,
together with all that is there: what cannot be had is not written. Of a package that is there
already, the version is changed. All else in the file stays as it is, and so does the header's
layout; a lock in the notebook is renewed."""

_REMOVE = "Remove packages from a notebook's header. A lock in the notebook is renewed."

_UPGRADE = """\
Write the newest versions that fit together in place of those that a notebook's header pins with
==. For a package that is named here, a range that excludes the newest version begins with it."""

_PIN = """\
Write the versions that a notebook runs with into its header, as name==version: those of its lock,
if it has one."""

_TREE = """\
Show the packages of a notebook's lock as a tree: what the header asks for, and what that requires.
Builds nothing."""

_EXPORT = """\
Write a notebook's lock as a requirements.txt with hashes, a pylock.toml (PEP 751), a Dockerfile or
a binder folder; or what its header asks for as a pyproject.toml."""


def add_editing_verbs(verb: Verb, add_notebook: Callable[[ArgumentParser], None]) -> None:
    """Add the verbs to a command line.

    :param verb: adds one, by name, summary and description.
    :param add_notebook: adds the argument that names a notebook.
    """
    _add_init(verb, add_notebook)
    add = verb("add", "add packages to a notebook's header", _ADD)
    add_notebook(add)
    add.add_argument("packages", nargs="+", metavar="PKG", help='as "pandas" or "pandas>=2"')
    add.add_argument("--pin", action="store_true", help="with the versions that they have now")
    _add_frozen(add)
    remove = verb("remove", "remove packages from a notebook's header", _REMOVE)
    add_notebook(remove)
    remove.add_argument("packages", nargs="+", metavar="PKG", help="the name of a package")
    _add_frozen(remove)
    for name, summary, description in (
        ("upgrade", "renew the versions that a notebook's header pins", _UPGRADE),
        ("pin", "write the locked versions into a notebook's header", _PIN),
    ):
        parser = verb(name, summary, description)
        add_notebook(parser)
        parser.add_argument("packages", nargs="*", metavar="PKG", help="only these packages")
    add_notebook(verb("tree", "show a notebook's packages as a tree", _TREE))
    _add_export(verb, add_notebook)


def _add_export(verb: Verb, add_notebook: Callable[[ArgumentParser], None]) -> None:
    export = verb("export", "write a notebook's lock in the forms of other tools", _EXPORT)
    add_notebook(export)
    export.add_argument(
        "--format",
        dest="form",
        choices=["requirements", "pylock", "pyproject", "dockerfile", "binder"],
        default="requirements",
        help="requirements, if nothing is said",
    )
    export.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="the file, or the folder of a binder; else standard output, or binder/ beside it",
    )


def _add_init(verb: Verb, add_notebook: Callable[[ArgumentParser], None]) -> None:
    init = verb("init", "give an old notebook a header", _INIT)
    add_notebook(init)
    init.add_argument(
        "--place",
        choices=["cell", "front-matter", "metadata", "text"],
        help="where the header goes; a cell, or the top of a text notebook",
    )
    init.add_argument(
        "--as-of",
        nargs="?",
        const="commit",
        metavar="DATE",
        help="take nothing that was uploaded later; without DATE, than the file's last commit",
    )
    _add_frozen(init)


def _add_frozen(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--frozen", action="store_true", help="resolve nothing, and leave a lock as it is"
    )
