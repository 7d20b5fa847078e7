"""Amazon SES, version 2: sends one plain text to one address."""

from email.utils import parseaddr
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from chalicelib.gateways.aws_new_connections import use_new_connections
from chalicelib.gateways.aws_time_left import OutOfTime
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

PERMANENT_REFUSALS = frozenset({"MessageRejected", "BadRequestException"})
"""Errors for a receiver or a message that can never be sent. Bounces lower the reputation of our account."""
UNSENT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, OutOfTime)
BROKEN = (BotoCoreError, AttributeError, RecursionError, TypeError, ValueError)
"""No response, or a response that botocore can't parse."""
CHARSET = "UTF-8"


class SesMail:
    """World's Mail. `client` is botocore's client of `sesv2`, with time-outs and one attempt."""

    def __init__(self, client: Any, sender: str) -> None:
        use_new_connections(client)
        self._client = client
        self._sender = sender
        self._sender_address = parseaddr(sender)[1].lower()

    def send(self, to: str, subject: str, text: str) -> None:
        """Raises Rejected for a message that can never be sent, Unavailable for a temporary failure, OutcomeUnknown
        for no response."""
        simple = {
            "Subject": {"Data": subject, "Charset": CHARSET},
            "Body": {"Text": {"Data": text, "Charset": CHARSET}},
        }
        try:
            answer = self._client.send_email(
                FromEmailAddress=self._sender, Destination={"ToAddresses": [to]}, Content={"Simple": simple}
            )
        except ClientError as error:
            raise self._failure_for(error) from error
        except UNSENT as error:
            raise Unavailable("ses") from error
        except BROKEN as error:
            raise OutcomeUnknown("ses") from error
        message_id = answer.get("MessageId")
        if not isinstance(message_id, str) or not message_id:
            raise OutcomeUnknown("ses")

    def _failure_for(self, error: ClientError) -> Unavailable | Rejected:
        details = error.response.get("Error", {})
        code = str(details.get("Code", ""))
        # SES uses the same code for an unverified sender, which is our fault.
        is_our_fault = self._sender_address in str(details.get("Message", "")).lower()
        return Rejected(code) if code in PERMANENT_REFUSALS and not is_our_fault else Unavailable(f"ses {code}")
