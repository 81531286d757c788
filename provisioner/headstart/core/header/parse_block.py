"""Parse the TOML of a header block, and say why one cannot be parsed."""

from __future__ import annotations

from typing import Any

from ...errors import HeaderError
from ..messages import shown
from ..notebook.find import FoundHeader
from ..syntax.toml import TomlProblem, load_toml


def load_block(found: FoundHeader) -> dict[str, Any]:
    """The TOML document of a header block.

    :raises HeaderError: if it is not TOML; names the cell and the line.
    """
    try:
        return load_toml(found.text)
    except TomlProblem as problem:
        raise _header_error(found, problem) from None


def _header_error(found: FoundHeader, problem: TomlProblem) -> HeaderError:
    lines = found.text.split("\n")
    text = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
    line = found.line + max(problem.line, 1) - 1
    hint = "The header is TOML: strings have quotes, and commas separate the items of a list."
    # PEP 723 ends a block at the last such line of its comment, so an earlier one is content.
    if text.strip() == "///" or text.startswith("/// "):
        hint = 'A header ends at the last "# ///" of its comment: put an empty line after this one.'
    quoted = f": {shown(text.strip())}." if text else "."
    reason = f"the header cannot be read. {problem.reason}{quoted}"
    return HeaderError.at(found.at(line, text), reason, hint)
