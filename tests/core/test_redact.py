import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.messages import shown
from headstart.core.redact import redact, redact_users, redact_value, secrets_in, without_secrets


@pytest.mark.parametrize(
    "text, redacted",
    [
        ("https://user:secret@host/simple", "https://****@host/simple"),
        ("https://token@host/simple", "https://****@host/simple"),
        ("https://user:p@ss@host/simple", "https://****@host/simple"),
        ("see http://a:b@one and http://c:d@two.", "see http://****@one and http://****@two."),
        ("https://host/simple", "https://host/simple"),
        (
            "name@example.org wrote to https://host.example/@scope",
            "name@example.org wrote to https://host.example/@scope",
        ),
    ],
)
def test_user_and_password_of_each_url_are_redacted(text, redacted):
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
def test_parameters_that_look_like_secrets_are_redacted(text, redacted):
    assert redact(text) == redacted


CANARY = "h0untr2"

SECRETS = st.tuples(
    st.sampled_from(
        ["", "p@", "p:", "p/", "p?", "p#", "p ", "p%40", "p'", 'p"', "p\\", "p)", "p,"]
    ),
    st.just(CANARY),
    st.sampled_from(["", "@", ":", "/s", "?s", "#s", " s", "%2Fs", "'s", '"s', "\\s", "(s", ";s"]),
).map("".join)
SCHEMES = [
    "https://",
    "HTTPS://",
    "git+ssh://",
    "a = https://",
    "(http://",
    "//",
    "https:",
    "https:/",
    "",
]
HOSTS = ["host", "host.example", "host.example:8443", "[::1]:80", "10.0.0.1", "", "ho st", "h_ö"]
ENDS = ["", "/simple", "/simple/", "/@scope/x@1", "?page=2", " cannot be reached: me@host", "`: no"]


@given(
    st.sampled_from(SCHEMES),
    st.sampled_from(["user:", "__token__:", "us er:", "us/er:", "u@ser:", ":"]),
    SECRETS,
    st.sampled_from(HOSTS),
    st.sampled_from(ENDS),
)
def test_no_password_comes_out_however_a_url_is_mistyped(scheme, user, secret, host, end):
    url = f"{scheme}{user}{secret}@{host}{end}"
    if "://" in scheme or " " not in url:
        assert CANARY not in redact(f"error: {url}\nand more")
    assert CANARY not in redact_value(url)
    assert CANARY not in shown(url)


@given(st.sampled_from(SCHEMES[:5]), SECRETS.filter(lambda s: "p@" not in s), st.sampled_from(ENDS))
def test_no_password_comes_out_of_a_url_without_a_host(scheme, secret, end):
    assert CANARY not in redact(f"{scheme}user:{secret}{end}")


@given(st.sampled_from(["token", "%74oken", "API_KEY", "a=1&sig", "a=1;x?pw"]), SECRETS)
def test_no_secret_parameter_comes_out_however_it_is_written(name, secret):
    written = secret.replace(" ", "+").replace("@", "%40")
    for sign in "?#":
        if "#" not in secret and "?" not in secret:
            assert CANARY not in redact(f"`https://host.example/x{sign}{name}={written}`: no")


@pytest.mark.parametrize(
    "text",
    [
        "https%3A%2F%2Fuser%3Ah0untr2%40host",
        "https://proxy/?to=https%3a%2f%2fuser%3ah0untr2%40host/x",
        "https%253A%252F%252Fuser:h0untr2%2540host",
        "https://user%3Ah0untr2%40host/simple",
        "user:h0untr2@host/simple",
    ],
)
def test_encoded_urls_and_bare_ones_lose_their_passwords(text):
    assert CANARY not in redact(f"see {text}, please")


@pytest.mark.parametrize(
    "text",
    [
        "error sending request for url (https://host.example:8443/simple/alpha/): refused",
        "https://host: refused; http://[::1]:8080/x; http://localhost:80, http://10.0.0.1.",
        "x @ git+https://github.example/me/x.git@v1 ; python_version > '3'",
        "file:///home/me@work/alpha.whl and https://files.example/a%20b/alpha.whl#sha256=0",
        "Add `https://host.example/simple` to [[tool.uv.index]], at 12:30 or so.",
        "name@example.org wrote: see cell 2, line 3: six==1",
    ],
)
def test_addresses_without_a_secret_stay_as_they_are(text):
    assert redact(text) == text


def test_the_secrets_of_addresses_are_found():
    addresses = ["a=https://me:p@ss@host/simple", "https://token@host", "https://host", "me:x"]
    assert secrets_in(addresses) == {"p@ss", "token"}


def test_given_secrets_are_redacted_anywhere_in_a_text():
    text = "s3c/et, s3c%2Fet and s3c/et; abc"
    assert without_secrets(text, ["s3c/et", "abc", ""]) == "****, **** and ****; abc"
    assert without_secrets("s3c/et", ["s3c%2Fet"]) == "****"


def test_a_signed_url_stays_of_use_to_programs():
    signed = "https://{}host/alpha.whl?signature=abc"
    assert redact_users(signed.format("me:secret@")) == signed.format("****@")


def test_a_long_text_takes_no_longer_than_its_length():
    assert redact("://" * 200_000) == "://" * 200_000
    assert redact("https://" + "a:" * 200_000 + "@b") == "https://****@b"
    assert redact("a:" * 200_000 + "\n" + "?a=b" * 90_000)[-4:] == "?a=b"
    assert redact("%3a%2f%2f" * 90_000 + "%40" * 90_000) == "%3a%2f%2f****%40"
    assert len(redact("?a" * 300_000)) == len(redact("&" + "key" * 200_000)) - 1 == 600_000
