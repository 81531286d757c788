"""The language of a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["is_python", "language_of"]

_SOURCES = (("kernelspec", "language"), ("language_info", "name"), ("jupytext", "main_language"))


def language_of(metadata: Mapping[str, Any]) -> str:
    """The language that a notebook's metadata names, as it is written; Python if it names none."""
    for key, field in _SOURCES:
        value = metadata.get(key)
        language = value.get(field) if isinstance(value, Mapping) else None
        if isinstance(language, str) and language:
            return language
    return "python"


def is_python(language: str) -> bool:
    """Whether a Python kernel runs a language."""
    return language.lower() in {"python", "ipython"}
