"""Names as CloudFormation wants its logical ids."""

import re


def camel_case(name: str) -> str:
    """`send_otps` and `send-otps` are `SendOtps`."""
    return "".join(part.capitalize() for part in re.split(r"[-_]", name))
