"""The options of the sandbox: what can't be right is refused before anything starts."""

import pytest

from infra.local.command_line import read_options


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--api-port=0", "a port is a number from 1 to 65535"),
        ("--sandbox-port=99999", "a port is a number from 1 to 65535"),
        ("--public-url=http://127.0.0.1:99999", "0-65535"),
        ("--public-url=http://[::1]:8000", "IPv6"),
        ("--public-url=http://127.0.0.1:0", "not of the form"),
        ("--app-origin=app.example", "not of the form"),
        ("--return-url=/paid", "not of the form"),
        ("--data-dir=", "DIR is empty"),
        ("--conflict-each=-1", "N is a whole number"),
        ("--dynamodb=mysql", "--dynamodb is moto, dynoxide or a URL"),
    ],
)
def test_a_wrong_option_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str], option: str, reason: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options([option])
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


def test_options_that_may_come_again_are_all_taken() -> None:
    options = read_options(["--app-origin", "https://A.example/", "--app-origin", "https://b.example"])
    assert options.app_origin == ["https://a.example", "https://b.example"]
