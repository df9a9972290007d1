"""A real Dovecot on loopback with one account, in a folder of its own: ``python -m tests.fakes.dovecot --port 1143``.

Nothing of the machine's own mail configuration is read or changed. As root, mails are held by ``nobody``, for Dovecot
gives root none.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from imap_tools.utils import encode_folder

USER = "operator@example.com"
PASSWORD = "a horse, a battery"
MISSING = "dovecot is not installed (apt-get install dovecot-imapd)"
_BINARY = shutil.which("dovecot") or next(
    (path for path in ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot") if Path(path).exists()), None
)


def installed() -> bool:
    """Return whether this machine has Dovecot."""
    return _BINARY is not None


class Dovecot:
    """One server: plain IMAP on `port`, IMAP over TLS on `tls_port` with the certificate at `certificate`."""

    def __init__(self, port: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="northstar-dovecot-"))
        self.port, self.tls_port = port or _free(), _free()
        self.certificate = self.folder / "cert.pem"
        self._process: subprocess.Popen[bytes] | None = None
        root = os.geteuid() == 0
        self._owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        self._group = grp.getgrgid(self._owner.pw_gid).gr_name
        self._prepare()

    # -- running -------------------------------------------------------------------------------------------------

    def __enter__(self) -> Dovecot:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert _BINARY is not None, MISSING
        self._process = subprocess.Popen(
            [_BINARY, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.settimeout(2)
                if connection.recv(4) == b"* OK":
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"dovecot did not start:\n{(self.folder / 'log').read_text('utf-8', 'replace')}")

    def kill(self) -> None:
        """Kill it and all its processes at once, as a crash would."""
        if self._process is None:
            return
        process, self._process = self._process, None
        children = _descendants(process.pid)
        for pid in (process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def freeze(self) -> None:
        """Stop it in its steps: connections stay open, nothing answers."""
        assert self._process is not None
        for pid in (self._process.pid, *_descendants(self._process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    # -- the account ---------------------------------------------------------------------------------------------

    def client(self) -> imaplib.IMAP4:
        """Return a connection that is logged in."""
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.login(USER, PASSWORD)
        return client

    def deliver(self, *mails: bytes, folder: str = "INBOX", received: datetime.datetime | None = None) -> None:
        """Put unread mails into `folder`, made where there is none."""
        client = self.client()
        with contextlib.closing(_Logout(client)):
            if folder != "INBOX":
                client.create(_quoted(folder))
            when = imaplib.Time2Internaldate(received) if received else None
            for mail in mails:
                state, said = client.append(_quoted(folder), None, when, mail)  # type: ignore[arg-type]
                assert state == "OK", said

    def recreate(self, *mails: bytes, folder: str) -> None:
        """Delete `folder` and make it anew with `mails`: its UIDVALIDITY changes."""
        client = self.client()
        with contextlib.closing(_Logout(client)):
            before = client.status(_quoted(folder), "(UIDVALIDITY)")
            while client.status(_quoted(folder), "(UIDVALIDITY)") == before:
                assert client.delete(_quoted(folder))[0] == "OK"
                time.sleep(1.05)  # UIDVALIDITY is a time in seconds
                assert client.create(_quoted(folder))[0] == "OK"
        self.deliver(*mails, folder=folder)

    def flags(self, folder: str = "INBOX") -> list[bytes]:
        """Return the flags of every mail of `folder`."""
        client = self.client()
        with contextlib.closing(_Logout(client)):
            client.select(_quoted(folder), readonly=True)
            return [item for item in client.fetch("1:*", "(FLAGS)")[1] if isinstance(item, bytes)]

    def log(self) -> str:
        """Return what the server wrote down, all commands that it was given included."""
        found = [(self.folder / "log").read_text("utf-8", "replace")]
        found += [path.read_text("utf-8", "replace") for path in sorted((self.folder / "raw").rglob("*.in"))]
        return "\n".join(found)

    def settings(self, **more: object) -> dict[str, object]:
        """Return the table of the config that reads this server."""
        own = {"host": "127.0.0.1", "port": self.port, "security": "none", "user": USER, "password": "env:MAIL"}
        return {**own, "from": ["trader@example.com"], **more}

    # -- its files -----------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        for name in ("run", "lib", "home", "raw"):
            (self.folder / name).mkdir()
        _certify(self.certificate, self.folder / "key.pem")
        owner, group = self._owner, self._group
        (self.folder / "dovecot.conf").write_text(
            _CONFIG.format(
                folder=self.folder, user=owner.pw_name, group=group, uid=owner.pw_uid, gid=owner.pw_gid,
                port=self.port, tls_port=self.tls_port, password=PASSWORD,
            )
        )  # fmt: skip
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)


class _Logout:
    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client

    def close(self) -> None:
        self._client.logout()


_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/lib
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
mail_location = maildir:{folder}/home/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
auth_failure_delay = 0
auth_username_format = %u
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
rawlog_dir = {folder}/raw
"""


def _certify(certificate: Path, key: Path) -> None:
    """Write a certificate for 127.0.0.1 and localhost that is its own authority, valid for a day."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quoted(folder: str) -> str:
    return encode_folder(folder).decode()


def _descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = status.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted; print what to put into the config and the environment."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.dovecot", description="Serve an account on loopback.")
    parser.add_argument("--port", type=int, default=0, help="Port of plain IMAP; any free one by default.")
    parser.add_argument("mails", nargs="*", type=Path, help="Mails to put into the account's INBOX.")
    given = parser.parse_args(arguments)
    if not installed():
        raise SystemExit(MISSING)
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with Dovecot(given.port) as server:
        server.deliver(*(path.read_bytes() for path in given.mails))
        print(f"export MAIL='{PASSWORD}'")
        print("[sources.mail]")
        for name, value in server.settings().items():
            print(f"{name} = {str(value) if isinstance(value, int) else repr(value)}".replace("'", '"'), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
