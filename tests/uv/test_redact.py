import pytest

from headstart.uv.redact import redact


@pytest.mark.parametrize(
    "text, redacted",
    [
        ("https://user:secret@host/simple", "https://****@host/simple"),
        ("https://token@host/simple", "https://****@host/simple"),
        ("https://user:p@ss@host/simple", "https://****@host/simple"),
        ("see http://a:b@one and http://c:d@two.", "see http://****@one and http://****@two."),
        ("https://host/simple", "https://host/simple"),
        (
            "name@example.org wrote to https://host/@scope",
            "name@example.org wrote to https://host/@scope",
        ),
    ],
)
def test_user_and_password_of_each_url_are_gone(text, redacted):
    assert redact(text) == redacted


def test_a_long_text_takes_no_longer_than_its_length():
    assert len(redact("://" * 200_000)) == 600_000
