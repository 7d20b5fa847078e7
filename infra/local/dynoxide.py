"""Finds dynoxide, a DynamoDB engine in one binary, or fetches it once into `.local/`."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

CACHE_DIRECTORY = Path(__file__).parents[2] / ".local"
VERSION = "1.2.1"
PACKAGES = {("Linux", "x86_64"): "@dynoxide/linux-x64"}
SHA256 = {"@dynoxide/linux-x64": "80e1ed33e33ec33c7bdcb1779ea09678e5c6f87c5c225f44c2037d2b2ea71164"}
MEMBER = "package/dynoxide"
FETCH_SECONDS = 120


class DownloadFailed(Exception):
    """dynoxide can't be fetched. The message says what to do."""


def find_executable() -> Path | None:
    """The binary that `DYNOXIDE` names, or the one fetched earlier. Raises DownloadFailed for a wrong `DYNOXIDE`."""
    configured_path = os.environ.get("DYNOXIDE")
    if configured_path:
        if not os.access(configured_path, os.X_OK):
            raise DownloadFailed(f"DYNOXIDE={configured_path} can't be run")
        return Path(configured_path)
    path = _cached()
    return path if path.exists() else None


def binary() -> Path:
    """The binary, fetched through npm if missing. Raises DownloadFailed."""
    return find_executable() or _fetch()


def _cached() -> Path:
    return CACHE_DIRECTORY / f"dynoxide-{VERSION}"


def _fetch() -> Path:
    package = PACKAGES.get((platform.system(), platform.machine()))
    if package is None:
        where = f"{platform.system()} {platform.machine()}"
        raise DownloadFailed(f"no dynoxide is packed for {where}: name a binary with DYNOXIDE=path")
    npm = shutil.which("npm")
    if npm is None:
        raise DownloadFailed("npm is needed to fetch dynoxide, or name a binary with DYNOXIDE=path")
    with tempfile.TemporaryDirectory() as here:
        command = [npm, "pack", "--silent", f"{package}@{VERSION}"]
        try:
            packed = subprocess.run(  # noqa: S603  a command of our own words
                command, cwd=here, capture_output=True, timeout=FETCH_SECONDS, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise DownloadFailed(
                f"npm could not fetch {package}@{VERSION}: name a binary with DYNOXIDE=path"
            ) from error
        return _unpack(Path(here) / packed.stdout.decode().split()[-1], SHA256[package])


def _unpack(archive: Path, sha256: str) -> Path:
    if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
        raise DownloadFailed(f"{archive.name} is not the one expected: its SHA-256 differs")
    CACHE_DIRECTORY.mkdir(exist_ok=True)
    with tarfile.open(archive) as packed:
        content = packed.extractfile(MEMBER)
        if content is None:
            raise DownloadFailed(f"{archive.name} has no {MEMBER}")
        # written to a temporary file first: another runner may look for it at this moment
        aside = _cached().with_suffix(f".{os.getpid()}")
        aside.write_bytes(content.read())
    aside.chmod(0o755)
    return aside.rename(_cached())


if __name__ == "__main__":
    try:
        print(binary())
    except DownloadFailed as reason:
        sys.exit(str(reason))
