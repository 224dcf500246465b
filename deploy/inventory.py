"""What a release is made of: an SBOM of every pinned package, and the licences of those installed.

`python -m deploy.inventory FOLDER` writes `sbom.cdx.json` (CycloneDX) and `licences.md`, and ends
with 1 where a package's licence is unknown, or asks for more than the MIT licence of this project
gives. The packages are those of requirements-s3.txt, which
holds requirements.txt: what only tests and checks need is left out.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from app.settings import ROOT

REQUIREMENTS = ROOT / "requirements-s3.txt"
SBOM, LICENCES = "sbom.cdx.json", "licences.md"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
# Between them a package may be offered under several, of which one is chosen, or hold files of
# several, all of which hold.
BETWEEN = re.compile(r";|\bOR\b|\bAND\b")
# Permissive, or copyleft for the package's own files alone, as of MPL and of LGPL for a package
# that is installed beside this project and not copied into it.
ALLOWED = re.compile(
    r"(?:the )?(?:mit(?:-0|-cmu)?|(?:\w*-?\d?-?clause )?bsd(?:-[23]-clause)?|0bsd|apache"
    r"(?:[ -](?:software|2\.0|license 2\.0))?|isc|psf-2\.0|zlib|cc0-1\.0|unlicense"
    r"|mozilla public|mpl-2\.0|lgpl-3\.0(?:-only|-or-later)?|gnu library or lesser general public)"
    r"(?: license)?(?: 2\.0)?(?: \([\w. ]+\))*",
    re.IGNORECASE,
)
# packages whose metadata names none, and what the licence file inside them says
LICENCE_IN_FILE = {"pyrage": "MIT"}


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package."""

    name: str
    version: str
    licence: str
    url: str

    @property
    def goes_with_mit(self) -> bool:
        """Whether every licence it names is among the allowed ones."""
        parts = [part.strip() for part in BETWEEN.split(self.licence)]
        return all(ALLOWED.fullmatch(part) for part in parts)


def pins(requirements: str) -> dict[str, str]:
    """Return name → version of every pin, also of those for other platforms."""
    return {canonicalize_name(name): version for name, version in PIN.findall(requirements)}


def write_sbom(to: Path) -> None:
    """Write the SBOM of requirements-s3.txt, with the hashes of every package; reproducible."""
    command = ["cyclonedx_py", "requirements", str(REQUIREMENTS)]
    options = ["--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible"]
    _run(*command, *options, "--of", "JSON", "-o", str(to))


def installed() -> list[Package]:
    """Return the pinned packages that are installed here with their licences, by name."""
    names = pins(REQUIREMENTS.read_text(encoding="utf-8"))
    output = _run(
        "piplicenses", "--from=mixed", "--with-urls", "--format=json", "--packages", *names
    )
    return [
        Package(
            package["Name"],
            package["Version"],
            LICENCE_IN_FILE.get(package["Name"].lower(), package["License"]),
            package["URL"],
        )
        for package in json.loads(output)
    ]


def table(packages: list[Package]) -> Iterator[str]:
    """Spell the list of licences in Markdown."""
    yield "| Package | Version | Licence | Page |\n|---|---|---|---|\n"
    for package in packages:
        yield f"| {package.name} | {package.version} | {package.licence} | {package.url} |\n"


def main(folder: Path) -> int:
    """Write both files; return 1 where a licence does not go with this project's."""
    folder.mkdir(parents=True, exist_ok=True)
    write_sbom(folder / SBOM)
    packages = installed()
    (folder / LICENCES).write_text("".join(table(packages)), encoding="utf-8")
    wrong = [
        f"{package.name}: {package.licence}" for package in packages if not package.goes_with_mit
    ]
    print(f"Wrote {folder / SBOM} and {folder / LICENCES}: {len(packages)} packages.")
    if wrong:
        print(f"These do not go with the licence of this project: {'; '.join(wrong)}.")
    return 1 if wrong else 0


def _run(*arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
