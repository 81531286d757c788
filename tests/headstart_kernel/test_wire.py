"""Messages with descriptors, whole and in pieces."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart_kernel import wire

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    first, second = socket.socketpair()
    with first, second:
        yield first, second


def test_a_message_comes_with_its_descriptors_which_no_child_inherits(pair: Pair) -> None:
    read, write = os.pipe()
    reader, text = wire.Reader(), "é\udcff" * 50_000
    wire.send(pair[0], {"text": "x"}, [write])
    assert reader.read(pair[1]) is None or reader.descriptors
    (received,) = reader.descriptors
    assert not os.get_inheritable(received)
    os.write(received, b"through")
    assert os.read(read, 7) == b"through"
    reader.close()
    assert reader.descriptors == []
    os.close(read)
    os.close(write)
    pair[0].settimeout(0.1)
    with pytest.raises(OSError, match="timed out"):
        wire.send(pair[0], {"text": text})


def test_a_message_may_come_in_pieces(pair: Pair) -> None:
    body = b'{"a": 1}'
    reader = wire.Reader()
    for byte in struct.pack("!I", len(body)) + body[:-1]:
        pair[0].send(bytes([byte]))
        assert reader.read(pair[1]) is None
    pair[0].send(body[-1:])
    assert reader.read(pair[1]) == {"a": 1}


def test_of_several_messages_each_has_its_own_descriptors(pair: Pair) -> None:
    wire.send(pair[0], {"number": 1})
    wire.send(pair[0], {"number": 2}, [0])
    wire.send(pair[0], {"number": 3}, [0, 0])
    reader, had = wire.Reader(several=True), []
    while len(had) < 3:
        message = reader.read(pair[1])
        if message is not None:
            had.append((message["number"], len(reader.descriptors)))
            reader.close()
    assert had == [(1, 0), (2, 1), (3, 2)]


def test_half_a_message_is_none(pair: Pair) -> None:
    pair[0].send(struct.pack("!I", 10) + b"{")
    pair[0].shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError):
        wire.receive(pair[1])


@pytest.mark.parametrize(
    "data, why",
    [
        (struct.pack("!I", wire.LONGEST + 1), "too long"),
        (b"\0\0\0\2[]", "not an object"),
        (b"\0\0\0\1{", "property name"),
        (b"\0\0\0\1\xff", "decode"),
    ],
)
def test_what_is_no_message_is_refused(pair: Pair, data: bytes, why: str) -> None:
    pair[0].send(data)
    with pytest.raises(ValueError, match=why):
        wire.receive(pair[1])


def test_too_many_descriptors_are_refused_and_closed(pair: Pair) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    wire.send(pair[0], {}, [0] * (wire.MOST_DESCRIPTORS + 1))
    with pytest.raises(ValueError, match="descriptors"):
        wire.receive(pair[1])
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_other_side_is_known(pair: Pair) -> None:
    assert wire.peer(pair[0]) == (os.getpid(), os.geteuid())
