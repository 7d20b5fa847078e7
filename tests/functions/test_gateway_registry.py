"""A payment gateway is one row of the registry and one file; nothing else names a vendor."""

import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

import chalicelib
from chalicelib.domain.configuration.gateway_registry import GATEWAYS, posts_form, refunds_by_call
from chalicelib.domain.configuration.settings import Settings

ROOT = Path(chalicelib.__file__).parents[1]
SCENARIO = Path(__file__).with_name("fourth_gateway_scenario.py")
PLACES = (
    "chalicelib/services",
    "chalicelib/tables",
    "chalicelib/edge",
    "functions/admin",
    "functions/webhooks.py",
)


@pytest.mark.long
def test_a_fourth_gateway_is_one_row_and_one_file() -> None:
    plugin = "tests.functions.made_up_gateway"
    run = subprocess.run(  # noqa: S603  our own interpreter, our own file
        [sys.executable, "-m", "pytest", "-p", plugin, str(SCENARIO)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "8 passed" in run.stdout


@pytest.mark.parametrize("place", PLACES)
def test_no_code_but_its_own_names_a_gateway(place: str) -> None:
    files = [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py"))
    assert files
    named = [
        f"{file.name}: {name}"
        for file in files
        for name in GATEWAYS
        if f'"{name}' in file.read_text() or f"/{name}" in file.read_text()
    ]
    assert named == []


@pytest.mark.parametrize("name", GATEWAYS)
def test_each_row_has_its_file(name: str) -> None:
    module = import_module(f"chalicelib.gateways.{name}")
    assert list(signature(module.connect).parameters) == ["account"]
    assert GATEWAYS[name].name == name


def test_a_gateway_without_a_row_can_do_nothing() -> None:
    assert (refunds_by_call("gone"), refunds_by_call(None), posts_form("gone")) == (False, False, False)


def test_an_operator_changes_the_limits_of_one_gateway() -> None:
    settings = Settings().changed({"khalti_min_paisa": 2_000, "nobody_min_paisa": 1, "topup_limits": 3})
    assert settings.limits_of("khalti") == (2_000, 10_000_000)
    assert settings.limits_of("esewa") == Settings().limits_of("esewa")
    assert settings.topup_limits.keys() == Settings().topup_limits.keys()
