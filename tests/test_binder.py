"""The repository opens on Binder: what repo2docker makes of it, without Docker."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from repo2docker.app import Repo2Docker

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def dockerfile() -> str:
    """The Dockerfile that repo2docker would build."""
    app = Repo2Docker()
    with contextlib.chdir(ROOT):  # build packs look for their files in the working directory
        packs = (kind(app.base_image) for kind in app.buildpacks)
        pack = next(pack for pack in packs if pack.detect())
        pack.platform = "linux/amd64"
        return pack.render({})


def test_binder_installs_headstart_into_a_python_that_it_runs_on(dockerfile: str) -> None:
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in dockerfile
    assert "." in (ROOT / "binder" / "requirements.txt").read_text().splitlines()
    assert "environment-2epy-2d3-2e12" in dockerfile


def test_binder_builds_the_examples_environments(dockerfile: str) -> None:
    assert "./binder/postBuild" in dockerfile
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)
    assert "headstart ensure" in (ROOT / "binder" / "postBuild").read_text()


def test_the_repository_is_there_before_headstart_is_installed_from_it(dockerfile: str) -> None:
    copied = dockerfile.index("COPY --chown=1000:1000 src/ ${REPO_DIR}")
    assert copied < dockerfile.index("pip install --no-cache-dir")
