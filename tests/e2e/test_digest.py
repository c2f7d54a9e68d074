"""--digest: the digest of what passes in each direction, to be compared at both ends."""

import hashlib
import json
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tools import (
    NETTOOL,
    digest,
    environment,
    needs_linux,
    random_bytes,
    read_all,
    read_exactly,
    wait_until,
)

LISTEN = "TCP-LISTEN:0,bind=127.0.0.1"


def said_without():
    """What a nettool without OpenSSL says to --digest; None if it has it."""
    result = subprocess.run([NETTOOL, "--check", "--digest", "-u", "-", "/dev/null"], env=environment(),
                            capture_output=True, check=False)
    return result.stderr.decode() if b"not built in" in result.stderr else None


WITHOUT = said_without() if os.access(NETTOOL, os.X_OK) else None
needs_openssl = pytest.mark.skipif(WITHOUT is not None, reason="nettool was built without OpenSSL")


def lines(result):
    """What was told of digests: {("SHA256", "A > B"): hex}."""
    found = re.findall(r"^([^ ]+) \((.*)\) = ([0-9a-f]+)$", result.text, re.M)
    assert len(found) == len(result.text.splitlines()), result
    return {(name, between): value for name, between, value in found}


def lines_among(result):
    """As lines(), among other messages."""
    return {(name, between): value for name, between, value
            in re.findall(r"^([A-Z0-9]+) \((.*)\) = ([0-9a-f]+)$", result.text, re.M)}


@pytest.mark.skipif(WITHOUT is None, reason="nettool was built with OpenSSL")
def test_not_built_in(nettool, tmp):
    result = nettool("--digest=md5", "-u", "-", f"CREATE:{tmp}/made", input=b"data")
    assert (result.status, result.text) == (
        2, "nettool: --digest=md5: not built in, it needs OpenSSL\n")
    assert not (tmp / "made").exists()


@needs_openssl
@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_one_way(nettool, tmp, size):
    (tmp / "in").write_bytes(random_bytes(size))
    result = nettool("--digest", "-u", "OPEN:in", "CREATE:out")
    assert result.status == 0
    assert lines(result) == {("SHA256", "OPEN:in > CREATE:out"): digest(random_bytes(size))}


@needs_openssl
@pytest.mark.parametrize("name", ["sha256", "sha1", "md5", "sha512", "blake2b512", "SHA3-256"])
def test_names(nettool, name):
    ours = {"blake2b512": "blake2b", "SHA3-256": "sha3_256"}.get(name, name)
    result = nettool(f"--digest={name}", "-u", "-", "/dev/null", input=b"words")
    assert result.status == 0
    assert lines(result) == {(name.upper(), "- > /dev/null"): hashlib.new(ours, b"words").hexdigest()}


@needs_openssl
@pytest.mark.parametrize("name, command", [
    ("sha256", "sha256sum"), ("sha1", "sha1sum"), ("md5", "md5sum"), ("blake2b512", "b2sum")])
def test_the_same_as_the_usual_commands(nettool, program, tmp, name, command):
    (tmp / "in").write_bytes(random_bytes(300_000))
    peer = program(command)("in")
    result = nettool(f"--digest={name}", "-U", "/dev/null", "OPEN:in")
    assert lines(result) == {
        (name.upper(), "/dev/null < OPEN:in"): peer.printed.split()[0]}


@needs_openssl
def test_a_large_file(nettool, tmp):
    """So much that the kernel would move it by itself, and nobody would see it."""
    with open(tmp / "in", "wb") as file:
        for seed in range(100):
            file.write(random_bytes(10_000, seed) * 100)
    with open(tmp / "in", "rb") as file:
        wanted = hashlib.file_digest(file, "sha256").hexdigest() \
            if hasattr(hashlib, "file_digest") else digest(file.read())
    result = nettool("--digest", "-u", "OPEN:in", "CREATE:out", timeout=60)
    assert lines(result) == {("SHA256", "OPEN:in > CREATE:out"): wanted}
    assert digest(tmp / "out") == wanted


@needs_openssl
def test_both_ends_of_a_transfer_agree(nettool, listener, tmp):
    there, back = random_bytes(200_000, 1), random_bytes(150_000, 2)
    (tmp / "there").write_bytes(there)
    (tmp / "back").write_bytes(back)
    server = listener("--digest", LISTEN, "OPEN:back!!CREATE:got")
    place = f"TCP:{server.address}"
    client = nettool("--digest", "OPEN:there!!CREATE:answer", place)
    result = server.wait()
    assert (client.status, result.status) == (0, 0)
    assert lines(client) == {("SHA256", f"OPEN:there > {place}"): digest(there),
                             ("SHA256", f"CREATE:answer < {place}"): digest(back)}
    assert lines(result) == {("SHA256", f"{LISTEN} > CREATE:got"): digest(there),
                             ("SHA256", f"{LISTEN} < OPEN:back"): digest(back)}


@needs_openssl
def test_where_data_changes_both_are_told(nettool, listener, tmp):
    """The sender reads lines of DOS, the receiver makes some: what is on the wire is the same for both."""
    (tmp / "in").write_bytes(b"one\r\ntwo\r\n")
    server = listener("--digest", "-u", LISTEN, "CREATE:out,crlf")
    place = f"TCP:{server.address}"
    client = nettool("--digest", "-u", "OPEN:in,crlf", place)
    result = server.wait()
    dos, unix = digest(b"one\r\ntwo\r\n"), digest(b"one\ntwo\n")
    assert lines(client) == {("SHA256", "OPEN:in,crlf >"): dos, ("SHA256", f"> {place}"): unix}
    assert lines(result) == {("SHA256", f"{LISTEN} >"): unix, ("SHA256", "> CREATE:out,crlf"): dos}


@needs_openssl
def test_the_other_way_where_data_changes(nettool, tmp):
    (tmp / "in").write_bytes(b"one\r\n")
    result = nettool("--digest", "-U", "CREATE:out", "OPEN:in,crlf")
    assert lines(result) == {("SHA256", "< OPEN:in,crlf"): digest(b"one\r\n"),
                             ("SHA256", "CREATE:out <"): digest(b"one\n")}


@needs_openssl
def test_a_filter_that_changes_nothing_needs_one_line(nettool, tmp):
    (tmp / "in").write_bytes(b"no line end at all")
    result = nettool("--digest", "-u", "OPEN:in,crlf", "CREATE:out")
    assert lines(result) == {
        ("SHA256", "OPEN:in,crlf > CREATE:out"): digest(b"no line end at all")}


@needs_openssl
def test_what_was_lost_was_not_written(nettool, tmp):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    (tmp / "in").write_bytes(b"data")
    result = nettool("--digest", "-u", "OPEN:in", f"FD:{theirs.fileno()},drop=100%",
                     pass_fds=[theirs.fileno()])
    ours.close()
    sink = f"FD:{theirs.fileno()},drop=100%"
    theirs.close()
    assert lines(result) == {("SHA256", "OPEN:in >"): digest(b"data"),
                             ("SHA256", f"> {sink}"): digest(b"")}


@needs_openssl
@pytest.mark.parametrize("option", ["fork", "poll"])
def test_every_connection_has_its_own(listener, option):
    server = listener("--digest", f"{LISTEN},{option}", "PIPE", endless=True)
    wanted = {}
    for word in (b"one", b"two"):
        with server.connect() as peer:
            host, port = peer.getsockname()
            peer.sendall(word)
            peer.shutdown(socket.SHUT_WR)
            assert read_all(peer) == word
            name = f"{LISTEN},{option} {host}:{port}"
            wanted |= {("SHA256", f"{name} > PIPE"): digest(word),
                       ("SHA256", f"{name} < PIPE"): digest(word)}
    wait_until(lambda: server.err.count(b"\n") == 4)
    assert lines_among(server.stop()) == wanted


@needs_openssl
def test_a_connection_that_rests_goes_on_with_its_digest(listener):
    server = listener("--digest", f"{LISTEN},poll", "PIPE", endless=True)
    with server.connect() as peer:
        for word in (b"one", b"two", b"three"):
            peer.sendall(word)
            assert read_exactly(peer, len(word)) == word
    wait_until(lambda: server.err.count(b"\n") == 2)
    assert set(lines_among(server.stop()).values()) == {digest(b"onetwothree")}


@needs_openssl
def test_the_members_of_a_hub(listener):
    server = listener("--digest", f"{LISTEN},hub", "STDIO")
    with server.connect() as ana, server.connect() as bob:
        ana.sendall(b"hello\n")
        assert read_exactly(bob, 6) == b"hello\n"
        server.expect_out(b"hello\n")
        names = [f"{LISTEN},hub {peer.getsockname()[0]}:{peer.getsockname()[1]}" for peer in (ana, bob)]
        result = server.stop()
    hello, nothing = digest(b"hello\n"), digest(b"")
    assert lines_among(result) == {
        ("SHA256", f"{names[0]} >"): hello, ("SHA256", f"{names[0]} <"): nothing,
        ("SHA256", f"{names[1]} >"): nothing, ("SHA256", f"{names[1]} <"): hello,
        ("SHA256", "< STDIO"): nothing, ("SHA256", "> STDIO"): hello}


@needs_openssl
def test_after_a_signal_too(listener):
    server = listener("--digest", LISTEN, "STDOUT")
    with server.connect() as peer:
        peer.sendall(b"so far")
        server.expect_out(b"so far")
        result = server.stop()
    assert lines_among(result)[("SHA256", f"{LISTEN} > STDOUT")] == digest(b"so far")


@needs_openssl
def test_in_the_statistics(nettool, tmp):
    (tmp / "in").write_bytes(b"one\n")
    result = nettool("--digest=md5", "--statistics=json", "-u", "OPEN:in", "CREATE:out,crlf")
    found = json.loads(result.err)
    assert found["left_to_right"]["digest"] == {
        "name": "md5", "read": hashlib.md5(b"one\n").hexdigest(),
        "written": hashlib.md5(b"one\r\n").hexdigest()}
    assert "digest" not in found["right_to_left"]


@needs_openssl
def test_as_json(nettool):
    result = nettool("--digest=md5", "--log-format=json", "-u", "-", "/dev/null", input=b"words")
    message = json.loads(result.err)
    assert f"MD5 (- > /dev/null) = {hashlib.md5(b'words').hexdigest()}" in message.values()


@needs_openssl
def test_an_unknown_name_opens_nothing(nettool, tmp):
    result = nettool("--digest=sha255", "-", f"CREATE:{tmp}/made", input=b"data")
    assert result.status == 2
    assert "--digest=sha255: OpenSSL knows no such digest, but " in result.text
    assert {"sha256", "md5", "blake2b512"} <= set(result.text.rpartition("but ")[2].strip().split(", "))
    assert not (tmp / "made").exists()


@needs_openssl
@pytest.mark.parametrize("words", [("--pass-fd", "PIPE"), ("PIPE", "EXEC:cat,nofork")])
def test_refused_where_nothing_passes_by(nettool, words):
    ours, theirs = socket.socketpair()
    result = nettool("--digest", *words, stdout=theirs)
    ours.close()
    theirs.close()
    assert result.status == 2 and "--digest sees no data" in result.text


@needs_openssl
@needs_linux
def test_openssl_is_loaded_by_who_asks_for_it_alone(nettool):
    look = "SYSTEM:grep -c libcrypto /proc/$PPID/maps"
    assert nettool("-u", look, "STDOUT").out == b"0\n"
    assert int(nettool("--digest", "-u", look, "STDOUT").out) > 0


@needs_openssl
@needs_linux
def test_without_the_library_only_who_needs_it_hears_of_it(nettool, program, tmp):
    found = [path for folder in ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib")
             for path in Path(folder).rglob("libcrypto.so*")] if os.path.isdir("/lib") else []
    if not found:
        pytest.skip("no libcrypto.so to hide")
    unshare = program("unshare", "-m")
    if unshare("true").status != 0:
        pytest.skip("no mount namespaces here")
    (tmp / "empty").touch()
    hide = "; ".join(f"mount --bind {tmp}/empty {path.resolve()}" for path in set(found))
    result = unshare("sh", "-c", f"{hide}; exec {NETTOOL} --digest -u - STDOUT", input=b"data")
    assert (result.status, result.out) == (1, b"")
    assert re.search(r"--digest needs OpenSSL: \S+ cannot be loaded", result.text)
    result = unshare("sh", "-c", f"{hide}; exec {NETTOOL} -u - STDOUT", input=b"data")
    assert (result.status, result.out) == (0, b"data")
