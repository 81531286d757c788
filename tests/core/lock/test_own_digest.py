import pytest

from headstart.core.lock.own_digest import is_intact, with_digest

RECORD = with_digest({"name": "a", "items": ["b"]}, "text")


def test_a_record_is_intact_until_something_of_it_changes():
    assert is_intact(RECORD, "text") is True
    assert is_intact(dict(reversed(RECORD.items())), "text") is True


@pytest.mark.parametrize(
    "changed, text",
    [
        ({**RECORD, "name": "b"}, "text"),
        ({**RECORD, "items": []}, "text"),
        ({**RECORD, "more": ""}, "text"),
        ({**RECORD, "digest": "ab" * 32}, "text"),
        ({**RECORD, "digest": 3}, "text"),
        (RECORD, "other"),
    ],
)
def test_every_change_is_seen(changed, text):
    assert is_intact(changed, text) is False


def test_without_a_digest_it_is_not_known():
    assert is_intact({"name": "a"}) is None
