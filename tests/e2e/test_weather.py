"""Simulated weather: delay, jitter, drop, duplicate, reorder, chop, rate and seed, which act on what is
written to the address that has them. Nothing here asserts that something is fast; the only times that
are looked at are those before which a byte must not come."""

import os
import re
import select
import signal
import socket
import time
from pathlib import Path

import pytest

from tools import (
    DEADLINE,
    accept,
    name_of,
    needs_linux,
    quiet,
    random_bytes,
    read_all,
    read_exactly,
    same,
    tcp_server,
    udp_socket,
    wait_until,
)

LISTEN = "TCP-LISTEN:0,bind=127.0.0.1"
ENDLESS = "1h"


def seqpackets():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(DEADLINE)
    return ours, theirs


def packets(sock):
    """Everything that comes until the other end is closed, packet by packet."""
    found = []
    while data := sock.recv(65536):
        found.append(data)
    return found


def through(nettool, options, words):
    """What arrives behind an address with options when these packets are written to it. All of them wait
    before the program starts, so that nothing depends on how fast it is."""
    source, reader = seqpackets()
    sink, writer = seqpackets()
    for word in words:
        source.send(word)
    source.shutdown(socket.SHUT_WR)
    result = nettool("-u", f"FD:{reader.fileno()}", f"FD:{writer.fileno()}{options}",
                     pass_fds=[reader.fileno(), writer.fileno()])
    reader.close()
    writer.close()
    assert (result.status, result.err) == (0, b""), result
    found = packets(sink)
    source.close()
    sink.close()
    return found


NUMBERS = [b"%d" % number for number in range(60)]


# ---- streams -------------------------------------------------------------------------------------


def test_a_stream_comes_complete_and_in_order(listener, nettool):
    """There and back again, with all that can happen to a stream."""
    data = random_bytes(1 << 20)
    weather = "delay=20ms,jitter=30ms,chop=1000,rate=20M"
    server = listener(f"{LISTEN},{weather}", "PIPE")
    result = nettool("-", f"TCP:{server.address},{weather}", input=data)
    assert result.status == 0, result
    assert same(result.out, data)
    assert server.wait().status == 0


def test_small_pieces_of_a_stream(nettool):
    data = random_bytes(5000)
    result = nettool("-u", "-", "STDOUT,chop=1,jitter=1ms", input=data)
    assert result.status == 0 and same(result.out, data)


def test_nothing_comes_before_the_delay_is_over(start):
    with tcp_server() as server:
        process = start("-", f"TCP:{name_of(server)},delay=300ms")
        with accept(server) as peer:
            before = time.monotonic()
            process.send(b"late")
            assert read_exactly(peer, 4) == b"late"
            assert time.monotonic() - before >= 0.3
            # the other direction has no weather, and its end passes as the first one's does
            peer.sendall(b"answer")
            process.expect_out(b"answer")
            before = time.monotonic()
            process.send(b"last words")
            process.end_input()
            assert read_all(peer) == b"last words"
            assert time.monotonic() - before >= 0.3
    assert process.wait().status == 0


def test_the_end_comes_behind_the_last_byte(nettool):
    # what is due later than -t allows for silence; cat may take its time, too
    result = nettool("-t", "2", "-", "SYSTEM:cat,delay=2200ms,jitter=100ms", input=b"un\ndeux\n")
    assert (result.status, result.out) == (0, b"un\ndeux\n"), result


def test_the_opposite_direction_is_not_delayed(listener):
    server = listener(LISTEN, f"-,delay={ENDLESS}")
    with server.connect() as peer:
        peer.sendall(b"never seen\n")
        server.send(b"seen\n")
        assert read_exactly(peer, 5) == b"seen\n"
        assert server.out == b""
    server.stop()


def test_rate_is_not_exceeded(nettool):
    before = time.monotonic()
    result = nettool("-u", "-", "STDOUT,rate=20k", input=bytes(10000))
    assert (result.status, result.out) == (0, bytes(10000))
    # half a second, but for the first write and the little that may be made up for
    assert time.monotonic() - before >= 0.45


def test_a_source_waits_while_much_is_on_its_way(start):
    """What is taken has an end: a megabyte, the block that was read last, and the pipe."""
    process = start("-u", "-", f"STDOUT,delay={ENDLESS}")
    os.set_blocking(process.stdin.fileno(), False)
    size = 0
    while size < 1 << 20:
        size += wait_until(lambda: process.stdin.write(bytes(65536)), what="a reader")
    while size < 1 << 23 and select.select([], [process.stdin], [], 0.5)[1]:
        size += process.stdin.write(bytes(65536)) or 0
    assert size < 1 << 22
    assert process.stop().status == 128 + signal.SIGTERM


@needs_linux
def test_waiting_costs_no_time(start):
    """While all is on its way the program sleeps: for a while it isn't woken at all."""
    process = start("-", f"PIPE,delay={ENDLESS}")
    process.send(b"on its way\n")

    def switches():
        text = Path(f"/proc/{process.pid}/status").read_text()
        return re.findall(r"ctxt_switches:\s+(\d+)", text)

    def sleeps():
        before = switches()
        time.sleep(0.2)
        return switches() == before

    wait_until(sleeps, what="a program that sleeps")
    process.stop()


def test_a_signal_ends_what_is_delayed(start):
    process = start("-", f"PIPE,delay={ENDLESS}")
    process.send(b"on its way\n")
    assert process.stop(signal.SIGTERM).status == 128 + signal.SIGTERM


def test_silence_that_is_allowed_ends_what_is_delayed(nettool):
    result = nettool("-T", "0.3", "-u", "-", f"STDOUT,delay={ENDLESS}", input=b"never seen")
    assert (result.status, result.out) == (0, b""), result


def test_who_is_gone_is_not_waited_for(start, tmp):
    server = socket.socket(socket.AF_UNIX)
    server.settimeout(DEADLINE)
    server.bind(str(tmp / "socket"))
    server.listen()
    process = start("-u", "-", f"UNIX-CONNECT:socket,delay={ENDLESS}")
    peer, _ = server.accept()
    process.send(b"on its way\n")
    peer.close()
    assert process.wait().status == 1
    server.close()


def test_weather_of_many_connections_in_one_loop(listener):
    server = listener(f"{LISTEN},poll,delay=100ms,chop=3", "PIPE", endless=True)
    peers = [server.connect() for _ in range(5)]
    for number, peer in enumerate(peers):
        peer.sendall(b"connection %d" % number)
        peer.shutdown(socket.SHUT_WR)
    for number, peer in enumerate(peers):
        assert read_all(peer) == b"connection %d" % number
        peer.close()


def test_pause_and_delay_together(nettool):
    result = nettool("-u", "-,pause=10ms", "STDOUT,delay=50ms", input=b"un\ndeux\n\ntrois")
    assert (result.status, result.out) == (0, b"un\ndeux\n\ntrois")


# ---- packets -------------------------------------------------------------------------------------


def test_chop_cuts_what_is_written(nettool):
    assert through(nettool, ",chop=7", [b"abcdefghijklmnopqrst", b"bonjour", "été".encode()]) == [
        b"abcdefg", b"hijklmn", b"opqrst", b"bonjour", "été".encode()]


def test_chop_cuts_a_stream_too(nettool):
    ours, theirs = seqpackets()
    result = nettool("-u", "-", f"FD:{theirs.fileno()},chop=4", input=b"0123456789",
                     pass_fds=[theirs.fileno()])
    theirs.close()
    assert result.status == 0, result
    found = packets(ours)
    assert b"".join(found) == b"0123456789" and all(1 <= len(piece) <= 4 for piece in found)
    ours.close()


@needs_linux
def test_chop_is_seen_in_the_calls(program, nettool):
    with tcp_server() as server:
        strace = program("strace", "-e", "trace=sendto", nettool.program[0])
        # who looks for leaks is traced himself, and cannot be
        process = strace.start("-u", "-", f"TCP:{name_of(server)},chop=7",
                               env={"ASAN_OPTIONS": "detect_leaks=0"})
        with accept(server) as peer:
            process.send(b"abcdefghijklmnopqrst")
            process.end_input()
            assert read_all(peer) == b"abcdefghijklmnopqrst"
        result = process.wait()
    if "ptrace" in result.text and result.status != 0:
        pytest.skip("strace may not trace here")
    assert result.status == 0, result
    sizes = [int(size) for size in re.findall(r'sendto\(\d+, "[a-t]+", (\d+), ', result.text)]
    assert sum(sizes) == 20 and max(sizes) == 7


def test_all_or_nothing(nettool):
    assert through(nettool, ",drop=100%", NUMBERS) == []
    assert through(nettool, ",drop=0", NUMBERS) == NUMBERS
    assert through(nettool, ",duplicate=100", NUMBERS) == [n for n in NUMBERS for _ in "ab"]
    assert through(nettool, ",reorder=100%", NUMBERS[:5]) == [b"1", b"0", b"3", b"2", b"4"]


@pytest.mark.parametrize("what", ["drop", "duplicate", "reorder"])
def test_a_seed_repeats(nettool, what):
    first = through(nettool, f",{what}=30.5%,seed=1", NUMBERS)
    assert first == through(nettool, f",{what}=30.5%,seed=1", NUMBERS)
    assert first != through(nettool, f",{what}=30.5%,seed=2", NUMBERS)
    assert first != NUMBERS
    if what == "drop":
        assert first == sorted(set(first), key=int) and 0 < len(first) < len(NUMBERS)
    elif what == "duplicate":
        assert list(dict.fromkeys(first)) == NUMBERS and len(first) > len(NUMBERS)
    else:
        assert sorted(first, key=int) == NUMBERS
        # no packet is overtaken by more than one
        assert all(abs(place - int(word)) <= 1 for place, word in enumerate(first))


def test_all_at_once_repeats_too(nettool):
    weather = ",drop=20%,duplicate=20%,reorder=20%,jitter=5ms,delay=5ms,seed=7"
    first = through(nettool, weather, NUMBERS)
    assert first == through(nettool, weather, NUMBERS)
    assert set(first) < set(NUMBERS)
    # who is lost depends on the seed alone, not on what else may happen
    assert set(first) == set(through(nettool, ",drop=20%,seed=7", NUMBERS))


def test_without_a_seed_it_is_random(nettool):
    found = {tuple(through(nettool, ",drop=50%", NUMBERS)) for _ in range(3)}
    assert len(found) > 1


def test_datagrams_of_udp(start):
    with udp_socket() as server:
        process = start("-u", "-,pause=1ms", f"UDP4:{name_of(server)},duplicate=100%,delay=10ms")
        process.send(b"un\ndeux\n")
        process.end_input()
        found = [server.recv(100) for _ in range(4)]
        assert process.wait().status == 0
    assert found == [b"un\n", b"un\n", b"deux\n", b"deux\n"]


def test_a_packet_without_a_next_one_comes_all_the_same(start):
    """It waits for one that overtakes it, but not for ever."""
    with udp_socket() as server:
        process = start("-u", "-", f"UDP4:{name_of(server)},reorder=100%,shut-none")
        process.send(b"alone")
        assert server.recv(100) == b"alone"
        process.end_input()
        assert process.wait().status == 0
        assert quiet(server, 0.1)


def test_what_happens_is_told_to_who_asks(nettool):
    source, reader = seqpackets()
    sink, writer = seqpackets()
    source.send(b"lost")
    source.shutdown(socket.SHUT_WR)
    result = nettool("-ddd", "-u", f"FD:{reader.fileno()}", f"FD:{writer.fileno()},drop=100%",
                     pass_fds=[reader.fileno(), writer.fileno()])
    for sock in (source, reader, sink, writer):
        sock.close()
    assert result.status == 0 and "dropped a packet of 4 bytes" in result.text, result


# ---- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("option, words", [
    ("delay=-1", "0 seconds or more"),
    ("delay=x", "missing numerical value"),
    ("delay=5q", "trailing garbage"),
    ("delay", "missing numerical value"),
    ("jitter=", "missing numerical value"),
    ("drop=101%", "0% to 100%"),
    ("drop=-0.1", "0% to 100%"),
    ("duplicate=five", "missing numerical value"),
    ("reorder=5%%", "trailing garbage"),
    ("chop=0", "1 to"),
    ("rate=0", "1 to"),
    ("rate=1X", "k, M, G, T, Ki, Mi, Gi, Ti"),
    ("rate=99999999999T", "1 to"),
    ("seed=-1", "0 to"),
])
def test_bad_values(nettool, option, words):
    result = nettool("CREATE:never", f"UDP4:127.0.0.1:9,{option}")
    assert result.status == 2 and words in result.text, result
    assert option.partition("=")[0] in result.text


@pytest.mark.parametrize("option", ["drop=1%", "duplicate=1%", "reorder=1%"])
@pytest.mark.parametrize("address", ["TCP:127.0.0.1:9", "CREATE:never", "PTY"])
def test_a_stream_has_no_packets_to_lose(nettool, tmp, address, option):
    result = nettool("-", f"{address},{option}")
    assert result.status == 2 and "packets" in result.text, result
    assert not (tmp / "never").exists()


def test_inherited_streams_have_none_either(nettool):
    result = nettool("-u", "-", "STDOUT,drop=1%", input=b"never seen")
    assert (result.status, result.out) == (2, b"") and "packets" in result.text, result


@pytest.mark.parametrize("option", ["delay=1", "drop=1%", "chop=7", "rate=1k"])
def test_weather_is_not_for_a_hub(nettool, option):
    for words in ((f"UNIX-LISTEN:room,hub,{option}", "-"), ("UNIX-LISTEN:room,hub", f"-,{option}")):
        result = nettool(*words)
        assert result.status == 2 and "not for the members of a hub" in result.text, result
