"""Prints what was fuzzed at the end."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Read the counts from each test's records, because its worker is another process."""
    operations, cases = 0, Counter[str]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "fuzzed" and report.when == "call":
                    operations += 1
                    cases.update(value)
    if operations:
        by_role = ", ".join(f"{count} as {role}" for role, count in sorted(cases.items()))
        terminalreporter.write_line(f"fuzzed {operations} operations in {len(cases)} roles by {cases.total()} cases:")
        terminalreporter.write_line(by_role)
