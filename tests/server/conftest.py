"""The fixtures of pytest-jupyter, for these tests only: two of them work on every test they see."""

from __future__ import annotations

from pytest_jupyter.jupyter_server import *  # noqa: F403  (fixtures and hooks, as its pages say)
