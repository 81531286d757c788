"""What uv's failures mean, for people.

uv's exit codes say little (1 is mostly a resolution, 2 mostly the rest), so its words are read:
one ``error:`` line, ``cause:`` lines below it, and ``hint:`` lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from packaging.utils import canonicalize_name

from .. import envvars, errors
from ..core.messages import shown
from ..core.redact import redact
from ..errors import HeadstartError, ResolutionError
from .commands import UvCommand
from .configuration import CONSTRAINTS, EXCLUDE_NEWER, REQUIREMENTS
from .resolution import diagnose_resolution, requirements_in, without_files

__all__ = ["Failure", "diagnose", "read_failure"]

_STATUS = re.compile(r"HTTP status \w+ error \((\d+ [^)]+)\)")
_START = re.compile(r"^ *(error|cause|hint|Caused by): ?(.*)$")


@dataclass(frozen=True, slots=True)
class Failure:
    """uv's own report: its error, the causes from the outermost to the innermost, its hints.

    ``requirements`` are those that it got, by normalised name; ``verb`` is what was called, and
    ``exit_code`` how it ended.
    """

    error: str
    causes: tuple[str, ...]
    hints: tuple[str, ...]
    log: str
    requirements: Mapping[str, str] = field(default_factory=dict, hash=False)
    verb: str = ""
    exit_code: int = 0

    @property
    def text(self) -> str:
        """All of it, on a line each."""
        return "\n".join((self.error, *self.causes, *self.hints))


def read_failure(log: str) -> Failure:
    """Read uv's output; lines that are indented belong to the one above."""
    parts: list[tuple[str, list[str]]] = []
    for line in log.splitlines():
        if match := _START.match(line):
            parts.append((match[1], [match[2]]))
        elif parts and line.startswith("   "):
            parts[-1][1].append(line.strip())
    texts = [(kind, "\n".join(line for line in lines if line)) for kind, lines in parts]
    return Failure(
        error=next((text for kind, text in texts if kind == "error"), ""),
        causes=tuple(text for kind, text in texts if kind in {"cause", "Caused by"}),
        hints=tuple(text for kind, text in texts if kind == "hint"),
        log=log,
    )


def diagnose(
    command: UvCommand, exit_code: int, log: str, indexes: Sequence[str] = ()
) -> HeadstartError:
    """The error for a failed call of uv.

    :param log: uv's stderr.
    :param indexes: addresses of the indexes that it could ask, without credentials.
    """
    # Redacted once more, though the log is already: errors are saved in the outputs of notebooks.
    failure = replace(
        read_failure(redact(log)),
        requirements=_names(command.files.get(REQUIREMENTS, "")),
        verb=command.verb,
        exit_code=exit_code,
    )
    error = _explained(failure) or _unsolved(command, failure, indexes) or _unknown(failure)
    return error.with_details(verb=command.verb, exit_code=exit_code, log=failure.log)


def _explained(failure: Failure) -> HeadstartError | None:
    """The error of a failure that its words tell, whatever uv was doing."""
    for pattern, explain in _CLASSES:
        if pattern.search(failure.text):
            return explain(failure)
    return None


def _unsolved(
    command: UvCommand, failure: Failure, indexes: Sequence[str]
) -> ResolutionError | None:
    """The error of a resolution that has no solution."""
    if "No solution found" not in failure.error:
        return None
    limits = _names(command.files.get(CONSTRAINTS, ""))
    error = diagnose_resolution(failure.causes, failure.hints, failure.requirements, limits)
    if limit := _limit_on_times(command, failure):
        return error.with_hint(limit)
    name = without_files(failure.causes)
    return _no_files(name, indexes, error) if name else error


def _limit_on_times(command: UvCommand, failure: Failure) -> str:
    """A hint on the limit of upload times, where uv has left files out for it; else ``""``."""
    if EXCLUDE_NEWER not in command.argv:
        users = any("filtered by `exclude-newer`" in hint for hint in failure.hints)
        return "The exclude-newer of uv's settings leaves out what was uploaded late." * users
    if "is missing an upload date" in failure.log:
        return "The index tells no upload times of its files, so exclude-newer leaves them out."
    limit = command.argv[command.argv.index(EXCLUDE_NEWER) + 1]
    return f"Its exclude-newer leaves out what was uploaded after {limit}."


def _names(requirements: str) -> dict[str, str]:
    """Normalised names to the requirements that name them."""
    lines = [line for line in requirements.splitlines() if line]
    return {canonicalize_name(re.split(r"[^\w.-]", line, maxsplit=1)[0]): line for line in lines}


def _unauthorised(failure: Failure) -> HeadstartError:
    where = _url(failure)
    return errors.IndexUnauthorised(
        f"The package index{where} wants credentials, or others than it got.",
        hint="Put them into the index's URL in uv's own settings, or into .netrc or the keyring.",
    )


def _disk_full(failure: Failure) -> HeadstartError:
    return errors.DiskFull(
        "There is no space left for the environment, or for what uv downloads.",
        hint=f"Free some space, or put the store on a larger disk: {envvars.STORE}.",
    )


def _file_too_large(failure: Failure) -> HeadstartError:
    name = _quoted(failure.error) or "A package"
    return errors.BuildTooLarge(
        f"{name} cannot be installed: one of its files is larger than all that it may unpack to.",
        hint=f"Leave it out, or ask for another version. If it is meant to be so large, raise "
        f"{envvars.MAX_ENV_BYTES}.",
        setting=envvars.MAX_ENV_BYTES,
        details={"package": name},
    )


def _hash_mismatch(failure: Failure) -> HeadstartError:
    name = _quoted(failure.text)
    return errors.HashMismatch(
        f"The file that the index serves for {name} is not the one in the lock.",
        hint="The index or something on the way to it has changed the file: do not trust it "
        "before you know why.",
        details={"package": name},
    )


def _offline(failure: Failure) -> HeadstartError:
    name = _quoted(failure.text) or _not_found(failure)
    direct = canonicalize_name(name) in failure.requirements
    above = requirements_in("\n".join(failure.causes), failure.requirements)
    needs = f" {', '.join(above)} in the header needs it." if above and name and not direct else ""
    return errors.IndexUnreachable(
        f"Headstart is offline, and {name or 'a package'} is not in uv's cache.",
        hint=f"Go online once, so that the packages are cached.{needs}",
        details={"offline": True},
    )


def _missing_file(failure: Failure) -> HeadstartError:
    return errors.PackageIndexError(
        f"The package index{_url(failure)} does not serve a file that the lock names.",
        hint="It was removed there: ask for another version in the header.",
    )


def _no_files(name: str, indexes: Sequence[str], error: ResolutionError) -> ResolutionError:
    where = f": {', '.join(indexes)}" if indexes else ""
    return errors.NoSuchVersion(
        f"The package index lists no files of {name}{where}.",
        hint="Its page has none, or is no page of a package index but of a log-in, for example: "
        "look at it, and check the address in Jupyter's or uv's settings.",
        package=name,
        requirements=error.requirements,
        chain=error.chain,
    )


def _no_index(failure: Failure) -> HeadstartError:
    return errors.PackageIndexError(
        f"What the package index{_url(failure)} answers is no page of one.",
        hint="Check its address in Jupyter's or uv's settings; a proxy or a log-in may answer in "
        "its place.",
    )


def _links(failure: Failure) -> HeadstartError:
    folder = re.search(r"`--find-links` directory: (.+)", failure.error)
    source = f"folder of wheels {folder[1]}" if folder else f"page of wheels{_url(failure)}"
    reason = re.sub(r" \(os error \d+\)", "", failure.causes[-1] if failure.causes else "")
    status = _STATUS.search(reason)
    return errors.PackageIndexError(
        f"The {source} cannot be {'read' if folder or status else 'reached'}: "
        f"{status[1] if status else reason}.",
        hint="It is among the find_links of Jupyter's settings, or the find-links of uv's: restore "
        "it, or remove it from them.",
    )


def _from_url(failure: Failure) -> HeadstartError:
    """A package that requires another one from a URL; uv takes those of its arguments only."""
    requirer, _, version = _quoted(failure.error).partition("==")
    match = re.search(r"Consider adding `(\S+) @ (\S+?)`", failure.text)
    name, url = (match[1], f": {shown(match[2])}") if match else ("another package", "")
    # uv's hints name the packages through which the header gets this one.
    above = dict.fromkeys([requirer, *re.findall(r"`([\w.-]+)`", "\n".join(failure.hints))])
    named = [failure.requirements[name] for name in above if name in failure.requirements]
    return errors.ResolutionError(
        f"{requirer} {version} requires {name} from a URL, which is not allowed{url}.",
        hint=f"Change {', '.join(named) or requirer} in the header: ask for a version that "
        f"requires nothing of the kind, or name wheels or folders of {requirer} and {name} in "
        "local-extras, of which nothing is installed that they require.",
        package=requirer,
        requirements=named,
    )


def _unreachable(failure: Failure) -> HeadstartError:
    reason = failure.causes[-1] if failure.causes else failure.error
    python = failure.verb == "install-python"
    what = "The server of Pythons" if python else "The package index"
    if status := _STATUS.search(reason):
        return errors.IndexUnreachable(
            f"{what}{_url(failure)} answers with an error: {status[1]}.",
            hint="Try again later; if it stays so, tell those who run it.",
        )
    return errors.IndexUnreachable(
        f"{what}{_url(failure)} cannot be reached: {reason}.",
        hint="Check the network, the proxy and the address in uv's settings.",
    )


def _no_python(failure: Failure) -> HeadstartError:
    return errors.InterpreterError(
        f"{failure.error}.", hint="Change requires-python, or install that Python."
    )


def _bad_wheel(failure: Failure) -> HeadstartError:
    name = _quoted(failure.error) or failure.error.partition(": ")[2]
    reason = (failure.causes[-1] if failure.causes else failure.error).rstrip(".")
    return errors.BuildError(
        f"{name} cannot be installed: {reason}.",
        hint="Its wheel is broken: ask for another version in the header.",
        details={"package": name},
    )


def _unknown(failure: Failure) -> HeadstartError:
    lines = [failure.error, *failure.causes] if failure.error else failure.log.split("\n")[-3:]
    reason = ": ".join(" ".join(line.split()) for line in lines if line.strip())
    reason = reason or f"it ended with status {failure.exit_code} and said nothing"
    hint = " ".join(failure.hints)
    return errors.UvError(f"uv failed: {reason.rstrip('.')}.", hint=hint)


def _url(failure: Failure) -> str:
    """`` at URL`` of the first URL that uv names, or nothing."""
    match = re.search(r"https?://[^\s()`]+", failure.text)
    return f" at {match[0]}" if match else ""


def _quoted(text: str) -> str:
    """The first ``name==version`` that uv puts in backquotes or parentheses."""
    match = re.search(r"[`(]([^`(]+==[^`)]+)[`)]", text)
    return match[1] if match else ""


def _not_found(failure: Failure) -> str:
    match = re.search(r"Because (\S+) (?:was not found|needs to be downloaded)", failure.text)
    return match[1] if match else ""


_Explain = Callable[[Failure], HeadstartError]

_CLASSES: Final[tuple[tuple[re.Pattern[str], _Explain], ...]] = tuple(
    # The first that matches counts: what is further up is the cause of what is below. 28, 122 and
    # 27 are ENOSPC, EDQUOT and EFBIG, the last from the limit on single files.
    (re.compile(pattern), explain)
    for pattern, explain in (
        (r"No space left on device|Disk quota exceeded|os error (28|122)\b", _disk_full),
        (r"os error 27\b", _file_too_large),
        (r"\b40[137] (Unauthorized|Forbidden|Proxy)|valid authentication", _unauthorised),
        (r"(Hash|Size) mismatch", _hash_mismatch),
        (r"network was disabled|Network connectivity is disabled", _offline),
        (r"Failed to read `--find-links`", _links),
        (r"was included as a URL dependency", _from_url),
        (r"unexpected (JSON|HTML)|Unsupported `Content-Type`", _no_index),
        (r"\b(404 Not Found|410 Gone)", _missing_file),
        (r"Request failed|Failed to fetch|error sending request|dns error", _unreachable),
        (r"No interpreter found|No download found|downloads are disabled", _no_python),
        (r"Failed to (install|download|extract|read|unzip)", _bad_wheel),
        (r"wheel is invalid|no binary distribution", _bad_wheel),
    )
)
