"""The fields of a header, from the notebook to the environment and back to the user."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from headstart import envvars


def block(*lines: str) -> str:
    return "\n".join(["# /// script", *(f"# {line}" for line in lines), "# ///"])


def sha_of(house: Path, wheel: str) -> str:
    return hashlib.sha256((house / wheel).read_bytes()).hexdigest()


def test_a_requirements_file_with_hashes_is_installed(headstart, notebook, tmp_path, house) -> None:
    sha = sha_of(house, "alpha-1.0-py3-none-any.whl")
    lines = ["beta", "alpha==1.0 \\", f"    --hash=sha256:{sha}", "-c limits.txt"]
    (tmp_path / "requirements.txt").write_text("\n".join(lines))
    (tmp_path / "limits.txt").write_text("beta<2")
    path = notebook(block("[tool.headstart]", 'requirements = "requirements.txt"'))
    shown = json.loads(headstart("show", path, "--json").stdout)
    assert {item["name"]: item["direct"] for item in shown["packages"]} == {
        "alpha": True,
        "beta": True,
    }
    assert headstart("ensure", path).returncode == 0
    (tmp_path / "requirements.txt").write_text(f"alpha --hash=sha256:{sha}")
    result = headstart("ensure", path)
    assert result.returncode == 1
    assert "No wheel of alpha 2.0 has one of the hashes" in result.stderr


def test_headers_that_ask_for_the_same_share_an_environment(headstart, notebook, tmp_path) -> None:
    (tmp_path / "reqs.txt").write_text("# one\nBeta >= 1.0\n")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\ndependencies = ["beta>=1.0"]\n[dependency-groups]\ng = ["beta"]\n'
    )
    headers = [
        block('dependencies = ["beta>=1.0"]'),
        block("[tool.headstart]", 'requirements = "reqs.txt"'),
        block("[tool.headstart]", 'requirements = "pyproject.toml"'),
        block("[tool.headstart]", 'groups = ["G"]', 'env = {A = "b"}'),
    ]
    paths = [notebook(header, name=f"{n}.ipynb") for n, header in enumerate(headers)]
    prefixes = {headstart("ensure", path).stdout for path in paths}
    assert len(prefixes) == 1
    assert prefixes != {""}


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_show_shows_no_password_in_a_url_of_the_header(headstart, notebook, options) -> None:
    url = "https://me:h0untr2@127.0.0.1:9/simple"
    lines = [f'dependencies = ["beta @ {url}"]', "[tool.headstart]", f'env = {{A = "{url}"}}']
    result = headstart("show", notebook(block(*lines)), *options)
    assert "me:" not in result.stdout + result.stderr
    assert result.stdout.count("****@127.0.0.1:9/simple") >= 2


def test_show_names_what_the_header_says(headstart, notebook, tmp_path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "requirements.txt").write_text("beta")
    table = ['requirements = "requirements.txt"', 'prepend-paths = ["tools"]', 'preload = ["beta"]']
    path = notebook(block("[tool.headstart]", *table, 'env = {A = "b", C = "d"}'))
    shown = headstart("show", path).stdout
    for line in ("requirements   requirements.txt", "env            A=b C=d"):
        assert line in shown
    assert "prepend-paths  tools" in shown
    automatic = headstart("show", notebook("1"), **{envvars.REQUIREMENTS_FILES: "1"})
    assert "header        requirements.txt\n" in automatic.stdout


def test_an_index_of_the_settings_may_stand_in_a_header(headstart, notebook, index) -> None:
    entry = ['dependencies = ["beta"]', "[[tool.uv.index]]", f'url = "{index.url}"']
    assert headstart("ensure", notebook(block(*entry))).returncode == 0
    entry[-1] = 'url = "https://elsewhere.invalid/simple"'
    result = headstart("ensure", notebook(block(*entry)))
    assert result.returncode == 1
    assert "In cell 1, line 4: " in result.stderr
    assert "not among the package indexes" in result.stderr
