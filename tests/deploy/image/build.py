"""Build the image with buildah, on a base image that debootstrap makes of Debian's packages."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.external_tools import needed

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
# what the base image of Docker's library has under this name
PYTHON = "usr/local/bin/python"
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGES = ("python3", "python3-venv")
LIMIT = 900


@dataclass(frozen=True, slots=True)
class Image:
    """A built image: the folder its files are mounted in, and what the Dockerfile says of it."""

    root: Path
    environment: Mapping[str, str]
    user: str
    folder: str
    command: Sequence[str]
    health_check: Sequence[str]
    stop_signal: str


def run(*words: str, folder: Path = ROOT, **variables: str) -> str:
    """Run a program and return its output; fail with its last words."""
    done = subprocess.run(
        words,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | variables,
        timeout=LIMIT,
    )
    if done.returncode:
        pytest.fail(
            f"{' '.join(words[:3])} … ended with {done.returncode}:\n{done.stderr[-3000:]}"
        )
    return done.stdout.strip()


@contextmanager
def built(folder: Path) -> Iterator[Image]:
    """Build the image below a folder, lend it mounted, and delete all of it."""
    store = Store(folder)
    try:
        base(store)
        store.run(
            "build",
            "--isolation=chroot",
            "--format=docker",
            "--pull-never",
            "--layers=false",
            *(f"--volume={file}:{file}:ro" for file in pip_settings()[1]),
            "--tag=donorcrm",
            ".",
        )
        container = store.run("from", "--pull-never", "donorcrm")
        root = Path(store.run("mount", container))
        yield described(root, store.run("inspect", "--type=image", "donorcrm"))
    finally:
        store.clear()
        shutil.rmtree(folder, ignore_errors=True)


class Store:
    """A storage of images of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._options = [
            needed("buildah"),
            f"--root={folder / 'storage'}",
            f"--runroot={folder / 'run'}",
            f"--storage-driver={_driver()}",
        ]

    def run(self, *words: str) -> str:
        """Run buildah on the storage and return its output."""
        return run(*self._options, *words)

    def clear(self) -> None:
        """Unmount and delete every container and image."""
        for words in (["umount", "--all"], ["rm", "--all"], ["rmi", "--all", "--force"]):
            subprocess.run([*self._options, *words], check=False, capture_output=True)
        lines = Path("/proc/self/mounts").read_text().splitlines()
        places = [Path(line.split()[1]) for line in lines]
        # the folder of the layers is a mount of its own
        for place in reversed([path for path in places if path.is_relative_to(self._folder)]):
            subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)


def _driver() -> str:
    """Return how the layers are stored: as overlays where the kernel can, else as copies."""
    return "overlay" if "overlay" in Path("/proc/filesystems").read_text() else "vfs"


def base_name() -> str:
    """Return the name of the image that the Dockerfile starts from."""
    (name,) = set(re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE))
    return str(name)


def base(store: Store) -> None:
    """Make the image that the Dockerfile starts from, of the same Debian and the same Python."""
    version, codename = present_parts(base_name())
    container = store.run("from", "scratch")
    root = Path(store.run("mount", container))
    words = [needed("debootstrap"), "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    run(*words, codename, str(root), *mirror(codename))
    found = (root / "usr/bin/python3").readlink().name
    assert found == f"python{version}", f"Debian has {found}, the Dockerfile asks for {version}"
    (root / PYTHON).symlink_to("/usr/bin/python3")
    (root / "etc/pip.conf").write_text(f"[global]\n{pip_settings()[0]}", encoding="ascii")
    # an engine makes it, and sets the path, for every container
    (root / "etc/hosts").touch()
    store.run("config", f"--env=PATH={PATH}", container)
    shutil.rmtree(root / "var/cache/apt/archives")
    store.run("umount", container)
    store.run("commit", "--format=docker", "--rm", container, f"docker.io/library/{base_name()}")


def present_parts(name: str) -> tuple[str, str]:
    """Return the versions of Python and Debian in the name of an image."""
    match = re.fullmatch(r"python:(\d+\.\d+)-slim-(\w+)", name)
    assert match, f"{name} is not an image of Python on Debian"
    return match[1], match[2]


def mirror(codename: str) -> list[str]:
    """Return where this machine fetches packages of this Debian; empty: the tool's own choice."""
    lines = run(
        needed("apt-get"),
        "indextargets",
        "--format",
        "$(SITE) $(CODENAME) $(COMPONENT)",
        "Identifier: Packages",
    ).splitlines()
    sites = [line.split()[0] for line in lines if line.split()[1:] == [codename, "main"]]
    return sites[:1]


def pip_settings() -> tuple[str, list[str]]:
    """Return how this machine's pip reaches its index, and the files that it needs to do so.

    The image's own pip fetches the packages, as it decides by its own version of Python which.
    """
    python = Path(sys.base_prefix) / "bin" / "python3"
    lines = run(str(python), "-m", "pip", "config", "list").splitlines()
    chosen = {
        name.rpartition(".")[2].replace("_", "-"): value.strip("'")
        for name, _, value in (line.partition("=") for line in lines)
    }
    kept = {name: chosen[name] for name in ("index-url", "trusted-host", "cert") if name in chosen}
    files = [kept["cert"]] if "cert" in kept else []
    return "".join(f"{name} = {value}\n" for name, value in kept.items()), files


def described(root: Path, inspected: str) -> Image:
    """Return an image from what `buildah inspect` says of it."""
    config = json.loads(inspected)["Docker"]["config"]
    return Image(
        root=root,
        environment=dict(line.split("=", 1) for line in config["Env"]),
        user=config["User"],
        folder=config["WorkingDir"],
        command=config["Cmd"],
        health_check=config["Healthcheck"]["Test"],
        stop_signal=config["StopSignal"],
    )
