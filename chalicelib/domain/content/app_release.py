"""Releases of the app, and the comparison of their version numbers."""

import re
from dataclasses import dataclass

from chalicelib.domain.problems.validation_messages import InvalidField

PLATFORMS = ("android", "ios")
WRITTEN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}", re.ASCII)


def numbers_of(version: str) -> tuple[int, ...]:
    """The numbers of a version: `1.10.0` is (1, 10), since zeros at the end mean nothing.

    Raises InvalidField for anything but numbers and dots.
    """
    if not WRITTEN.fullmatch(version):
        raise InvalidField("version_format")
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


@dataclass(frozen=True)
class Release:
    """The newest version in one platform's store, and the oldest version that the service still supports."""

    platform: str
    latest_version: str
    minimum_version: str
    download_url: str
    notes: str
    notes_ne: str | None = None

    def newer_than(self, version: str) -> bool:
        return numbers_of(version) < numbers_of(self.latest_version)

    def forbids(self, version: str) -> bool:
        """Whether an app of that version must update before use."""
        return numbers_of(version) < numbers_of(self.minimum_version)

    def notes_in(self, language: str) -> str:
        return (self.notes_ne or self.notes) if language == "ne" else self.notes
