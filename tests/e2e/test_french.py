"""What the program says in French, what stays English, and what programs read all the same.

Every test that has `french` runs twice: in a French locale that the test makes, and on a machine that has
none, where LANG alone says what is wanted.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import tools
from terminals import Window
from tools import accept, dead_port, name_of, read_exactly, tcp_server, udp_socket

FOLDER = Path(os.environ.get("NETTOOL_BUILDDIR") or Path(tools.NETTOOL).parent) / "locale"
MESSAGES = FOLDER / "fr" / "LC_MESSAGES" / "nettool.mo"


def is_translated():
    said = subprocess.run([tools.NETTOOL, "-V"], capture_output=True, check=False)
    return b"NLS" in said.stdout and b"-NLS" not in said.stdout


pytestmark = pytest.mark.skipif(not is_translated() or not MESSAGES.exists(),
                                reason="built without translations (--disable-nls, or no msgfmt)")


def speaking(**more):
    """The environment of a user; LC_ALL of the tests is taken out of it."""
    return {"LC_ALL": None, "NETTOOL_LOCALEDIR": FOLDER, **more}


@pytest.fixture(scope="module")
def locales():
    """A folder with French locales, fr_FR.UTF-8 and fr_FR with Latin-1."""
    if shutil.which("localedef") is None:
        pytest.skip("localedef is not installed")
    with tempfile.TemporaryDirectory() as folder:
        for name, charset in (("fr_FR.UTF-8", "UTF-8"), ("fr_FR", "ISO-8859-1")):
            made = subprocess.run(["localedef", "-c", "-i", "fr_FR", "-f", charset,
                                   f"{folder}/{name}"], capture_output=True, check=False)
            if not Path(folder, name, "LC_CTYPE").exists():
                pytest.skip(f"no locale can be made here: {made.stderr!r}")
        yield folder


@pytest.fixture(scope="module")
def no_locales():
    """A folder without locales: the C library has nothing but its own."""
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(["locale", "charmap"], capture_output=True, check=False,
                              env={"PATH": os.environ["PATH"], "LOCPATH": folder,
                                   "LC_ALL": "C.UTF-8"})
        if said.stdout.strip() != b"UTF-8":
            pytest.skip("the C library has no UTF-8 without locales")
        yield folder


@pytest.fixture(params=["locales", "no_locales"])
def french(request):
    """The environment of somebody who speaks French."""
    return speaking(LANG="fr_FR.UTF-8", LOCPATH=request.getfixturevalue(request.param))


# ---- messages ------------------------------------------------------------------------------------


def test_an_error(nettool, french):
    port = dead_port()
    result = nettool("-", f"TCP4:127.0.0.1:{port}", env=french)
    assert result.status == 1
    assert result.text == (f"nettool: TCP4:127.0.0.1:{port}: impossible de se connecter à "
                           f"127.0.0.1:{port}: Connexion refusée\n")


def test_a_hint(nettool, french):
    result = nettool("-", "TPC:localhost:1", env=french)
    assert result.status == 2
    assert result.text == ('nettool: périphérique/adresse "TPC" inconnu\n'
                           "  TPC:localhost:1\n"
                           "  ^^^ vouliez-vous dire TCP ?\n")


def test_a_value_that_is_refused(nettool, french):
    result = nettool("-u", "-", "TCP-LISTEN:0,backlog=douze", env=french)
    assert result.status == 2
    assert "l'option 'backlog' a la mauvaise valeur 'douze' : " in result.text


def test_help(nettool, french):
    result = nettool("--help", env=french)
    assert result.status == 0
    assert "Usage : nettool [options] <adresse> <adresse>\n" in result.printed
    assert re.search(r"^  -u +sens unique : de la première adresse à la seconde$", result.printed,
                     re.MULTILINE)


@pytest.mark.parametrize("word, wanted", [
    ("TCP-LISTEN", "accepter des connexions TCP sur un port"),
    ("fork", "servir chaque connexion dans un processus à elle et en attendre d'autres"),
])
def test_help_of_a_word(nettool, french, word, wanted):
    result = nettool("--help", word, env=french)
    assert result.status == 0 and wanted in result.printed


@pytest.mark.parametrize("what, line", [
    ("addresses", r"^PIPE\S* +un tube : sans chemin, ce qu'on écrit revient"),
    ("options", r"^unlink-early\S* +supprimer l'entrée avant toute autre chose"),
])
def test_table(nettool, french, what, line):
    result = nettool(f"--list={what}", env=french)
    assert re.search(line, result.printed, re.MULTILINE), result


def test_statistics(nettool, french):
    result = nettool("--statistics", "-u", "-", "STDOUT", input=b"hello", env=french)
    assert re.fullmatch(r"nettool: STATISTIQUES : de gauche à droite : +1 paquet\(s\), "
                        r"+5 octet\(s\)\n", result.text), result


def test_progress(start, french):
    server = tcp_server()
    process = start("--progress=always", "--size=1000", "-u", f"TCP:{name_of(server)}",
                    "OPEN:out,creat", env=french)
    peer = accept(server)
    peer.sendall(b"x" * 370)
    process.expect_err(re.compile(rb"37%  fin dans \S+\n"))
    peer.close()
    server.close()
    assert process.wait().status == 0


@pytest.mark.parametrize("number, wanted", [
    (0, "-- vide est envoyé : 0 octet"),
    (1, "-- vide est envoyé : 1 octet"),
    (2, "-- vide est envoyé : 2 octets"),
])
def test_plural(nettool, french, tmp, number, wanted):
    """French has the singular for none, too."""
    if "CHAT" not in nettool("--list=addresses").printed:
        pytest.skip("nettool was built without readline")
    (tmp / "vide").write_bytes(b"x" * number)
    server = tcp_server()
    with Window() as window:
        process = window.start(nettool, "CHAT", f"TCP:{name_of(server)}", env={
            **french, "XDG_STATE_HOME": str(tmp / "state"), "NO_COLOR": "1",
            "INPUTRC": "/dev/null"})
        peer = accept(server)
        window.type(b"/send vide\r")
        window.wait_for(lambda screen: wanted in screen.split("\n"))
        assert read_exactly(peer, number) == b"x" * number
        window.type(b"/send\r")
        window.wait_for("-- quel fichier ? /send FICHIER")
        window.type(b"/quit\r")
        assert process.wait().status == 0
        peer.close()
    server.close()


@pytest.mark.parametrize("number, wanted", [
    (2, "un datagramme de 2 octets a été coupé à 1 (voir l'option -b)"),
    (7, "un datagramme de 7 octets a été coupé à 1 (voir l'option -b)"),
])
def test_plural_of_a_warning(listener, french, number, wanted):
    server = listener("-u", "-b1", "UDP4-RECV:0,bind=127.0.0.1", "STDOUT", env=french)
    with udp_socket() as client:
        client.sendto(b"x" * number, ("127.0.0.1", server.port))
        server.expect_err(f"nettool: avertissement : {wanted}\n".encode())
        server.expect_out(b"x")
    server.popen.terminate()
    assert server.wait().out == b"x"


# ---- which language ------------------------------------------------------------------------------

ENGLISH = b'nettool: unknown device/address "TPC"\n'
FRENCH = 'nettool: périphérique/adresse "TPC" inconnu\n'.encode()


@pytest.mark.parametrize("variables, wanted", [
    ({}, ENGLISH),
    ({"LANG": "C"}, ENGLISH),
    ({"LANG": "POSIX", "LANGUAGE": "fr"}, ENGLISH),
    ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, ENGLISH),
    ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "C"}, ENGLISH),
    ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, FRENCH),
    ({"LANG": "fr_CA.utf8"}, FRENCH),
    ({"LANG": "fr_FR.UTF-8@euro"}, FRENCH),
    ({"LANG": "C", "LC_ALL": "fr_BE.UTF-8"}, FRENCH),
    ({"LANG": "de_DE.UTF-8"}, ENGLISH),
    ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:fr:en"}, FRENCH),
    ({"LANG": "fr_FR.UTF-8", "LANGUAGE": "en:fr"}, ENGLISH),
    ({"LANG": "fr_FR.UTF-8", "LANGUAGE": "../fr"}, ENGLISH),
    ({"LANG": "fr_FR"}, ENGLISH),
    ({"LANG": "fr_FR.ISO-8859-1"}, ENGLISH),
    ({"LANG": "../../fr.UTF-8"}, ENGLISH),
], ids=str)
def test_without_locales(nettool, no_locales, variables, wanted):
    """The system has no locale, and so no letters but ASCII's and those of UTF-8."""
    result = nettool("-", "TPC:", env=speaking(LOCPATH=no_locales, **variables))
    assert result.status == 2 and result.err.startswith(wanted), result


def test_latin1(nettool, locales):
    env = speaking(LANG="fr_FR", LOCPATH=locales)
    result = nettool("-", os.fsdecode(b"TPC:\xe9"), env=env)
    assert result.err == ('nettool: périphérique/adresse "TPC" inconnu\n'
                          "  TPC:é\n  ^^^ vouliez-vous dire TCP ?\n").encode("latin-1")
    result = nettool("--help", "fork", env=env)
    assert "à elle".encode("latin-1") in result.out


def test_latin1_shows_no_controls(nettool, locales):
    result = nettool("-", os.fsdecode(b"TPC:\x9b\xc2\x9b"), env=speaking(LANG="fr_FR", LOCPATH=locales))
    assert b"\x9b" not in result.err and b"TPC:\\x9b\xc2\\x9b" in result.err


def test_json_is_utf8_everywhere(nettool, locales):
    result = nettool("--log-format=json", "-", "TPC:", env=speaking(LANG="fr_FR", LOCPATH=locales))
    assert json.loads(result.err)["message"] == 'périphérique/adresse "TPC" inconnu'


def test_a_broken_file_of_messages(nettool, no_locales, tmp):
    """A file that is cut off, or is no such file, is as good as none."""
    data = MESSAGES.read_bytes()
    folder = tmp / "broken" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    env = speaking(LANG="fr_FR.UTF-8", LOCPATH=no_locales,
                   NETTOOL_LOCALEDIR=tmp / "broken")
    for broken in (b"", b"\0" * 100, data[:20], data[:28], data[:1000], data[: len(data) // 2],
                   data[:8] + b"\xff" * 16 + data[24:], data[:12] + b"\xff" * 8 + data[20:]):
        (folder / "nettool.mo").write_bytes(broken)
        result = nettool("-", "TPC:", env=env)
        assert result.status == 2 and result.err.startswith((ENGLISH, FRENCH)), (broken, result)


def marked(folder):
    """Makes a folder of translations that are told from those of an installed nettool -> the folder."""
    messages = folder / "fr" / "LC_MESSAGES"
    messages.mkdir(parents=True)
    data = MESSAGES.read_bytes().replace("périphérique/adresse".encode(), b"Peripherique..........")
    (messages / "nettool.mo").write_bytes(data)
    return folder


MARK = b"nettool: Peripherique"


def test_folder_is_a_whole_path(nettool, no_locales, tmp):
    marked(tmp / "locale")
    env = speaking(LANG="fr_FR.UTF-8", LOCPATH=no_locales, NETTOOL_LOCALEDIR="locale")
    assert not nettool("-", "TPC:", env=env).err.startswith(MARK)
    env["NETTOOL_LOCALEDIR"] = tmp / "locale"
    assert nettool("-", "TPC:", env=env).err.startswith(MARK)


@tools.needs_root
def test_a_privileged_program_chooses_its_folder_itself(tmp, no_locales):
    """Words that go through printf come from nobody but who installed the program."""
    program = tmp / "nettool"
    shutil.copy(tools.NETTOOL, program)
    tmp.chmod(0o755)
    Path(no_locales).chmod(0o755)
    folder = marked(tmp / "locale")

    def said():
        run = subprocess.run([program, "-", "TPC:"], capture_output=True, check=False, user=65534,
                             stdin=subprocess.DEVNULL, cwd="/", env={
                                 "LANG": "fr_FR.UTF-8", "LOCPATH": no_locales,
                                 "NETTOOL_LOCALEDIR": str(folder)})
        return run.stderr

    if not said().startswith(MARK):
        pytest.skip("another user cannot run programs of the test's folder")
    program.chmod(0o4755)
    assert said().startswith((ENGLISH, FRENCH))


# ---- what stays English --------------------------------------------------------------------------


@pytest.mark.parametrize("args", [
    ("-h",),
    ("-hhh",),
    ("-", "TPC:localhost:1"),
    ("-", "TCP-LISTEN:0,backlog=x"),
    ("-", "UNIX-CONNECT:nobody"),
    ("-", "EXEC:./missing"),
    ("--statistics", "-u", "/dev/null", "/dev/null"),
    ("-dd", "-u", "/dev/null", "/dev/null"),
    ("-b",),
    ("-q", "-"),
])
def test_socats_face(nettool, french, args):
    def words(env):
        result = nettool("socat", *args, env=env)
        # the head of a line has the time and the process
        text = re.sub(r"(?m)^\S+ \S+ socat\[\d+\]", "", result.text)
        return result.status, result.out, re.sub(r"\d+ ", "", text)

    assert words(french) == words(None)


def test_classic_log(nettool, french):
    result = nettool("--log-format=classic", "-", "TPC:localhost:1", env=french)
    assert result.text.endswith(' E unknown device/address "TPC"\n')


@pytest.mark.parametrize("args", [
    (f"--list={what}", f"--format={form}")
    for what in ("addresses", "options") for form in ("tsv", "json")
])
def test_machines_read_the_same(nettool, french, args):
    result = nettool(*args, env=french)
    assert result.status == 0 and result.out == nettool(*args).out


def test_statistics_for_programs(nettool, french):
    result = nettool("--statistics=json", "-u", "-", "STDOUT", input=b"hello", env=french)
    said = json.loads(result.err)
    assert said["left_to_right"]["bytes"] == 5 and said["right_to_left"]["bytes"] == 0


def test_json_has_the_same_members(nettool, french):
    result = nettool("--log-format=json", "-", "TPC:localhost:1", env=french)
    said = json.loads(result.err)
    assert said["level"] == "error" and said["hint"] == "vouliez-vous dire TCP ?"
    assert set(said) == set(json.loads(nettool("--log-format=json", "-", "TPC:localhost:1").err))


def test_ready_line(listener, french):
    server = listener("-u", "TCP4-LISTEN:0,bind=127.0.0.1", "STDOUT", env=french)
    assert server.port > 0
    server.popen.terminate()
    server.wait()


def test_scan(nettool, french):
    server = tcp_server()
    port = server.getsockname()[1]
    result = nettool("--scan", f"TCP4:127.0.0.1:{port}", env=french)
    server.close()
    assert result.printed.startswith(f"127.0.0.1 {port}/tcp open")
    closed = dead_port()
    result = nettool("--scan", "-v", f"TCP4:127.0.0.1:{closed}", env=french)
    assert result.printed == f"127.0.0.1 {closed}/tcp refused\n"


def test_netcats_words_are_those_of_scripts(nettool, french):
    port = dead_port()
    result = nettool("nc", "-v", "-n", "127.0.0.1", port, env=french)
    assert result.text == nettool("nc", "-v", "-n", "127.0.0.1", port).text
    result = nettool("nc", "--gibt-es-nicht", env=french)
    assert "inconnue" in result.text


def test_names_of_the_room_are_not_translated(listener, nettool, french):
    server = listener("TCP4-LISTEN:0,bind=127.0.0.1,hub,names", "PIPE", env=french)
    with tools.socket.create_connection(("127.0.0.1", server.port), tools.DEADLINE) as member:
        greeting = tools.read_until(member, b"\n")
    assert greeting.startswith(b"* you are ")
    server.popen.terminate()
    server.wait()


@pytest.mark.parametrize("charset", ["UTF-16", "UCS-4", "../../x"])
def test_a_charset_for_others_leaves_messages_whole(nettool, no_locales, charset):
    """With OUTPUT_CHARSET gettext would answer in UTF-16, which ends at its first zero byte."""
    env = {"LC_ALL": "C.UTF-8", "LANGUAGE": "fr", "NETTOOL_LOCALEDIR": FOLDER}
    plain = nettool("-", "TPC:", env=env)
    assert nettool("-", "TPC:", env={**env, "OUTPUT_CHARSET": charset}).err == plain.err != ""
