"""--rate: how fast each direction may be, unless an address says otherwise. Nothing here asserts that
something is fast; the only times that are looked at are those before which a byte must not come."""

import time

import pytest

from tools import Background, accept, name_of, random_bytes, read_all, same, tcp_server

LISTEN = "TCP-LISTEN:0,bind=127.0.0.1"


def seconds_of(function):
    """What a function returns, and how long it took at the least."""
    before = time.monotonic()
    result = function()
    return result, time.monotonic() - before


def test_one_way(nettool):
    result, seconds = seconds_of(lambda: nettool("--rate=20k", "-u", "-", "STDOUT", input=bytes(10000)))
    assert (result.status, result.out) == (0, bytes(10000))
    # half a second, but for the first write and the little that may be made up for
    assert seconds >= 0.45


def test_between_files_that_the_kernel_would_copy(nettool, tmp):
    (tmp / "in").write_bytes(random_bytes(1_000_000))
    result, seconds = seconds_of(lambda: nettool("--rate=2M", "-u", "OPEN:in", "CREATE:out"))
    assert result.status == 0 and same((tmp / "out").read_bytes(), random_bytes(1_000_000))
    assert seconds >= 0.45


def test_each_direction_has_it_for_itself(nettool):
    """What comes meanwhile on the other way costs this one nothing, and makes it no faster."""
    with tcp_server() as server:
        def serve():
            with accept(server) as peer:
                peer.sendall(bytes(2000))
                return read_all(peer)

        served = Background(serve)
        result, seconds = seconds_of(
            lambda: nettool("--rate=20k", "-", f"TCP:{name_of(server)}", input=bytes(10000)))
        assert (result.status, result.out, served.result()) == (0, bytes(2000), bytes(10000))
        assert seconds >= 0.45


def test_the_way_back_too(nettool):
    result, seconds = seconds_of(lambda: nettool("--rate=20k", "-U", "STDOUT", "-", input=bytes(10000)))
    assert (result.status, result.out) == (0, bytes(10000))
    assert seconds >= 0.45


@pytest.mark.parametrize("words", [
    ("-u", "-", "STDOUT,rate=100M"), ("-u", "-", "STDIN!!STDOUT,rate=100M"),
    ("-U", "STDOUT,rate=100M", "-")])
def test_an_address_has_the_last_word(nettool, words):
    """At a byte a second this would take weeks."""
    data = random_bytes(1_000_000)
    result = nettool("--rate=1", *words, input=data)
    assert result.status == 0 and same(result.out, data)


def test_an_address_may_have_a_lower_one(nettool):
    result, seconds = seconds_of(
        lambda: nettool("--rate=100M", "-u", "-", "STDOUT,rate=20k", input=bytes(10000)))
    assert (result.status, result.out) == (0, bytes(10000))
    assert seconds >= 0.45


@pytest.mark.parametrize("option", ["fork", "poll"])
def test_every_connection_has_it_for_itself(listener, option):
    server = listener("--rate=20k", f"{LISTEN},{option}", "PIPE", endless=True)

    def client():
        with server.connect() as peer:
            peer.sendall(bytes(5000))
            peer.shutdown(1)
            return read_all(peer)

    tasks, seconds = seconds_of(lambda: [task.result() for task in [
        Background(client) for _ in range(3)]])
    assert tasks == [bytes(5000)] * 3
    assert seconds >= 0.2


@pytest.mark.parametrize("value, says", [
    ("0", "1 to"), ("-1", "1 to"), ("99999999999T", "1 to"), ("x", "missing numerical value"),
    ("1X", "k, M, G, T, Ki, Mi, Gi, Ti"), ("", "missing numerical value")])
def test_what_is_no_rate(nettool, tmp, value, says):
    result = nettool(f"--rate={value}", "-", f"CREATE:{tmp}/made", input=b"data")
    assert result.status == 2
    assert result.text.startswith(f"nettool: option --rate={value}:") and says in result.text
    assert not (tmp / "made").exists()


def test_not_for_the_members_of_a_hub(nettool):
    result = nettool("--check", "--rate=1k", f"{LISTEN},hub")
    assert (result.status, result.text) == (
        2, "nettool: option --rate is not for the members of a hub\n")


def test_units(nettool):
    for value in ("1", "64k", "2M", "1.5G", "4Ki"):
        assert nettool("--check", f"--rate={value}", "-", "PIPE").status == 0
