"""The texts of the face called socat: what scripts read in socat -V, -h, -hh and -hhh.

Everything that is listed comes out of the tables of addresses and options, so these tests ask for
the layout, and for agreement with --list and with the socat that is installed.
"""

import json
import os
import re

import pytest

import tools
from tools import needs_linux, needs_socat

OPTION = re.compile(r"      (\S+)\tgroups=(\S+)\tphase=(\S+)\ttype=(\S+)")
OPTION_ALIAS = re.compile(r"      (\S+) is an alias for (\S+)")
ADDRESS = re.compile(r"      ([A-Z][A-Z0-9-]*)(\S*)\tgroups=(\S+)")
ADDRESS_ALIAS = re.compile(r"         (\S+) is an alias name for (\S+)")
SHORT_FORM = re.compile(r"         <\w+> is a short form for \S+")

# Options whose phase or type has another word than socat 1.7.4 has for it: what changed with socat
# 1.8, numbers whose width is nobody's business, and o-trunc, which acts while the file is opened.
OTHER_WORDS = {
    "end-close", "fdin", "fdout", "ftruncate32", "interval", "lseek32-cur", "lseek32-end",
    "lseek32-set", "null-eof", "o-create", "o-trunc", "pty-interval", "res-debug",
    "res-defnames", "res-dnsrch", "res-igntc", "res-recurse", "res-stayopen", "res-usevc",
    "shut-close", "shut-down", "shut-none", "shut-null", "so-peercred", "so-reuseaddr", "umask",
}


@pytest.fixture
def face(nettool):
    return lambda *words: nettool("socat", *words)


def told(result):
    """The lines of a text that came as it should."""
    assert (result.status, result.err) == (0, b""), result
    return result.printed.splitlines()


def part(lines, first, last=None):
    """What stands below the line `first`, up to the line `last`."""
    below = lines[lines.index(first) + 1 :]
    return below[: below.index(last)] if last in below else below


def catalogue(nettool, what):
    return json.loads(nettool(f"--list={what}", "--format=json").out)


def names_of(rows):
    return {name for row in rows for name in (row["name"], *row["aliases"])}


# ---- -V ------------------------------------------------------------------------------------------


def features(lines):
    """name -> what is defined, None where it is undefined."""
    found = {}
    for line in part(lines, "features:"):
        match = re.fullmatch(r"  #(?:define WITH_(\w+) (.+)|undef WITH_(\w+))", line)
        assert match, line
        found[match[1] or match[3]] = match[2]
    return found


def test_version_stands_where_scripts_look_for_it(face):
    lines = told(face("-V"))
    assert lines[0].startswith("socat by nettool "), lines[0]
    assert re.match(r"socat version \d+\.\d+\.\d+\.\d+ on nettool \d", lines[1]), lines[1]
    system = os.uname()
    assert lines[2] == (
        f"   running on {system.sysname} version {system.version}, "
        f"release {system.release}, machine {system.machine}"
    )
    assert lines[3] == "features:"


def test_features_are_socats_in_its_order(face):
    assert list(features(told(face("-V")))) == (
        "HELP STATS STDIO FDNUM FILE CREAT GOPEN TERMIOS PIPE STALL TEXT SOCKETPAIR UNIX "
        "ABSTRACT_UNIXSOCKET IP4 IP6 RAWIP GENERICSOCKET INTERFACE TCP UDP SCTP DCCP UDPLITE "
        "LISTEN POSIXMQ SOCKS4 SOCKS4A SOCKS5 VSOCK NAMESPACES PROXY SYSTEM SHELL EXEC READLINE "
        "TUN PTY OPENSSL FIPS LIBWRAP SYCLS FILAN RETRY DEVTESTS MSGLEVEL DEFAULT_IPV"
    ).split()


def test_features_say_what_is_built_in(face, nettool):
    found = features(told(face("-V")))
    listed = names_of(catalogue(nettool, "addresses"))
    addresses = {
        "TCP": "TCP-CONNECT", "UDP": "UDP-CONNECT", "UNIX": "UNIX-CONNECT", "FDNUM": "FD",
        "FILE": "OPEN", "CREAT": "CREATE", "SCTP": "SCTP-CONNECT", "DCCP": "DCCP-CONNECT",
        "UDPLITE": "UDPLITE-CONNECT", "RAWIP": "IP-SENDTO", "GENERICSOCKET": "SOCKET-CONNECT",
        "VSOCK": "VSOCK-CONNECT", "POSIXMQ": "POSIXMQ-SEND", "SOCKS5": "SOCKS5-CONNECT",
    }
    for name in ("STDIO", "PIPE", "PTY", "EXEC", "SYSTEM", "SHELL", "READLINE", "OPENSSL", "TUN",
                 "PROXY", "SOCKS4", "SOCKS4A", "INTERFACE", "GOPEN", "STALL", "TEXT"):
        addresses[name] = name
    for name, address in addresses.items():
        assert found[name] == ("1" if address in listed else None), name
    options = names_of(catalogue(nettool, "options"))
    for name, option in (("RETRY", "retry"), ("NAMESPACES", "netns"), ("TERMIOS", "icanon"),
                         ("LIBWRAP", "tcpwrappers"), ("FIPS", "openssl-fips")):
        assert found[name] == ("1" if option in options else None), name
    assert found["MSGLEVEL"].startswith("0 ") and found["DEFAULT_IPV"] == "4"


@needs_socat
def test_peers_features_have_the_same_form(face, socat):
    ours, peers = features(told(face("-V"))), features(told(socat("-V")))
    assert set(peers) <= set(ours)
    assert peers["MSGLEVEL"] == ours["MSGLEVEL"] and {*peers.values()} <= {*ours.values()}


# ---- -h ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["-h", "-?"])
def test_help_has_a_line_for_each_option_of_the_command_line(face, word):
    lines = told(face(word))
    assert lines[1:4] == ["Usage:", "socat [options] <bi-address> <bi-address>", "   options:"]
    options = part(lines, "   options:", "   bi-address:")
    for form in ("-V", "-h|-?", "-hh", "-hhh", "-d", "-d0", "-D", "--experimental", "--statistics",
                 "-ly[facility]", "-lf<logfile>", "-ls", "-lm[facility]", "-lp<progname>", "-lu",
                 "-lh", "-v", "-x", "-r <file>", "-R <file>", "-b<size_t>", "-s", "-S<sigmask>",
                 "-t<timeout>", "-T<timeout>", "-u", "-U", "-g", "-L <lockfile>", "-W <lockfile>",
                 "-0", "-4", "-6"):
        assert any(line.startswith(f"      {form}") for line in options), form
    assert all(re.fullmatch(r"      -\S+( <\w+>)? +\S.*", line) for line in options)


def test_help_lists_the_addresses_in_order(face, nettool):
    lines = part(told(face("-h")), "   address-head:")
    rows = [ADDRESS.fullmatch(line) for line in lines]
    assert all(rows), lines
    names = [row[1] for row in rows]
    assert names == sorted(names)
    assert set(names) == {row["name"] for row in catalogue(nettool, "addresses")}
    groups = {row[1]: row[3] for row in rows}
    assert groups["TCP-LISTEN"] == "FD,SOCKET,LISTEN,CHILD,RETRY,RANGE,IP4,IP6,TCP"
    assert "      TCP-CONNECT:<host>:<port>\tgroups=FD,SOCKET,CHILD,RETRY,IP4,IP6,TCP" in lines


def test_deeper_help_lists_the_options_in_order(face, nettool):
    lines = told(face("-hh"))
    assert part(lines, "   opts:", "   opt:") == ["      <opt>{,<opts>}:"]
    rows = [OPTION.fullmatch(line) for line in part(lines, "   opt:")]
    assert all(rows)
    names = [row[1] for row in rows]
    assert names == sorted(names)
    assert set(names) == {row["name"] for row in catalogue(nettool, "options")}
    words = {row[1]: row.groups()[1:] for row in rows}
    assert words["ip-add-source-membership"][2] == "IP-MREQ-SOURCE"
    assert words["so-rcvtimeo"] == ("SOCKET", "PASTSOCKET", "STRUCT-TIMEVAL")
    assert words["vmin"] == ("TERMIOS", "FD", "BYTE")
    assert words["fork"][2] == "BOOL" and words["chdir"][0] == "(all)"


def deepest(lines):
    """What -hhh says: options and addresses with their words, and whose aliases there are."""
    addresses = part(lines, "   address-head:", "   opts:")
    options = part(lines, "   opt:")
    other = [line for line in addresses if not SHORT_FORM.fullmatch(line)]
    return (
        {row[1]: row.groups()[1:] for row in map(OPTION.fullmatch, options) if row},
        {row[1]: row[2] for row in map(OPTION_ALIAS.fullmatch, options) if row},
        {row[1]: row[3] for row in map(ADDRESS.fullmatch, map(capitals, other)) if row},
        {row[1].upper(): row[2].upper() for row in map(ADDRESS_ALIAS.fullmatch, other) if row},
        [line for line in options if not OPTION.fullmatch(line) and not OPTION_ALIAS.fullmatch(line)]
        + [line for line in other if not ADDRESS.fullmatch(capitals(line))
           and not ADDRESS_ALIAS.fullmatch(line)],
    )


def capitals(line):
    """An address as socat 1.8 writes it, where 1.7 has small letters."""
    name = re.match(r"      [a-z][a-z0-9-]*", line)
    return name[0].upper() + line[name.end() :] if name else line


def test_deepest_help_has_every_other_name_too(face, nettool):
    options, aliases, addresses, address_aliases, strange = deepest(told(face("-hhh")))
    assert strange == []
    assert {*options, *aliases} == names_of(catalogue(nettool, "options"))
    listed = catalogue(nettool, "addresses")
    assert {*addresses, *address_aliases} == {*names_of(listed), "-"}
    assert aliases["reuseaddr"] == "so-reuseaddr" and address_aliases["TCP-L"] == "TCP-LISTEN"
    assert set(aliases.values()) <= set(options)
    assert set(address_aliases.values()) <= set(addresses)
    names = [line.split()[0] for line in part(told(face("-hhh")), "   opt:")]
    assert names == sorted(names)


def check_missing(nettool, address):
    """A word of socat's that isn't listed must be known as a part that is missing."""
    result = nettool("--check", address, "-")
    assert result.status == 2 and "is not built in" in result.text, (address, result)


@needs_socat
def test_peers_options_are_listed_or_known_to_be_missing(face, nettool, socat):
    ours, our_aliases, *_ = deepest(told(face("-hhh")))
    peers, peers_aliases, *_ = deepest(told(socat("-hhh")))
    assert len(peers) > 100
    for name in {*peers, *peers_aliases} - {*ours, *our_aliases}:
        check_missing(nettool, f"PIPE,{name}=1")
    for alias, name in peers_aliases.items():
        if alias in our_aliases and name in ours:
            assert our_aliases[alias] == name


@needs_socat
def test_peers_addresses_are_listed_or_known_to_be_missing(face, nettool, socat):
    _, _, ours, our_aliases, _ = deepest(told(face("-hhh")))
    _, _, peers, peers_aliases, _ = deepest(told(socat("-hhh")))
    assert len(peers) > 20
    for name in {*peers, *peers_aliases} - {*ours, *our_aliases}:
        check_missing(nettool, f"{name}:1:1:1")
    for alias, name in peers_aliases.items():
        if alias in our_aliases:
            assert our_aliases[alias] == name


@needs_socat
@needs_linux
def test_words_of_the_options_are_the_peers(face, socat):
    ours, _, addresses, *_ = deepest(told(face("-hhh")))
    peers, _, peers_addresses, *_ = deepest(told(socat("-hhh")))
    both = {*ours} & {*peers}
    assert len(both) > 100
    for name in both - OTHER_WORDS:
        assert ours[name][1:] == peers[name][1:], name
        assert set(peers[name][0].split(",")) <= set(ours[name][0].split(",")), name
    for name in {*addresses} & {*peers_addresses}:
        assert set(peers_addresses[name].split(",")) <= set(addresses[name].split(",")), name


@needs_socat
def test_tls_is_listed_in_the_peers_words(face, socat):
    """Groups in socat's order, and the version tells the truth about what is listed."""
    ours, _, addresses, *_ = deepest(told(face("-hhh")))
    peers, _, peers_addresses, *_ = deepest(told(socat("-hhh")))
    listed = {name for name in addresses if name.startswith("OPENSSL")}
    assert (features(told(face("-V")))["OPENSSL"] == "1") == bool(listed)
    if not listed:
        pytest.skip("built without OpenSSL")
    wanted = {name for name in peers_addresses if name.startswith("OPENSSL")}
    assert len(wanted) == 4 and wanted == listed
    for name in wanted:
        assert addresses[name] == peers_addresses[name], name
    options = {name for name in peers if name.startswith("openssl-")}
    assert len(options) > 10 and options <= {*ours}
    for name in options:
        assert ours[name] == peers[name], name


# ---- the name ------------------------------------------------------------------------------------


def test_text_under_the_name_socat(face, program, tmp):
    link = tmp / "socat"
    link.symlink_to(tools.NETTOOL)
    called = program(str(link))
    for word in ("-V", "-h", "-hhh"):
        assert told(called(word)) == told(face(word))
