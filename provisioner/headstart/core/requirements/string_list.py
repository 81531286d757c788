"""Edit the dependencies of a header: a list of strings, or one string, which stays one."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import HeaderError
from ..syntax.lists import Edit, applied, runs
from .lines import split_requirements

__all__ = ["Dependencies", "rewritten", "texts_of"]

Dependencies = Sequence[str] | str
"""The value of the field ``dependencies``."""


def texts_of(dependencies: Dependencies) -> list[str]:
    """The requirements, each as it is written."""
    if isinstance(dependencies, str):
        return [item.text for item in split_requirements(dependencies)]
    return list(dependencies)


def rewritten(old: Dependencies, texts: Sequence[str]) -> Dependencies:
    """The value of the field with other requirements, in the form of the old value.

    :raises HeaderError: if the old value is a string that cannot be edited.
    """
    if not isinstance(old, str):
        return list(texts)
    before = texts_of(old)
    new = applied(old, [edit for run in runs(before, texts) for edit in _edits(old, before, *run)])
    # `_spans` searches for the texts, and may have found one in a comment.
    if texts_of(new) != list(texts):
        raise HeaderError(
            "The header's dependencies are a string that cannot be edited.",
            hint="Write them as a list, and try again.",
        )
    return new


def _edits(
    old: str, before: Sequence[str], start: int, end: int, fresh: Sequence[str]
) -> list[Edit]:
    spans = _spans(old, before)
    both = min(end - start, len(fresh))
    pairs = zip(spans[start : start + both], fresh, strict=False)
    edits: list[Edit] = [(*span, text) for span, text in pairs]
    if start + both < end:
        edits.append((*_gap(old, spans, start + both, end), ""))
    elif fresh[both:]:
        edits.append(_insertion(old, spans, start + both, fresh[both:]))
    return edits


def _spans(old: str, before: Sequence[str]) -> list[tuple[int, int]]:
    spans, at = [], 0
    for text in before:
        start = old.find(text, at)
        at = start + len(text)
        spans.append((start, at))
    return spans


def _gap(old: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The span to remove with the items from ``start`` to ``end``: their lines, or a separator."""
    first, last = spans[start][0], spans[end - 1][1]
    line, after = old.rfind("\n", 0, first) + 1, old.find("\n", last)
    alone = not old[line:first].strip() and (end == len(spans) or spans[end][0] > after >= 0)
    if alone and "\n" in old:
        return (line, after + 1) if after >= 0 else (max(line - 1, 0), len(old))
    if end < len(spans):
        return first, spans[end][0]
    return (spans[start - 1][1], last) if start else (first, last)


def _insertion(old: str, spans: Sequence[tuple[int, int]], at: int, fresh: Sequence[str]) -> Edit:
    if not spans:
        return len(old), len(old), "\n".join(fresh)
    if "\n" in old.strip() or ";" in old:
        if at == len(spans):
            end = len(old.rstrip())
            return end, end, "".join(f"\n{text}" for text in fresh)
        start = spans[at][0]
        in_line = old[old.rfind("\n", 0, start) + 1 : start].strip()
        separator = " " if in_line else "\n"  # a line with several requirements stays one
        return start, start, "".join(f"{text}{separator}" for text in fresh)
    between = old[spans[0][1] : spans[1][0]] if len(spans) > 1 else " "
    if at < len(spans):
        return spans[at][0], spans[at][0], "".join(f"{text}{between}" for text in fresh)
    return spans[-1][1], spans[-1][1], "".join(f"{between}{text}" for text in fresh)
