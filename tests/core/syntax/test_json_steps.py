"""A large notebook is parsed step by step, with the same result."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.syntax import json_steps
from headstart.core.syntax.json_steps import parse_in_steps

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


def parsed(parse: Any, text: str) -> Any:
    """What comes of a text; None if it is not JSON."""
    try:
        return [parse(text)]
    except ValueError:
        return None


@given(value=VALUES, indent=st.sampled_from([None, 0, 1]), data=st.data())
def test_whatever_json_says_of_a_text_is_said_of_it(value: Any, indent: int | None, data: Any):
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    assert parsed(parse_in_steps, text) == [value]
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    more = data.draw(
        st.sampled_from(["", ",", "]", "}", "{", "[", '"', ":", " ", "1", "null", "\\"])
    )

    changed = text[:at] + more + text[at + cut :]

    assert parsed(parse_in_steps, changed) == parsed(json.loads, changed)


@pytest.mark.parametrize(
    "text",
    ["", " ", "{", "[", "[1,]", '{"a":1,}', "[1 2]", '{"a" 1}', "{1: 2}", "[] []", "nan",
     "\ufeff[]", '{"a": 1, "a": [2]}', "[NaN, -Infinity]", "\t{}\r\n", '["\ud800"]', "[[[[[[1]]]]]",
     "[,1]"],
)  # fmt: skip
def test_odd_texts_are_read_as_json_reads_them(text: str):
    assert repr(parsed(parse_in_steps, text)) == repr(parsed(json.loads, text))


def test_a_text_that_is_too_deep_is_an_error():
    with pytest.raises((RecursionError, ValueError)):
        parse_in_steps("[" * 200_000)


def test_no_call_parses_more_than_an_output(monkeypatch: pytest.MonkeyPatch):
    """Between two calls others have their turn; the decoder, written in C, gives them none."""
    cell = {"cell_type": "code", "outputs": [{"text": ["line\n"] * 20}] * 3, "source": ["a"]}
    text, parsed_at_once = json.dumps({"cells": [cell] * 50}), []

    class Decoder(json.JSONDecoder):
        def raw_decode(self, s: str, idx: int = 0) -> Any:
            value, end = super().raw_decode(s, idx)
            parsed_at_once.append(s[idx:end])
            return value, end

    monkeypatch.setattr(json_steps, "JSONDecoder", Decoder)
    assert parse_in_steps(text) == json.loads(text)
    assert max(parsed_at_once, key=len) == json.dumps(cell["outputs"][0])
