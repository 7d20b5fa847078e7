"""Signs requests to Alibaba's IoT platform, in the platform's version 3 and in its older version 2."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

V2, V3 = "v2", "v3"
V3_ALGORITHM = "ACS3-HMAC-SHA256"
API_VERSION = "2018-01-20"
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class RpcCall:
    """One call of the platform: `query` and `form` are its parameters, `at` is an ISO 8601 time in UTC.

    `nonce` is a text that no other call used.
    """

    action: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    at: str
    nonce: str


@dataclass(frozen=True)
class SignedRequest:
    """The HTTP POST of a call. `query` is the encoded query string, as it was signed."""

    query: str
    headers: Mapping[str, str]
    body: bytes


def signed_v3(call: RpcCall, url: str, key_id: str, key_secret: str) -> SignedRequest:
    """The request in version 3: what describes the call and the signature are in headers."""
    query = _canonical(call.query)
    body = _canonical(call.form).encode()
    headers = {
        "host": urlsplit(url).netloc,
        "x-acs-action": call.action,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-acs-date": call.at,
        "x-acs-signature-nonce": call.nonce,
        "x-acs-version": API_VERSION,
    }
    if body:
        headers["content-type"] = FORM_TYPE
    value = signature_v3("POST", query, headers, key_secret)
    credential = f"Credential={key_id},SignedHeaders={';'.join(sorted(headers))},Signature={value}"
    return SignedRequest(query, {**headers, "Authorization": f"{V3_ALGORITHM} {credential}"}, body)


def signature_v3(method: str, query: str, headers: Mapping[str, str], key_secret: str) -> str:
    """The hexadecimal HMAC-SHA256 over a canonical request at the path `/`.

    `headers` are those to sign, their names in lower case; `x-acs-content-sha256` covers the body.
    """
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    names = ";".join(sorted(headers))
    canonical = "\n".join((method, "/", query, lines, names, headers["x-acs-content-sha256"]))
    text = f"{V3_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed_v2(call: RpcCall, region: str, key_id: str, key_secret: str) -> SignedRequest:
    """The request in version 2: what describes the call and the signature are query fields."""
    fields = {
        **call.query,
        "Version": API_VERSION,
        "Action": call.action,
        "Format": "JSON",
        "RegionId": region,
        "Timestamp": call.at,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureType": "",
        "SignatureVersion": "1.0",
        "SignatureNonce": call.nonce,
        "AccessKeyId": key_id,
    }
    fields["Signature"] = signature_v2({**fields, **call.form}, key_secret)
    headers = {"content-type": FORM_TYPE} if call.form else {}
    return SignedRequest(urlencode(fields), headers, urlencode(call.form).encode())


def signature_v2(parameters: Mapping[str, str], key_secret: str) -> str:
    """The Base64 HMAC-SHA1 of a POST over all query and form fields."""
    digest = hmac.new(
        f"{key_secret}&".encode(), f"POST&%2F&{_encoded(_canonical(parameters))}".encode(), hashlib.sha1
    )
    return base64.b64encode(digest.digest()).decode()


def _canonical(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(parameters.items()))


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
