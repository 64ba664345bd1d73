"""OpenSSH's own server with SFTP, for one test: its keys are drawn for it, its files lie in tmp."""

import getpass
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services.process import executable, free_port, is_listening, running

PACKAGE = "openssh-server"


@dataclass(frozen=True)
class Sshd:
    """A running sshd that lets one key in, and serves SFTP alone."""

    port: int
    account: str
    host_key: str
    private_key: str
    folder: Path

    def names(self) -> list[str]:
        """Return what lies in its folder."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def start_sshd(tmp_path: Path) -> Iterator[Callable[..., Sshd]]:
    """Start servers as the test needs them; all end with it.

    With `port`, a server that was away comes back where it is expected; with `key_type`, it is
    known by another kind of key.
    """
    # sshd, run by root, wants this folder for what has no rights
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with ExitStack() as servers:

        def start(*, port: int | None = None, key_type: str = "ed25519") -> Sshd:
            port = port or free_port()
            home = tmp_path / f"sshd-{port}-{key_type}"
            folder = tmp_path / "delivered"
            folder.mkdir(exist_ok=True)
            home.mkdir(mode=0o700, exist_ok=True)
            host_key, user_key = home / "host", home / "user"
            for path, kind in ((host_key, key_type), (user_key, "ed25519")):
                if not path.exists():
                    _draw(path, kind)
            (home / "authorized").write_text(user_key.with_suffix(".pub").read_text())
            configuration = home / "sshd_config"
            configuration.write_text(
                f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host_key}\n"
                f"AuthorizedKeysFile {home / 'authorized'}\nStrictModes no\nUsePAM no\n"
                f"PasswordAuthentication no\nKbdInteractiveAuthentication no\nPidFile none\n"
                "PermitRootLogin yes\nSubsystem sftp internal-sftp\nForceCommand internal-sftp\n"
            )
            command = [executable("sshd", package=PACKAGE), "-D", "-e", "-f", str(configuration)]
            log = home / "sshd.log"
            servers.enter_context(running(command, log=log, is_ready=lambda: is_listening(port)))
            return Sshd(
                port=port,
                account=getpass.getuser(),
                host_key=host_key.with_suffix(".pub").read_text().strip(),
                private_key=user_key.read_text(),
                folder=folder,
            )

        yield start


@pytest.fixture
def sshd(start_sshd: Callable[..., Sshd]) -> Sshd:
    """One server."""
    return start_sshd()


def _draw(path: Path, kind: str) -> None:
    command = [executable("ssh-keygen", package="openssh-client"), "-q", "-t", kind, "-N", ""]
    subprocess.run([*command, "-f", str(path)], check=True)
