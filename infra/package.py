"""`make package`: the deployable zip, pruned and compiled, with its template; every handler is imported from it."""

import json
import os
import py_compile
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

from infra.synthesis import REGION, ROOT, STAGE, as_text, base_template, slimmed
from infra.template import FUNCTION, additions

BUILD = ROOT / "build"
ZIP, TEMPLATE = BUILD / "deployment.zip", BUILD / "sam.json"
SERVICES = frozenset({"dynamodb", "kms", "sesv2", "sqs", "ssm"})
"""The AWS services that we call. botocore describes four hundred."""
LEFT_OUT = (
    "Crypto/*",  # mns requires pycryptodome and never imports it
    # firebase-admin requires all of Firebase; its messaging imports none of these
    "grpc/*",
    "grpc_status/*",
    "google/_async_resumable_media/*",
    "google/_upb/*",
    "google/api/*",
    "google/api_core/*",
    "google/cloud/*",
    "google/gapic/*",
    "google/logging/*",
    "google/longrunning/*",
    "google/protobuf/*",
    "google/resumable_media/*",
    "google/rpc/*",
    "google/type/*",
    "google_crc32c*",
    "msgpack/*",
    "opentelemetry/*",
    "proto/*",
    "*/tests/*",
    "*/test/*",
    "*.pyi",
    "*.dist-info/RECORD",
    "*.dist-info/WHEEL",
    "*.dist-info/INSTALLER",
    "*.dist-info/top_level.txt",
    "bin/*",
    # Pillow's font rendering, window display and AVIF
    "PIL/_avif*",
    "PIL/_imagingft*",
    "PIL/_imagingtk*",
    "pillow.libs/libavif-*",
    "pillow.libs/libbrotli*",
    "pillow.libs/libfreetype-*",
    "pillow.libs/libharfbuzz-*",
    "pillow.libs/libpng16-*",
)
IMPORTED_LATER = (
    "boto3.Session",
    "cloudinary.uploader.upload",
    "firebase_admin.credentials.Certificate",
    "firebase_admin.messaging.send",
    "mns.account.Account",
    "nh3.clean",
    "requests.Session",
    "stripe.StripeClient",
    "PIL.Image.open",
    "PIL.ImageCms.profileToProfile",
)
"""Names that gateways import at first use, so that importing a handler does not test them."""
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""A fixed time, so that the same content gives the same zip."""
DIRECT_MB, UNZIPPED_MB = 50, 250
IMPORT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
module, _, function = sys.argv[2].rpartition(".")
getattr(importlib.import_module(module), function)
"""
CLEAN = """
import io, sys
sys.path.insert(0, sys.argv[1])
from PIL import Image, ImageCms
from chalicelib.gateways.pillow import PillowImages
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
for name in ("JPEG", "PNG", "WEBP"):
    written = io.BytesIO()
    Image.new("RGB", (9, 7)).save(written, name, icc_profile=profile)
    assert PillowImages().clean(written.getvalue(), max_pixels=1000).width == 9, name
"""
BUILT_HERE = "-linux_"
"""A package without a wheel for Lambda. Chalice builds it from source, against libraries of this machine only."""


def main() -> int:
    """Returns 0 when the zip is built, fits Lambda, and every handler of the template imports from it."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir()
    (BUILD / "merge.json").write_text(json.dumps(additions(base_template())))
    _chalice()
    before = _megabytes(ZIP)
    tree = BUILD / "tree"
    with zipfile.ZipFile(ZIP) as packed:
        packed.extractall(tree)
    _must_be_portable(tree)
    _prune(tree)
    _compile(tree)
    _zip(tree)
    template = slimmed(json.loads(TEMPLATE.read_text()))
    TEMPLATE.write_text(as_text(template))
    handlers = _handlers(template)
    with ThreadPoolExecutor(os.cpu_count()) as processes:
        # list() raises the first failure
        list(processes.map(partial(_run, tree, IMPORT), (*handlers, *IMPORTED_LATER)))
    _run(tree, CLEAN, "cleaning pictures")
    unzipped = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()) / 1e6
    shutil.rmtree(tree)
    print(f"as Chalice made it    {before:6.1f} MB")
    print(f"pruned and compiled   {_megabytes(ZIP):6.1f} MB zipped, {unzipped:.1f} MB unzipped")
    print(f"template              {_megabytes(TEMPLATE):6.2f} MB")
    print(f"{len(handlers)} handlers imported from {ZIP.relative_to(ROOT)}, each in a process of its own")
    return int(_megabytes(ZIP) > DIRECT_MB or unzipped > UNZIPPED_MB)


def _chalice() -> None:
    chalice = "from chalice.cli import main; main()"
    command = [sys.executable, "-c", chalice, "package", "--stage", STAGE]
    merged = ["--merge-template", str(BUILD / "merge.json"), str(BUILD)]
    result = subprocess.run(  # noqa: S603  a command of our own words
        [*command, *merged],
        cwd=ROOT,
        env={**os.environ, "AWS_DEFAULT_REGION": REGION},
        check=False,
        capture_output=True,
        text=True,
    )
    # Chalice only warns of a missing wheel for Lambda
    if result.returncode or "Could not install dependencies" in result.stdout + result.stderr:
        sys.exit(f"chalice package failed:\n{result.stdout}{result.stderr}")


def _must_be_portable(tree: Path) -> None:
    tags = {path.parent.name: path.read_text() for path in tree.glob("*.dist-info/WHEEL")}
    built = [name.removesuffix(".dist-info") for name, text in tags.items() if BUILT_HERE in text]
    if built:
        sys.exit(f"no wheel of {', '.join(sorted(built))} runs on Lambda: pin a version that has one")


def _prune(tree: Path) -> None:
    files_left_out = {path for pattern in LEFT_OUT for path in _matching(tree, pattern)}
    described = [path for path in (tree / "botocore" / "data").iterdir() if path.is_dir()]
    for path in described:
        if path.name not in SERVICES:
            shutil.rmtree(path)
    for path in files_left_out:
        path.unlink(missing_ok=True)


def _matching(tree: Path, pattern: str) -> Iterator[Path]:
    for path in tree.rglob("*"):
        if path.is_file() and fnmatch(str(path.relative_to(tree)), pattern):
            yield path


def _compile(tree: Path) -> None:
    """Compile the zip's modules. Chalice's zip has no bytecode, and its times would make checked bytecode stale."""
    for source in tree.rglob("*.py"):
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        shown = str(source.relative_to(tree))
        py_compile.compile(str(source), dfile=shown, doraise=False, quiet=2, invalidation_mode=mode)


def _zip(tree: Path) -> None:
    with zipfile.ZipFile(ZIP, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(path for path in tree.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(str(path.relative_to(tree)), FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, path.read_bytes())


def _handlers(template: dict[str, Any]) -> list[str]:
    resources = template["Resources"].values()
    return [item["Properties"]["Handler"] for item in resources if item["Type"] == FUNCTION]


def _run(tree: Path, script: str, what: str) -> None:
    """Import the handler with only the zip's content and the standard library on the path."""
    command = [sys.executable, "-I", "-S", "-c", script, str(tree), what]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        sys.exit(f"{what} fails from the zip:\n{result.stderr}")


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


if __name__ == "__main__":
    sys.exit(main())
