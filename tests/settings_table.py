"""The README's table of settings, made of their rows. Run as a module, this writes it there."""

from __future__ import annotations

import re
from pathlib import Path

from headstart.settings import SETTINGS, OneOf, Setting, size

README = Path(__file__).parents[1] / "README.md"
HEAD = "| setting | variable | default | meaning |\n|---|---|---|---|\n"


def table() -> str:
    """All settings, a line each, in the order of their rows."""
    return HEAD + "".join(map(_line, SETTINGS))


def _line(setting: Setting) -> str:
    choices = setting.parse.choices if isinstance(setting.parse, OneOf) else ()
    meaning = (
        f"{setting.help} One of {', '.join(map(_code, choices))}." if choices else setting.help
    )
    cells = (_code(setting.name), _code(setting.variable), _default(setting), meaning)
    return f"| {' | '.join(cells)} |\n"


def _default(setting: Setting) -> str:
    match setting.default:
        case None | "" | ():
            return ""
        case bool(flag):
            return _code(str(int(flag)))
        case int(number) if setting.parse is size:
            power = next(power for power in (30, 20, 0) if number % (1 << power) == 0)
            return f"{number >> power} {({30: 'GiB', 20: 'MiB', 0: 'bytes'})[power]}"
        case str(text):
            return _code(text)
        case number:
            return f"{number:,.10g}"


def _code(text: str) -> str:
    return f"`{text}`"


def write() -> None:
    """Put the table into the README, in place of the one that is there."""
    text = README.read_text(encoding="utf-8")
    before, section, after = text.partition("## Settings\n")
    after = re.sub(r"(\|.*\|\n)+", lambda _: table(), after, count=1)
    README.write_text(before + section + after, encoding="utf-8")


if __name__ == "__main__":
    write()
