"""What Azure says becomes our exceptions, with advice and without secrets."""

from __future__ import annotations

import json

import pytest

from vmapps.azure.failures import Answer, failure, scrubbed
from vmapps.azure.hints import BY_CODE
from vmapps.errors import Changed, CloudFailure, Conflicted, Denied, Missing, Refused, Throttled, Unreachable

CANARY = "C4N4RYsignature"
SAS = f"https://pkgs.blob.core.windows.net/c/app.zip?sv=2025-11-05&se=2026-01-01T00%3A00%3A00Z&sp=r&sig={CANARY}%3D"


def refused(status: int, code: str, message: str = "No.", **more: object) -> CloudFailure:
    body = json.dumps({"error": {"code": code, "message": message, **more}}).encode()
    return failure(Answer(status, {"x-ms-request-id": "r-1"}, body), "/subscriptions/s")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "InvalidParameter", Refused),
        (401, "ExpiredAuthenticationToken", Denied),
        (403, "AuthorizationFailed", Denied),
        (403, "LinkedAuthorizationFailed", Denied),
        (403, "RequestDisallowedByPolicy", Denied),
        (404, "ResourceGroupNotFound", Missing),
        (409, "Conflict", Conflicted),
        (409, "CannotDeleteResource", Conflicted),
        (409, "ScopeLocked", Conflicted),
        (409, "PropertyChangeNotAllowed", Refused),
        (409, "MissingSubscriptionRegistration", Refused),
        (412, "PreconditionFailed", Changed),
        (429, "TooManyRequests", Throttled),
        (500, "InternalServerError", Unreachable),
        (503, "ServiceUnavailable", Unreachable),
        (200, "VMExtensionProvisioningError", Refused),
        (200, "Conflict", Conflicted),
        (200, "ResourceNotFound", Missing),
        (307, "", Refused),
    ],
)
def test_status_and_code_choose_the_exception(status: int, code: str, kind: type[CloudFailure]) -> None:
    assert type(refused(status, code)) is kind


def test_everything_azure_says_is_kept_in_one_line() -> None:
    found = refused(
        400,
        "InvalidParameter",
        "The value is\n  wrong.",
        target="galleryApplicationVersion.name",
        details=[{"code": "Inner", "message": "It must be three numbers."}, {"message": "second"}],
    )
    assert (found.code, found.status, found.target) == ("InvalidParameter", 400, "galleryApplicationVersion.name")
    assert found.request_id == "r-1"
    said = "/subscriptions/s: InvalidParameter: The value is wrong. (It must be three numbers.)"
    assert str(found) == f"{said} (correct the field named above in the manifest)"


def test_a_throttled_answer_may_lack_its_wrapper() -> None:
    body = {
        "code": "OperationNotAllowed",
        "message": "Too many requests.",
        "details": [{"code": "TooManyRequests", "message": '{"allowedRequestCount":800}'}],
    }
    found = failure(Answer(429, {"Retry-After": "1200"}, json.dumps(body).encode()), "/x")
    assert type(found) is Throttled
    assert found.hint == "Azure says: try again in 1200 seconds"


@pytest.mark.parametrize("body", [b"", b"<html>Proxy says no</html>", b"[]", b'{"error": 1}', b"[" * 100_000])
def test_an_answer_that_is_not_azures_is_still_a_failure(body: bytes) -> None:
    found = failure(Answer(502, {}, body), "/x")
    assert type(found) is Unreachable
    assert found.message == "HTTP status 502, without a word from Azure"


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_every_known_code_has_advice(code: str) -> None:
    assert refused(400, code).hint == BY_CODE[code]


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("The gallery image 'a' isn't available in westus region. Contact image owner", "targetRegions"),
        ("The gallery image 'a' is not available in westus region.", "targetRegions"),
        (f"The SAS isn't valid for source uri '{SAS}'.", "renew the SAS"),
        ("The blob referenced by source uri 'https://x/y' doesn't exist.", "upload the package"),
        ("Operation 'x' isn't allowed on 'a' since it's marked for deletion", "wait, then plan again"),
        ("Changing property 'a.manageActions.install' isn't allowed.", "publish a new version"),
        ("The maximum number of VM applications (max=5, current=6) has been exceeded", "25 applications"),
    ],
)
def test_azures_sentences_have_advice(message: str, advice: str) -> None:
    assert advice in refused(400, "InvalidParameter", message).hint


@pytest.mark.parametrize(
    "text",
    [
        f"The blob {SAS} is empty",
        f"'{SAS}'.",
        f"uri={SAS}, and so on",
        f"sv=1\\u0026sig={CANARY}",
        f"https://x/y?sv=1\\u0026sig={CANARY}",
        f"?sv=2025&sig={CANARY}",
        f"sig%3D{CANARY}",
        f"Authorization: Bearer {CANARY}",
        f"AccountKey={CANARY};EndpointSuffix=core.windows.net",
        f"SharedKey devstoreaccount1:{CANARY}",
        f'{{"access_token": "{CANARY}"}}',
        f"client_secret={CANARY}&grant_type=x",
        f"the token eyJhbGciOi.{CANARY}.x is bad",
        f"https://user:{CANARY}@host/path",
        f"https://host/path#{CANARY}",
    ],
)
def test_no_secret_gets_through(text: str) -> None:
    assert CANARY in text
    assert CANARY not in scrubbed(text)
    found = refused(400, "InvalidParameter", text, target=text, details=[{"message": f"again {text}"}])
    assert CANARY not in f"{found} {found!r} {vars(found)}"


def test_what_is_no_secret_stays() -> None:
    text = "Changing 'https://pkgs.blob.core.windows.net/c/app.zip' at 12:00 is not allowed: signature design"
    assert scrubbed(text) == text
