"""Certificates for the tests of TLS, and peers that speak it.

    authority()           a small authority, with a certificate for every purpose; made once, or skip
        .crt(name)        the certificate's file, .key(name) its key's, .pem(name) both in one
        .root, .with_list the file that trusts all of them; the same with a list of those revoked
        .fingerprint(name)
    Speaker(socket, ...)  one end of a TLS connection of which a test decides every byte
    server_context(...), client_context(...)   contexts of Python's ssl
    Server(answer, ...)   a server of Python's own, in a thread, for one connection

Certificates (all for names of this machine, or names that nobody has):

    server   CN=localhost, and localhost, 127.0.0.1, ::1      client   CN=ana, no further names
    other    CN=other.example, and DNS other.example          wild     CN=*.example.org, and DNS
    cn       CN=localhost, no further names                   address  CN=here, and IP 127.0.0.1
    expired, future, revoked   as server, but not any more, not yet, not any longer
    chain    as server, by an authority between               rsa, small   as server, of 2048 and 1024 bit
    alone    as server, signed by itself                      stranger an authority that nobody knows
    visitor  CN=ana, for clients only
"""

import contextlib
import atexit
import functools
import hashlib
import shutil
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

import pytest

import tools

OPENSSL = shutil.which("openssl")

CONFIGURATION = """
[ca]
default_ca = here
[here]
dir = {folder}
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
default_crl_days = 30
copy_extensions = copy
[any]
countryName = optional
organizationName = optional
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
CN = nobody
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
"""

HERE = "DNS:localhost,IP:127.0.0.1,IP:::1"


class Authority:
    """Makes certificates in a folder, with the openssl command."""

    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / "index.txt").touch()
        (self.folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder))
        for name in ("root", "stranger"):
            self.run("req", "-x509", "-config", "openssl.cnf", "-extensions", "authority",
                     *self.new_key(name), "-days", "30", "-subj",
                     f"/C=FR/O=Cours/CN={name} authority", "-out", f"{name}.crt")
        self.issue("between", "/CN=between", extensions="authority")
        self.issue("server", "/C=FR/O=Cours/O=Réseaux/CN=localhost", HERE)
        self.issue("client", "/C=FR/O=Étudiants/CN=ana")
        self.issue("other", "/CN=other.example", "DNS:other.example")
        self.issue("wild", "/CN=*.example.org", "DNS:*.example.org")
        self.issue("cn", "/CN=localhost")
        self.issue("address", "/CN=here", "IP:127.0.0.1")
        self.issue("expired", "/CN=localhost", HERE, "-startdate", "20200101000000Z", "-enddate",
                   "20210101000000Z")
        self.issue("future", "/CN=localhost", HERE, "-startdate", "20480101000000Z", "-enddate",
                   "20490101000000Z")
        self.issue("revoked", "/CN=localhost", HERE)
        self.issue("chain", "/CN=localhost", HERE, issuer="between")
        self.issue("rsa", "/CN=localhost", HERE, kind=("-newkey", "rsa:2048"))
        self.issue("small", "/CN=localhost", HERE, kind=("-newkey", "rsa:1024"))
        self.issue("visitor", "/CN=ana", usage="clientAuth")
        self.issue("foreign", "/CN=localhost", HERE, issuer="stranger")
        self.run("req", "-x509", "-config", "openssl.cnf", *self.new_key("alone"), "-days", "30",
                 "-subj", "/CN=localhost", "-addext", f"subjectAltName={HERE}", "-out",
                 "alone.crt")
        self.join("alone")
        self.run("ca", "-config", "openssl.cnf", "-keyfile", "root.key", "-cert", "root.crt",
                 "-revoke", "revoked.crt")
        self.run("ca", "-config", "openssl.cnf", "-keyfile", "root.key", "-cert", "root.crt",
                 "-gencrl", "-out", "list.crl")
        self.root = self.crt("root")
        self.with_list = self.folder / "with_list.crt"
        self.with_list.write_bytes(self.root.read_bytes() + (self.folder / "list.crl").read_bytes())

    def run(self, *args):
        result = subprocess.run([OPENSSL, *args], cwd=self.folder, capture_output=True, check=False,
                                stdin=subprocess.DEVNULL, timeout=60 * tools.PATIENCE)
        if result.returncode != 0:
            raise OSError(f"openssl {' '.join(args)}: {result.stderr.decode()}")
        return result.stdout

    @staticmethod
    def new_key(name, kind=("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
        return (*kind, "-nodes", "-keyout", f"{name}.key")

    def issue(self, name, subject, names="", *dates, issuer="root", extensions="leaf", usage="",
              kind=None):
        more = ["-addext", f"subjectAltName={names}"] if names else []
        more += ["-addext", f"extendedKeyUsage={usage}"] if usage else []
        self.run("req", "-new", "-config", "openssl.cnf", "-utf8", "-subj", subject, "-out",
                 f"{name}.csr", *more, *(self.new_key(name, kind) if kind else self.new_key(name)))
        self.run("ca", "-batch", "-notext", "-config", "openssl.cnf", "-in", f"{name}.csr",
                 "-utf8", "-keyfile", f"{issuer}.key", "-cert", f"{issuer}.crt", "-extensions",
                 extensions, "-out", f"{name}.crt", *(dates or ("-days", "20")))
        self.join(name)

    def join(self, name):
        self.pem(name).write_bytes(self.crt(name).read_bytes() + self.key(name).read_bytes())

    def crt(self, name):
        return self.folder / f"{name}.crt"

    def key(self, name):
        return self.folder / f"{name}.key"

    def pem(self, name):
        return self.folder / f"{name}.pem"

    def fingerprint(self, name):
        """As it is written: 64 hexadecimal digits with colons between the bytes."""
        return fingerprint(ssl.PEM_cert_to_DER_cert(self.crt(name).read_text()))


def fingerprint(der):
    """The SHA-256 fingerprint of a certificate in DER form, as people compare it."""
    return ":".join(f"{byte:02X}" for byte in hashlib.sha256(der).digest())


@functools.lru_cache
def _made():
    folder = tempfile.mkdtemp(prefix="nt-tls-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Authority(folder)


@functools.lru_cache
def is_built_in():
    """Whether the nettool under test has TLS."""
    result = subprocess.run([tools.NETTOOL, "-V"], capture_output=True, check=False)
    features = result.stdout.split(b"built in:")[-1].split()
    return b"OPENSSL" in features


def authority():
    """The certificates, or the test is skipped."""
    if OPENSSL is None:
        pytest.skip("the openssl command is not installed")
    if not is_built_in():
        pytest.skip("built without OpenSSL")
    return _made()


# ---- Python's side -------------------------------------------------------------------------------


def server_context(name="server", trusts=None, alpn=(), seen=None):
    """A server that shows a certificate; with `trusts` it wants one, too. `seen` gets names (SNI)."""
    made = authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.crt(name), made.key(name))
    if trusts is not None:
        context.load_verify_locations(trusts)
        context.verify_mode = ssl.CERT_REQUIRED
    if alpn:
        context.set_alpn_protocols(alpn)
    if seen is not None:
        context.sni_callback = lambda connection, wanted, _: seen.append(wanted)
    return context


def client_context(trusts=None, name=None):
    """A client that trusts the root, or `trusts`, or with trusts=False anybody."""
    made = authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trusts is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(made.root if trusts is None else trusts)
    if name is not None:
        context.load_cert_chain(made.crt(name), made.key(name))
    return context


class Speaker:
    """One end of a TLS connection on a plain socket: what passes, and when, is the test's business."""

    def __init__(self, peer, context, server=False, host="localhost", shake=True):
        self.peer, self.wire, self.rest = peer, bytearray(), b""
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.ssl = context.wrap_bio(self.incoming, self.outgoing, server_side=server,
                                    server_hostname=None if server else host)
        if shake:
            self.shake()

    def flush(self, size=None):
        """Sends what is encrypted, in pieces of `size` bytes if given."""
        data = self.outgoing.read()
        for i in range(0, len(data), size or max(1, len(data))):
            self.peer.sendall(data[i : i + (size or len(data))])

    def _more(self):
        data = self.peer.recv(1 << 16)
        if len(self.wire) < 1 << 20:
            self.wire += data
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()

    def _do(self, function, *args):
        while True:
            try:
                return function(*args)
            except ssl.SSLWantReadError:
                self.flush()
                self._more()
            finally:
                self.flush()

    def shake(self):
        self._do(self.ssl.do_handshake)

    def send(self, data, size=None):
        """Encrypts data and sends it, as records of at most 16 kB."""
        view = memoryview(data)
        while view:
            view = view[self.ssl.write(view) :]
            self.flush(size)

    def recv(self, size=1 << 16):
        """Some bytes; b"" after a goodbye. ssl.SSLError where the connection was cut off."""
        try:
            return self._do(self.ssl.read, size)
        except ssl.SSLZeroReturnError:
            return b""

    def exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.recv(size - len(data))
            if not piece:
                break
            data += piece
        return data

    def line(self):
        """The next line with its end, or what is left before the end."""
        while b"\n" not in self.rest:
            piece = self.recv()
            if not piece:
                break
            self.rest += piece
        line, end, self.rest = self.rest.partition(b"\n")
        return line + end

    def records(self):
        """The sizes of the records of data in what came over the wire first (1 MB)."""
        sizes, at = [], 0
        while at + 5 <= len(self.wire):
            kind, size = self.wire[at], int.from_bytes(self.wire[at + 3 : at + 5], "big")
            if kind == 23:
                sizes.append(size)
            at += 5 + size
        return sizes

    def everything(self):
        """All that comes up to the goodbye."""
        parts = []
        while piece := self.recv():
            parts.append(piece)
        return b"".join(parts)

    def goodbye(self):
        """Sends close_notify, which who is gone need not hear; reading goes on."""
        try:
            self.ssl.unwrap()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:  # data of the other side waits before its own goodbye
            pass
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.flush()

    def close(self):
        self.peer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Server(tools.Background):
    """Accepts one connection in a thread, and runs answer(speaker) there.

    result() is what answer returned; a handshake that fails raises there. `port` is where it is.
    """

    def __init__(self, answer, *args, family=socket.AF_INET, plain=False, **how):
        self.server = tools.tcp_server(family)
        self.address = tools.name_of(self.server)
        self.port = self.server.getsockname()[1]
        context = None if plain else server_context(*args, **how)

        def run():
            with self.server, tools.accept(self.server) as peer:
                return answer(peer if plain else Speaker(peer, context, server=True))

        super().__init__(run)


def connect(server, context=None, host="localhost", shake=True):
    """A Speaker connected to a Listener of ours."""
    return Speaker(server.connect(), context or client_context(), host=host, shake=shake)
