"""Firebase Cloud Messaging by Google's library, limited to one attempt, one time-out and no redirects."""

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.payments.gateway_values import clean_reason
from chalicelib.gateways.http_client import retry_after_seconds
from chalicelib.gateways.malformed_answers import MALFORMED
from chalicelib.world import (
    CredentialsRejected,
    InvalidMessage,
    OutcomeUnknown,
    ReceiverUnavailable,
    Rejected,
    Unavailable,
)

TIMEOUT_SECONDS = 5.0
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
APNS_ERROR = "type.googleapis.com/google.firebase.fcm.v1.ApnsError"
QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
"""Google's details of a 429. Each may name the project whose whole quota is used up: the subject of a violation, or
the consumer of an API."""
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
TEXT_ABOUT_TOKENS = "registration token"
"""FCM's text about an invalid token holds these words. INVALID_ARGUMENT alone may be about any field."""
APNS_TOKEN_REASONS = frozenset({"BadDeviceToken", "Unregistered", "ExpiredToken"})
"""Apple's reasons that are about the device's token. A wrong topic or key is our configuration."""
APNS_MESSAGE_REASONS = frozenset(
    {
        "BadCollapseId",
        "BadExpirationDate",
        "BadMessageId",
        "BadPriority",
        "DuplicateHeaders",
        "InvalidPushType",
        "PayloadEmpty",
        "PayloadTooLarge",
    }
)
APNS_TEMPORARY_REASONS = frozenset(
    {
        "IdleTimeout",
        "InternalServerError",
        "ServiceUnavailable",
        "Shutdown",
        "TooManyProviderTokenUpdates",
        "TooManyRequests",
    }
)
QUOTA_SECONDS = 60
"""The wait that FCM asks for after a 429 without Retry-After."""
BACKOFF_SECONDS = 30
_app_lock = threading.Lock()


class FcmPush:
    """World's Push. Each configuration has one Firebase app in a process, made at first use."""

    def __init__(self, url: str, credentials: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._credentials = credentials
        self._timeout_seconds = timeout_seconds
        self._app: Any = None

    def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
        """Raises what World's Push declares. No error holds the token."""
        from firebase_admin import messaging
        from firebase_admin.exceptions import FirebaseError
        from google.auth.exceptions import GoogleAuthError

        message, app = _message(messaging, token, title, body, data), self._app_made_once()
        try:
            name = messaging.send(message, app=app)
        except FirebaseError as error:
            raise _failure_for(error) from None
        except GoogleAuthError as error:
            raise _access_token_failure(error) from None
        except MALFORMED as error:
            # The library fails on a response that is not Google's.
            raise OutcomeUnknown("fcm") from error
        if not isinstance(name, str) or not name:
            raise OutcomeUnknown("fcm")

    def _app_made_once(self) -> Any:
        with _app_lock:
            if self._app is None:
                self._app = self._make_app()
        return self._app

    def _make_app(self) -> Any:
        """The library has no option for the address and the number of attempts, so this replaces its service."""
        import firebase_admin
        from firebase_admin import credentials, messaging

        from chalicelib.gateways.new_connections import use_new_connections

        text = f"{self._url} {self._timeout_seconds} {self._credentials}"
        name = f"bijuli-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        try:
            return firebase_admin.get_app(name)
        except ValueError:
            pass
        try:
            certificate = credentials.Certificate(json.loads(self._credentials))
        except ValueError:
            raise CredentialsRejected("fcm") from None
        app = firebase_admin.initialize_app(certificate, {"httpTimeout": self._timeout_seconds}, name)
        service = messaging._get_messaging_service(app)
        service._fcm_url = f"{self._url}/v1/projects/{app.project_id}/messages:send"
        session = service._client.session
        session.max_redirects = 0
        use_new_connections(session)
        use_new_connections(session._auth_request_session)
        return app


def _message(messaging: Any, token: str, title: str, body: str, data: Mapping[str, str]) -> Any:
    """The message. Its id on every platform is the notification's, so that a repeated push shows once."""
    name = data["notification_id"]
    message = messaging.Message(
        notification=messaging.Notification(title=title, body=body),
        data=dict(data),
        android=messaging.AndroidConfig(priority="high", notification=messaging.AndroidNotification(tag=name)),
        apns=messaging.APNSConfig(headers={"apns-collapse-id": name}),
        webpush=messaging.WebpushConfig(notification=messaging.WebpushNotification(tag=name)),
    )
    # The constructor warns about tokens, since Firebase wants apps to use installation ids. A filter for the warning
    # would affect other threads too.
    message.token = token
    return message


def _failure_for(error: Any) -> Exception:
    """The error of World's Push for a response of FCM."""
    from firebase_admin import exceptions, messaging

    reason = _apns_reason(error.http_response)
    if reason is not None:
        return _apns_failure(reason, error.http_response)
    if isinstance(error, messaging.UnregisteredError | messaging.SenderIdMismatchError):
        return Rejected(str(error.code))
    if isinstance(error, exceptions.InvalidArgumentError):
        return Rejected(str(error.code)) if _is_about_token(error.http_response) else InvalidMessage(str(error.code))
    keys = (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError, exceptions.NotFoundError)
    if isinstance(error, keys):
        return CredentialsRejected("fcm")
    if error.http_response is None:
        return _unreachable(error.cause)
    if error.http_response.status_code < 300:
        return OutcomeUnknown("fcm")
    return _unavailable(error.http_response)


def _unavailable(response: Any) -> Unavailable:
    """A 429 is about the device, which gets too many messages, unless its details name the project."""
    if response.status_code != 429:
        return Unavailable("fcm", retry_after_seconds(response.headers, BACKOFF_SECONDS))
    wait = retry_after_seconds(response.headers, QUOTA_SECONDS)
    return Unavailable("fcm", wait) if _is_project_quota(response) else ReceiverUnavailable("fcm", wait)


def _is_project_quota(response: Any) -> bool:
    try:
        details = response.json()["error"]["details"]
        kinds = [(str(detail["@type"]), detail) for detail in details]
        subjects = [
            item["subject"] for kind, detail in kinds if kind == QUOTA_FAILURE for item in detail["violations"]
        ]
        consumers = [detail["metadata"]["consumer"] for kind, detail in kinds if kind == ERROR_INFO]
        return any("project" in str(name) for name in (*subjects, *consumers))
    except MALFORMED:
        return False


def _apns_reason(response: Any) -> str | None:
    """Apple's reason for a refused push. None when Apple refused nothing."""
    try:
        details = response.json()["error"]["details"]
        return next(str(item["reason"]) for item in details if item["@type"] == APNS_ERROR)
    except (*MALFORMED, StopIteration):
        return None


def _apns_failure(reason: str, response: Any) -> Exception:
    """The error of World's Push for Apple's reason. A reason that is not known here keeps the token."""
    if reason in APNS_TOKEN_REASONS:
        return Rejected(reason)
    if reason in APNS_MESSAGE_REASONS:
        return InvalidMessage(reason)
    if reason in APNS_TEMPORARY_REASONS:
        return ReceiverUnavailable(f"apns {reason}", retry_after_seconds(response.headers, BACKOFF_SECONDS))
    return CredentialsRejected(f"apns {clean_reason(reason)}")


def _is_about_token(response: Any) -> bool:
    """Whether an invalid argument is the token: FCM names the field, or its text is about the token."""
    try:
        error = response.json()["error"]
        details, text = error["details"], str(error.get("message", ""))
        kinds = {item["@type"] for item in details}
        fields = [value["field"] for item in details for value in item.get("fieldViolations", ())]
    except MALFORMED:
        return False
    if FCM_ERROR not in kinds or (BAD_REQUEST in kinds and not fields):
        return False
    return all(field == "message.token" for field in fields) if fields else TEXT_ABOUT_TOKENS in text.lower()


def _unreachable(cause: Any) -> Exception:
    """The error for a request without a response. What broke after a connection was made may have been sent."""
    from chalicelib.gateways.new_connections import was_never_sent

    return Unavailable("fcm") if was_never_sent(cause) else OutcomeUnknown("fcm")


def _access_token_failure(error: Any) -> Exception:
    """The error for a failed access token. Nothing was sent: Google is unavailable, or it rejects our credentials."""
    from google.auth.exceptions import RefreshError

    if isinstance(error, RefreshError) and not error.retryable:
        return CredentialsRejected("fcm")
    return Unavailable("fcm")
