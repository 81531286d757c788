"""What the verbs that edit a header print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import envvars
from ..editing.draft import Draft, Edited
from .output import print_json, print_note, print_text


def report(edited: Edited, as_json: bool, members: Mapping[str, Any] | None = None) -> int:
    """Print what was changed; returns the exit code.

    :param members: further members of the JSON.
    """
    resolved = edited.resolved
    for note in (*edited.notes, *(resolved.notices if resolved else ())):
        print_note(note)
    if as_json:
        print_json({**_to_json(edited), **(members or {})})
        return 0
    lines = [f"- {text}" for text in edited.removed] + [f"+ {text}" for text in edited.added]
    outcome = "Changed" if edited.changed else "Nothing to change in"
    if edited.before.header is None:
        outcome = "Wrote"
        _note_other_kernel(edited.after)
    lock = "; its lock is renewed" if edited.relocked else ""
    print_text("\n".join([*lines, f"{outcome} the header in {edited.after.location}{lock}."]))
    return 0


def _to_json(edited: Edited) -> dict[str, Any]:
    resolved = edited.resolved
    return {
        "notebook": str(edited.after.path),
        "place": edited.after.place,
        "added": edited.added,
        "removed": edited.removed,
        "written": edited.changed,
        "relocked": edited.relocked,
        "versions": dict(resolved.versions) if resolved else {},
        "held_back": [package.to_json() for package in resolved.held_back] if resolved else [],
        "notices": list(resolved.notices) if resolved else [],
    }


def _note_other_kernel(draft: Draft) -> None:
    """Say that the notebook's kernel does not read the header that it has now."""
    kernelspec = draft.notebook.metadata.get("kernelspec")
    name = kernelspec.get("name") if isinstance(kernelspec, Mapping) else None
    # With DEFAULT_PROVISIONER, kernelspecs that name no provisioner use Headstart's.
    if name in ("python", "python3") and envvars.DEFAULT_PROVISIONER not in draft.settings.environ:
        print_note(
            f'The notebook names the kernel {name}, which reads no headers: choose "Python '
            f'(notebook header)" in Jupyter, or set {envvars.DEFAULT_PROVISIONER}=headstart.'
        )
