"""A client generated from the API document compiles, and calls the app over HTTP."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import app
from infra.local.aws.api_server import api_server
from infra.local.serving import Serving
from infra.openapi.compact import written
from tests.scenarios.contract import documented
from tests.world.network import Network

pytestmark = pytest.mark.client
HERE = Path(__file__).parent
MAX_SECONDS = 300
NODE = ("node", "node_modules/openapi-typescript/bin/cli.js", "openapi.json", "-o", "schema.d.ts")


def run(*command: str, folder: Path) -> str:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=MAX_SECONDS, check=False)  # noqa: S603
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with the document, the generator and the compiler."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: no client is generated")
    for name in ("package.json", "tsconfig.json", "call.ts"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "openapi.json").write_text(written(documented(app)))
    try:
        run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", folder=tmp_path)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm can't fetch the generator here: {str(error)[:300]}")
    return tmp_path


@pytest.fixture
def served(network: Network) -> Iterator[Serving]:
    serving = api_server(app, 0).start()
    yield serving
    serving.stop()


def test_a_generated_client_compiles_and_calls_the_app(workshop: Path, served: Serving) -> None:
    run(*NODE, folder=workshop)
    run("node", "node_modules/typescript/bin/tsc", folder=workshop)
    answer = json.loads(run("node", "built/call.js", served.url, folder=workshop))
    assert answer.pop("requestId")
    assert answer == {
        "version": "1.4.0",
        "minutes": 5,
        "status": 422,
        "code": "invalid_input",
        "fields": ["identifier"],
    }
