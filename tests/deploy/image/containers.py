"""Start the services of docker-compose.yml in namespaces of the kernel, as an engine does.

All services of a file share one network here; /etc/hosts gives each its name. The machine itself
is the gateway of that network, as with an engine, so that a browser on it is the proxy.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.image.build import Image, run
from tests.external_tools import needed

GRACE = 10
# a folder of devices as an engine makes it
DEVICES = ("null", "zero", "full", "random", "urandom")
MOUNTS = r"""
set -eu
mount --bind {root} {root}
mount -t tmpfs -o mode=755 devices {root}/dev
for name in {devices}; do touch {root}/dev/$name; mount --bind /dev/$name {root}/dev/$name; done
ln -s /proc/self/fd {root}/dev/fd
mkdir -m 1777 {root}/dev/shm
mount -t tmpfs -o nosuid,nodev,size=64m,mode=1777 shm {root}/dev/shm
mount --rbind /proc {root}/proc
mount --bind {hosts} {root}/etc/hosts
{more}
exec chroot {root} {setpriv} sh -c 'cd "$0" && exec "$@"' {folder} "$@"
"""


@dataclass
class Network:
    """A network with one address for the services, and this machine as its gateway."""

    name: str
    address: str
    gateway: str

    def inside(self, *words: str) -> list[str]:
        """Return the command that runs in this network."""
        return [needed("ip"), "netns", "exec", self.name, *words]


@contextmanager
def network(compose: Mapping[str, Any]) -> Iterator[Network]:
    """Make the network that a compose file describes."""
    settings = compose["networks"]["default"]["ipam"]["config"][0]
    size = ip_network(settings["subnet"]).prefixlen
    gateway = settings["gateway"]
    address = str(ip_interface(f"{gateway}/{size}") + 1).partition("/")[0]
    ip, name = needed("ip"), f"dcrm{os.getpid()}"
    if f" {gateway}/" in run(ip, "-oneline", "address"):
        pytest.skip(f"The network {settings['subnet']} is in use on this machine.")
    run(ip, "netns", "add", name)
    try:
        run(ip, "link", "add", f"{name}a", "type", "veth", "peer", "name", "eth0", "netns", name)
        run(ip, "address", "add", f"{gateway}/{size}", "dev", f"{name}a")
        run(ip, "link", "set", f"{name}a", "up")
        for words in (
            ["address", "add", f"{address}/{size}", "dev", "eth0"],
            ["link", "set", "eth0", "up"],
            ["link", "set", "lo", "up"],
        ):
            run(ip, "-n", name, *words)
        yield Network(name, address, gateway)
    finally:
        subprocess.run([ip, "link", "delete", f"{name}a"], check=False, capture_output=True)
        subprocess.run([ip, "netns", "delete", name], check=False, capture_output=True)


@dataclass
class Service:
    """A service of a compose file and its process."""

    name: str
    words: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    grace: float = GRACE
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, stdin: bytes = b"") -> "Service":
        """Start the process."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.words,
                cwd="/",
                env=dict(self.environment),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        assert self.process.stdin is not None
        self.process.stdin.write(stdin)
        self.process.stdin.close()
        return self

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def wait(self, answers: Callable[[], bool], seconds: float = 120) -> None:
        """Wait until it answers, as long as it runs."""
        until = time.monotonic() + seconds
        while not answers():
            assert self.alive, f"{self.name} has ended:\n{self.said()}"
            assert time.monotonic() < until, f"{self.name} does not answer:\n{self.said()}"
            time.sleep(0.1)

    def ended(self, seconds: float = 300) -> int:
        """Wait for the end of the process and return its exit code."""
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self, signal_name: str = "SIGTERM") -> int:
        """Stop the process as an engine does, and return its exit code; -9: it took too long."""
        if self.process is None:
            return 0
        if self.alive:
            self.process.send_signal(signal.Signals[signal_name])
        try:
            return self.process.wait(self.grace)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            return self.process.wait()

    def said(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_text(errors="replace")[-4_000:]


@dataclass
class Engine:
    """What starts the services of a compose file from an image."""

    image: Image
    folder: Path
    network: Network
    hosts: Sequence[str] = ()

    def volume(self, name: str, path: str) -> Path:
        """Return a named volume; a fresh one is a copy of the image's folder."""
        place = self.folder / "volumes" / name
        if not place.exists():
            shutil.copytree(f"{self.image.root}{path}", place)
            facts = Path(f"{self.image.root}{path}").stat()
            os.chown(place, facts.st_uid, facts.st_gid)
        return place

    def service(
        self, name: str, described: Mapping[str, Any], command: Sequence[str] = ()
    ) -> Service:
        """Return a service, or another command in a container like the service's."""
        hosts = self.folder / "hosts"
        hosts.write_text("".join(f"127.0.0.1 {host}\n" for host in ("localhost", *self.hosts)))
        script = MOUNTS.format(
            root=shlex.quote(str(self.image.root)),
            hosts=hosts,
            devices=" ".join(DEVICES),
            more="\n".join(self._mounts(described)),
            setpriv=shlex.join(self._rights(described)),
            folder=self.image.folder,
        )
        words = [*(command or described.get("command") or self.image.command)]
        space = [needed("unshare"), "--mount", "--propagation", "private"]
        environment = {**self.image.environment, **described.get("environment", {})}
        return Service(
            name,
            self.network.inside(*space, "/bin/sh", "-c", script, "sh", *words),
            self.folder / f"{name}.log",
            {key: str(value) for key, value in environment.items()},
            seconds(described.get("stop_grace_period", f"{GRACE}s")),
        )

    def _mounts(self, described: Mapping[str, Any]) -> Iterator[str]:
        root = self.image.root
        for volume in described.get("volumes", []):
            # a newer Docker Compose writes it in full
            words = volume if isinstance(volume, str) else "{source}:{target}".format(**volume)
            name, path, *_ = words.split(":")
            yield f"mount --bind {self.volume(name, path)} {root}{path}"
        for path in described.get("tmpfs", []):
            yield f"mount -t tmpfs -o nosuid,nodev,noexec,mode=1777 tmpfs {root}{path}"
        if described.get("read_only"):
            yield f"mount -o remount,bind,ro {root}"

    def _rights(self, described: Mapping[str, Any]) -> list[str]:
        user, _, group = self.image.user.partition(":")
        words = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        if described.get("cap_drop") == ["ALL"]:
            words += ["--bounding-set=-all", "--inh-caps=-all"]
        if "no-new-privileges:true" in described.get("security_opt", []):
            words.append("--no-new-privs")
        return words


def seconds(text: str) -> float:
    """Return the seconds of a duration of a compose file: 30s, 1m30s."""
    parts = re.findall(r"(\d+)([hms])", text)
    assert parts, f"{text} is no duration"
    return float(sum(int(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in parts))
