"""The image is built once, and its services run on one worker."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import ROOT
from tests.deploy.image import build
from tests.deploy.image.containers import Engine, network
from tests.external_tools import needed


# before the groups are read
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of the image together on one worker."""
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.xdist_group("image"))


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """docker-compose.yml as Docker Compose reads it, with the settings that it asks for."""
    folder = tmp_path_factory.mktemp("compose")
    program = needed("docker-compose")
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    first = subprocess.run([program, "version", "--short"], check=True, capture_output=True)
    if first.stdout.startswith(b"1."):
        # this one line is younger than the program of Debian 12
        text = re.sub(r"^name: .*\n", "", text, flags=re.MULTILINE)
    (folder / "docker-compose.yml").write_text(text, encoding="utf-8")
    shutil.copy(ROOT / ".env.example", folder / ".env")
    done = subprocess.run(
        [program, "config"],
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DB_PASSWORD": "a password of the database",
            "SECRET_KEY": "tests only, long enough to be a key 0123456789",
        },
    )
    result: dict[str, Any] = yaml.safe_load(done.stdout)
    return result


@pytest.fixture(scope="session")
def engine(compose: dict[str, Any]) -> Iterator[Engine]:
    """What starts containers of the image in the network of the compose file."""
    if os.environ.get("IMAGE_TESTS") != "1":
        pytest.skip(
            "The image takes a quarter of an hour to build: make image builds and tests it."
        )
    if os.geteuid():
        pytest.skip("Only root builds and starts an image without a container engine.")
    for name in ("buildah", "debootstrap", "ip", "unshare", "setpriv"):
        needed(name)
    folder = Path(tempfile.mkdtemp(prefix="donorcrm-image-"))
    # the database's user must get through to its own folder
    folder.chmod(0o711)
    try:
        with build.built(folder / "image") as image, network(compose) as net:
            yield Engine(image, folder, net, ("postgres", "redis"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
