"""Rules of the source files: short files and functions, a docstring in each module, and lists that name each file."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("chalicelib", "functions", "infra", "tests", "bench")
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 40
MAX_UNGROUPED_MODULES = 15
"""A larger package groups the names of its modules in its docstring."""


@cache
def source_files() -> list[tuple[str, str]]:
    """Each Python file's path and text."""
    paths = [ROOT / "app.py", *(file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py")))]
    return [(str(path.relative_to(ROOT)), path.read_text()) for path in paths]


def test_every_file_is_short() -> None:
    lengths = {name: text.count("\n") for name, text in source_files()}
    assert len(lengths) > 100
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_every_function_is_short() -> None:
    lengths = {
        f"{name}:{node.lineno} {node.name}": int(node.end_lineno or 0) - node.lineno + 1
        for name, text in source_files()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lengths) > 1_000
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION_LINES} == {}


def test_every_module_and_package_of_the_service_says_its_job() -> None:
    places = ("app.py", "chalicelib/", "functions/", "infra/")
    without = [
        name for name, text in source_files() if name.startswith(places) and not ast.get_docstring(ast.parse(text))
    ]
    assert without == []


def test_a_large_package_names_each_of_its_modules_once() -> None:
    wrong = {}
    for package in (ROOT / folder for folder in ("chalicelib", "functions", "infra")):
        for init in sorted(package.rglob("__init__.py")):
            modules = [file.stem for file in init.parent.glob("*.py") if file != init]
            modules += [file.parent.name for file in init.parent.glob("*/__init__.py")]
            groups = re.findall(
                r"^[*] .*(?:\n  .*)*", ast.get_docstring(ast.parse(init.read_text())) or "", re.MULTILINE
            )
            names = re.findall(r"`(\w+)`", " ".join(groups))
            if sorted(names) != sorted(modules) and (names or len(modules) > MAX_UNGROUPED_MODULES):
                wrong[str(init.parent.relative_to(ROOT))] = set(modules) ^ set(names)
    assert wrong == {}


def test_every_file_of_the_map_exists() -> None:
    text = (ROOT / "docs/map.md").read_text()
    names = set(re.findall(r"`([\w/]+\.(?:py|md|json))`", text))
    assert len(names) > 80
    files = [
        str(path.relative_to(ROOT)) for folder in (*FOLDERS, "docs") for path in (ROOT / folder).rglob("*.*")
    ] + ["app.py"]
    assert {name for name in names if not any(f"/{file}".endswith(f"/{name}") for file in files)} == set()
