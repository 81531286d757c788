import pytest

from headstart.core.redact import redact, redact_users


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


@pytest.mark.parametrize(
    "text, redacted",
    [
        ("https://host/simple?token=abc", "https://host/simple?token=****"),
        ("https://host/x?a=1&API_KEY=abc&b=2#c", "https://host/x?a=1&API_KEY=****&b=2#c"),
        ("`https://host/x?passwd=abc` fails", "`https://host/x?passwd=****` fails"),
        ("(https://host/x?X-Amz-Signature=a%2Fb)", "(https://host/x?X-Amz-Signature=****)"),
        ('"https://me:x@host/x?sig=a;jwt=b"', '"https://****@host/x?sig=****;jwt=****"'),
        ("https://host/x?version=1#sha256=abc", "https://host/x?version=1#sha256=abc"),
        ("A key=value pair; token=x", "A key=value pair; token=x"),
    ],
)
def test_parameters_that_look_like_secrets_are_gone(text, redacted):
    assert redact(text) == redacted


def test_a_signed_url_stays_of_use_to_programs():
    signed = "https://{}host/alpha.whl?signature=abc"
    assert redact_users(signed.format("me:secret@")) == signed.format("****@")


def test_a_long_text_takes_no_longer_than_its_length():
    assert len(redact("://" * 200_000)) == 600_000
    assert len(redact("?a" * 300_000)) == len(redact("&" + "key" * 200_000)) - 1 == 600_000
