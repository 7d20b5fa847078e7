"""Files of a sandbox's state: nothing half-written counts, other versions are refused in words, bounds hold."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local.aws.cloud import ROOT
from infra.local.processes import Failed
from infra.local.simulation import Simulation
from infra.local.snapshots import files as snapshot_files
from infra.local.snapshots.data_directory import DataDirectory
from infra.local.snapshots.files import (
    FORMAT,
    VERSION,
    Full,
    OtherVersion,
    SnapshotError,
    SnapshotFiles,
    UnknownSnapshot,
    WrongName,
)
from infra.local.snapshots.persistence import Persistence

URLS = ("http://127.0.0.1:8000", "http://127.0.0.1:8001")
CONTENT: dict[str, Any] = {"clock": "2026-11-29T02:38:00+00:00", "tables": {"users": [{"id": {"S": "1"}}]}}


def written_file(path: Path, content: dict[str, Any] = CONTENT) -> Path:
    """The file of a data directory that kept this state."""
    directory = DataDirectory(path, URLS)
    directory.save(content)
    directory.close()
    return path / "state.gz"


def test_a_half_written_file_leaves_the_older_one(tmp_path: Path) -> None:
    file = written_file(tmp_path)
    beside = tmp_path / "state.gz.new"
    beside.write_bytes(file.read_bytes()[:-20])
    assert snapshot_files.read(file, URLS)[1] == CONTENT
    written_file(tmp_path, {**CONTENT, "tables": {}})
    assert snapshot_files.read(file, URLS)[1]["tables"] == {}
    beside.mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        written_file(tmp_path)
    assert snapshot_files.read(file, URLS)[1]["tables"] == {}


def test_a_cut_off_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = written_file(tmp_path)
    cut = file.read_bytes()[:-20]
    file.write_bytes(cut)
    with pytest.raises(Failed, match=r"state\.gz can't be read .*damaged"):
        DataDirectory(tmp_path, URLS)
    assert file.read_bytes() == cut


def test_another_version_is_refused_in_words(tmp_path: Path) -> None:
    file = written_file(tmp_path)
    head, content = gzip.decompress(file.read_bytes()).decode().split("\n")
    newer = json.dumps({**json.loads(head), "version": 3})
    file.write_bytes(gzip.compress(f"{newer}\n{content}".encode()))
    with pytest.raises(OtherVersion, match=r"has version 3 .* reads version 2: use the sandbox that wrote it"):
        snapshot_files.read_head(file)
    with pytest.raises(Failed, match="or name another directory"):
        DataDirectory(tmp_path, URLS)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "state.gz").mkdir()
    with pytest.raises(OSError, match="directory"):
        snapshot_files.write(tmp_path / "state.gz", b"state")
    assert [path.name for path in tmp_path.iterdir()] == ["state.gz"]


def test_data_without_keys_are_refused_in_words(tmp_path: Path) -> None:
    written_file(tmp_path)
    with pytest.raises(Failed, match=r"has no keys .* move its files away to begin anew, or name another directory"):
        Persistence(Simulation(), tmp_path, URLS)


def test_data_of_an_earlier_version_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "tables.db").touch()
    with pytest.raises(Failed, match=r"earlier version of the sandbox \(tables.db\)"):
        DataDirectory(tmp_path, URLS)


def test_a_file_in_place_of_the_directory_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(Failed, match="can't keep data: File exists"):
        DataDirectory(tmp_path / "data", URLS)


def test_a_file_in_place_of_the_snapshots_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "snapshots").touch()
    with pytest.raises(Failed, match="snapshots can't keep data: File exists"):
        DataDirectory(tmp_path, URLS)


def test_a_second_sandbox_is_refused_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    use = f"directory = DataDirectory(Path({str(tmp_path)!r}), ('', ''))"
    script = f"from infra.local.snapshots.data_directory import *; {use}; print(1, flush=True); input()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(  # noqa: S603  our own
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"1\n"
        with pytest.raises(Failed, match=rf"used by another sandbox \(process {other.pid}\): stop that one"):
            DataDirectory(tmp_path, URLS)
        other.kill()
        other.wait()
    DataDirectory(tmp_path, URLS).close()


def test_addresses_of_another_run_become_those_of_this_one(tmp_path: Path) -> None:
    links = [f"{URLS[0]}/back?to=http%3A%2F%2F127.0.0.1%3A8001%2Fpaid", "http://127.0.0.1:80012/other"]
    file = written_file(tmp_path, {**CONTENT, "links": links})
    swapped = (URLS[1], URLS[0])
    renamed = ["http://127.0.0.1:8001/back?to=http%3A%2F%2F127.0.0.1%3A8000%2Fpaid", links[1]]
    assert snapshot_files.read(file, swapped)[1]["links"] == renamed


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return SnapshotFiles(tmp_path / "snapshots", URLS, max_count=2, max_bytes=1_000)


def test_a_snapshot_is_listed_replaced_and_deleted(files: SnapshotFiles) -> None:
    files.write("morning", {**CONTENT, "tables": {}})
    files.write("morning", CONTENT)
    (listed,) = files.listing()
    assert (listed["name"], listed["taken_at"], listed["rows_count"]) == ("morning", CONTENT["clock"], 1)
    assert files.read("morning") == CONTENT
    files.delete("morning")
    for missing in (files.read, files.delete, files.shown):
        with pytest.raises(UnknownSnapshot):
            missing("morning")


def test_a_file_that_is_no_snapshot_is_not_listed(files: SnapshotFiles, tmp_path: Path) -> None:
    files.write("morning", CONTENT)
    for stray in ("morning (1).gz", ".morning.gz"):
        (tmp_path / "snapshots" / stray).write_bytes(b"copied by hand")
    assert [item["name"] for item in files.listing()] == ["morning"]
    files.write("evening", CONTENT)


@pytest.mark.parametrize("name", ["", "a/b", "..", "Morning", "a" * 41, "-a", "a.gz", "सबेर"])
def test_a_wrong_name_is_refused(files: SnapshotFiles, name: str) -> None:
    with pytest.raises(WrongName, match="a name has 1 to 40 characters"):
        files.write(name, CONTENT)


def test_more_or_larger_snapshots_than_allowed_are_refused(files: SnapshotFiles) -> None:
    files.write("one", CONTENT)
    files.write("two", CONTENT)
    with pytest.raises(Full, match="2 snapshots are kept"):
        files.write("three", CONTENT)
    files.write("two", CONTENT)
    with pytest.raises(Full, match="at most 1000 are kept"):
        files.write("two", {**CONTENT, "noise": os.urandom(2_000).hex()})
    assert files.read("two") == CONTENT


def test_a_damaged_snapshot_is_listed_with_the_reason(files: SnapshotFiles, tmp_path: Path) -> None:
    without_addresses = json.dumps({"format": FORMAT, "version": VERSION})
    for data in (b"no gzip", gzip.compress(without_addresses.encode()), gzip.compress(b"[" * 100_000)):
        (tmp_path / "snapshots" / "broken.gz").write_bytes(data)
        (listed,) = files.listing()
        assert "can't be read" in listed["error"]
        with pytest.raises(SnapshotError, match="damaged"):
            files.read("broken")
