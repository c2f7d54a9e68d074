"""What somebody types who knows nc and guesses the rest: the answer names the mistake before anything is opened."""

import pytest


@pytest.mark.parametrize("words, message, pointed", [
    (("TCP-LISTEN:0", "TCP:localhost:htp"), b'unknown service "htp"', b"              ^^^"),
    (("localhost:9090", "-"), b'unknown device/address "localhost"', b"did you mean TCP:localhost:9090?"),
    (("LISTEN:9090", "-"), b'unknown device/address "LISTEN"', b"did you mean TCP-LISTEN?"),
    (("TCP:::1:9090", "-"), b"4 instead of 2", b"an IPv6 address stands in brackets"),
    (("TCP:host:99999", "-"), b"out of range", b"           ^^^^^"),
    (("-u", "été.txt", "-"), "été.txt".encode(), b"^^^^^^^ a file needs a slash"),
    (("STDIN", "STDIN"), b"neither address can be read", b""),
    (("CREATE:made", "STDOUT"), b"neither address can be read", b""),
])
def test_mistakes(nettool, tmp, words, message, pointed):
    result = nettool(*words, env={"LC_ALL": "C.UTF-8"})
    assert result.status == 2
    assert message in result.err and pointed in result.err
    assert list(tmp.iterdir()) == []


def test_two_ports(nettool):
    """The parameter says one thing, bind= another."""
    result = nettool("TCP-LISTEN:9,bind=127.0.0.1:10", "-")
    assert result.status == 2
    assert b"the port is 9, and bind= asks for 10" in result.err
