"""Files that hold the whole sandbox: a version, a line about the content, and the content as JSON, compressed."""

import gzip
import json
import os
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

FORMAT, VERSION = "bijuli-sandbox", 2
ENDING = ".gz"
COMPRESSION = 1
"""The quickest. A file is written every few seconds."""
MAX_SNAPSHOTS = 20
MAX_BYTES = 64 * 1024 * 1024
"""The largest snapshot, compressed."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
Content = dict[str, Any]
T = TypeVar("T")


class SnapshotError(Exception):
    """A snapshot that can't be read or kept. The message is a sentence for people."""


class OtherVersion(SnapshotError):
    """The file was written by another version of the sandbox."""


class UnknownSnapshot(SnapshotError):
    """There is no snapshot of that name."""


class WrongName(SnapshotError):
    """A snapshot can't have that name."""


class Full(SnapshotError):
    """The bounds on the number and the size of snapshots."""


@dataclass(frozen=True)
class Head:
    """The first line of a file. `taken_at` is the sandbox's time, `urls` are its addresses of API and page."""

    taken_at: str
    rows_count: int
    urls: tuple[str, str]


def head_of(content: Content, urls: tuple[str, str]) -> Head:
    """The head of a sandbox's content."""
    return Head(content["clock"], sum(len(rows) for rows in content["tables"].values()), urls)


def encoded(head: Head, content: Content) -> bytes:
    """The bytes of a file."""
    first = {"format": FORMAT, "version": VERSION, **asdict(head)}
    text = "\n".join((json.dumps(first), json.dumps(content, default=str, separators=(",", ":"))))
    return gzip.compress(text.encode(), COMPRESSION)


def write(path: Path, data: bytes) -> None:
    """Write a file beside the older one, and then replace that: a half-written file never destroys anything.

    Raises OSError; then nothing is left beside it, which would fill a full disk for good.
    """
    beside = path.with_name(f"{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_head(path: Path) -> Head:
    """The first line of a file. Raises FileNotFoundError, SnapshotError, OtherVersion."""
    return _read(path, lambda file: _head(path, file.readline()))


def read(path: Path, urls: tuple[str, str]) -> tuple[Head, Content]:
    """The file, with the sandbox's present addresses. Raises FileNotFoundError, SnapshotError, OtherVersion."""

    def both(file: gzip.GzipFile) -> tuple[Head, Content]:
        head = _head(path, file.readline())
        content = json.loads(with_urls(file.read().decode(), head.urls, urls))
        if not isinstance(content, dict):
            raise SnapshotError(f"{path} is damaged")
        return head, content

    return _read(path, both)


def with_urls(text: str, before: tuple[str, str], after: tuple[str, str]) -> str:
    """The text with these addresses in place of those before. Another port makes no kept link wrong."""
    if before == after:
        return text
    names = dict(zip(before, after, strict=True))
    names |= {quote(old, safe=""): quote(new, safe="") for old, new in names.items()}
    pattern = "|".join(map(re.escape, names))
    return re.sub(rf"({pattern})(?![0-9])", lambda found: names[found[1]], text)


def _read(path: Path, how: Callable[[gzip.GzipFile], T]) -> T:
    try:
        with gzip.open(path) as file:
            return how(file)
    except FileNotFoundError:
        raise
    except (OSError, EOFError, LookupError, RecursionError, TypeError, ValueError, zlib.error) as error:
        raise SnapshotError(f"{path} can't be read ({type(error).__name__}): it is damaged") from error


def _head(path: Path, line: bytes) -> Head:
    first = json.loads(line)
    if not isinstance(first, dict) or first.get("format") != FORMAT:
        raise SnapshotError(f"{path} was not written by a sandbox")
    if first.get("version") != VERSION:
        raise OtherVersion(
            f"{path} has version {first.get('version')} of the sandbox's files, and this sandbox reads version "
            f"{VERSION}: use the sandbox that wrote it"
        )
    api, page = first["urls"]
    return Head(str(first["taken_at"]), int(first["rows_count"]), (str(api), str(page)))


class SnapshotFiles:
    """The snapshots in a directory, by name: a-z, 0-9 and hyphens, at most 40 characters."""

    def __init__(
        self,
        directory: Path,
        urls: tuple[str, str],
        *,
        max_count: int = MAX_SNAPSHOTS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._directory, self._urls = directory, urls
        directory.mkdir(exist_ok=True)
        self._max_count, self._max_bytes = max_count, max_bytes

    def listing(self) -> list[Mapping[str, Any]]:
        """All snapshots, by name. One of another version, or a damaged one, says so."""
        return [self.shown(name) for name in self._names()]

    def shown(self, name: str) -> Mapping[str, Any]:
        """A snapshot in the listing. Raises UnknownSnapshot."""
        path = self._path(name)
        try:
            head, size = read_head(path), path.stat().st_size
        except FileNotFoundError as error:
            raise UnknownSnapshot(f"unknown: snapshot {name}") from error
        except SnapshotError as error:
            return {"name": name, "error": str(error)}
        return {"name": name, "taken_at": head.taken_at, "rows_count": head.rows_count, "bytes": size}

    def must_take(self, name: str) -> None:
        """Raises WrongName, and Full where another name would be one too many."""
        if not self._path(name).exists() and len(self._names()) >= self._max_count:
            raise Full(f"{self._max_count} snapshots are kept; DELETE /snapshots/{{name}} makes room")

    def write(self, name: str, content: Content) -> None:
        """Keep a snapshot, in place of an older one with that name. Raises like `must_take`."""
        self.must_take(name)
        data = encoded(head_of(content, self._urls), content)
        if len(data) > self._max_bytes:
            raise Full(f"the snapshot has {len(data)} bytes, and at most {self._max_bytes} are kept")
        write(self._path(name), data)

    def read(self, name: str) -> Content:
        """Raises UnknownSnapshot, WrongName; SnapshotError for a file that can't be read."""
        try:
            return read(self._path(name), self._urls)[1]
        except FileNotFoundError as error:
            raise UnknownSnapshot(f"unknown: snapshot {name}") from error

    def delete(self, name: str) -> None:
        """Raises UnknownSnapshot, WrongName."""
        try:
            self._path(name).unlink()
        except FileNotFoundError as error:
            raise UnknownSnapshot(f"unknown: snapshot {name}") from error

    def _names(self) -> list[str]:
        """The names of all snapshots. Files that somebody else put into the directory have other names."""
        names = (path.name.removesuffix(ENDING) for path in self._directory.glob(f"*{ENDING}"))
        return sorted(name for name in names if NAME.fullmatch(name))

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise WrongName("a name has 1 to 40 characters of a-z, 0-9 and hyphens, and begins with no hyphen")
        return self._directory / f"{name}{ENDING}"
