import pytest

from headstart.environments.build.link_mode import choose_link_mode


def test_the_probe_leaves_nothing_behind(tmp_path):
    assert choose_link_mode("auto", tmp_path) in {"clone", "hardlink", "copy"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", ["clone", "hardlink", "copy"])
def test_what_the_settings_ask_for_is_taken(tmp_path, mode):
    assert choose_link_mode(mode, tmp_path / "not-looked-at") == mode
