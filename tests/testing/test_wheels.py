from headstart.testing.wheels import make_wheel


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    first = make_wheel(tmp_path / "a", "alpha", "1.0", requires=["beta"])
    second = make_wheel(tmp_path / "b", "alpha", "1.0", requires=["beta"])
    assert first.read_bytes() == second.read_bytes()


def test_the_file_is_named_as_the_standard_says(tmp_path):
    path = make_wheel(tmp_path, "long-name", "1.0", tag="cp311-cp311-win_amd64")
    assert path.name == "long_name-1.0-cp311-cp311-win_amd64.whl"
