"""Read the fields of the kernel's process: its variables, and the modules to preload."""

from __future__ import annotations

import re

from ... import envvars
from ..messages import kind_of, shown
from .fields import PREPEND_PATHS, HeaderFields

MAX_VARIABLES = 32 * 1024
"""Characters of all variables together; a process has room for 128 KiB in each on Linux."""

_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_REFUSED = {
    envvars.PATH: f"Name folders of programs with {PREPEND_PATHS}.",
    envvars.PYTHONHOME: "Say which Python with requires-python.",
    envvars.VIRTUAL_ENV: "Headstart sets it to the notebook's environment.",
}
_PREFIXES = ("HEADSTART_", "JPY_")


def read_variables(fields: HeaderFields) -> tuple[tuple[str, str], ...]:
    """The variables of the field ``env``, sorted by name.

    :raises HeaderError: if one may not be set, or is not a string.
    """
    table = fields.table("env")
    for name, value in table.items():
        _check_name(fields, str(name))
        if not isinstance(value, str):
            problem = f"{name} in env is {kind_of(value)}."
            fields.fail("env", problem, f'Put its value in quotes: {name} = "…".')
        # Starting the process would fail with either, and with an error that names no field.
        if "\0" in value or not _is_unicode(value):
            hint = "A variable holds text, without NUL characters."
            fields.fail("env", f"{name} in env is {shown(value)}.", hint)
    length = sum(len(name) + len(value) for name, value in table.items())
    if length > MAX_VARIABLES:
        hint = "Put long values into a file, and its path into the variable."
        fields.fail("env", f"env has {length} characters.", hint)
    return tuple(sorted(table.items()))


def _check_name(fields: HeaderFields, name: str) -> None:
    if not re.fullmatch(_VARIABLE, name):
        hint = "It has letters, digits and underscores, and no digit at its beginning."
        fields.fail("env", f"{shown(name)} in env is not the name of a variable.", hint)
    hint = _REFUSED.get(name, "")
    if name.startswith(_PREFIXES):
        hint = "Jupyter and Headstart set variables of that name themselves."
    if hint:
        fields.fail("env", f"{name} cannot be set in env.", hint)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def read_preload(fields: HeaderFields) -> tuple[str, ...]:
    """The modules of the field ``preload``, in their order.

    :raises HeaderError: if one is not the name of a module.
    """
    modules = fields.names("preload")
    for module in modules:
        if not all(part.isidentifier() for part in module.split(".")):
            hint = 'It is the name that follows `import`: preload = ["numpy", "pandas"].'
            fields.fail("preload", f"{shown(module)} in preload is not the name of a module.", hint)
    return tuple(dict.fromkeys(modules))
