"""Every row of the facts' tables of Azure's errors has advice: the texts and codes are typed from there."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from vmapps.azure.failures import Answer, failure

SAS = "https://pkgs.blob.core.windows.net/c/app.zip?sv=2025-11-05&sp=r&sig=C4N4RY%3D"


@dataclass(frozen=True)
class Row:
    """A row of azure-facts: what Azure says, and words of what we say to it."""

    code: str
    message: str
    advice: str
    status: int = 400


SENTENCES = [
    Row("", "Current VM Application Version nginx was deprecated at 2026-01-01.", "choose a newer version"),
    Row("", "App supports OS Linux, while current OSDisk's OS is Windows.", "other operating system"),
    Row("", "The maximum number of VM applications (max=5, current=6) has been exceeded.", "25 applications"),
    Row("", "More than one VM Application was specified with the same packageReferenceId.", "stands twice"),
    Row("", "Subscription not authorized to access this image.", "Reader on the gallery"),
    Row("", "Storage account in the arguments doesn't exist.", "names no application"),
    Row("", "The platform image 'a' isn't available. Verify the storage profile.", "application that does not exist"),
    Row("", "The gallery image 'a' isn't available in westus region.", "targetRegions"),
    Row("", f"The SAS isn't valid for source uri {SAS}.", "renew the SAS, or use access: identity"),
    Row("", f"The blob referenced by source uri {SAS} doesn't exist.", "upload the package"),
    Row(
        "",
        f"The gallery application version url {SAS} can't be accessed: remote name not found.",
        "its URL and its SAS",
    ),
    Row("", f"The gallery application version url {SAS} can't be accessed: 503.", "its URL and its SAS"),
    Row("", "Operation PUT isn't allowed on nginx since it's marked for deletion.", "wait, then plan again"),
    Row("", "The value 5 of parameter 'publishingProfile.replicaCount' is out of range: one and three.", "to 3"),
    Row("", "Changing property 'publishingProfile.manageActions.install' isn't allowed.", "publish a new version"),
    Row("", "Changing property 'publishingProfile.manageActions.update' isn't allowed.", "publish a new version"),
    Row("", "Changing property 'publishingProfile.settings.packageFileName' isn't allowed.", "publish a new version"),
    Row("", f"The blob {SAS} is too large: size = 3 GB. The maximum size is '1 GB'.", "2 GB"),
    Row("", f"The blob {SAS} is empty.", "empty package"),
    Row("", "AppendBlob blob type isn't supported for copy operation.", "block or page blob"),
    Row("", "Can't specify brazilus in target regions: missing required feature X.", "needs a feature"),
    Row("", "Gallery image version publishing profile regions a must contain the location of it b.", "targetRegions"),
    Row("", "Duplicate regions aren't allowed in target publishing regions.", "stands twice"),
    Row("", "Gallery application version resources currently don't support encryption.", "leave encryption out"),
    Row("", "Entity name doesn't match the name in the request URL.", "leave the name out"),
    Row("", "The gallery application version name is invalid: Major(int32). Minor(int32). Patch(int32)", "1.0.0"),
]
"""azure-facts 3.11, row by row; the rows of manageActions and of the files hold several fields."""

CODES = [
    Row("InvalidParameter", "No.", "correct the field"),
    Row("BadRequest", "No.", "in the manifest"),
    Row("PropertyChangeNotAllowed", "No.", "publish a new version"),
    Row("ExpiredAuthenticationToken", "No.", "az login", 401),
    Row("InvalidAuthenticationToken", "No.", "az login", 401),
    Row("AuthorizationFailed", "No.", "ask for a role", 403),
    Row("LinkedAuthorizationFailed", "No.", "Reader on the gallery", 403),
    Row("RequestDisallowedByPolicy", "No.", "Azure Policy", 403),
    Row("ResourceNotFound", "No.", "plan again", 404),
    Row("ParentResourceNotFound", "No.", "plan again", 404),
    Row("ResourceGroupNotFound", "No.", "create the resource group", 404),
    Row("NotFound", "No.", "plan again", 404),
    Row("CannotDeleteResource", "No.", "delete that first", 409),
    Row("Conflict", "No.", "when it has ended", 409),
    Row("OperationNotAllowed", "No.", "its state forbids it", 409),
    Row("OperationNotAllowed", "Exceeding approved Total Regional Cores quota.", "more quota", 409),
    Row("Conflict", "The request failed due to conflict: an update is in progress.", "another write is running", 409),
    Row("AnotherOperationInProgress", "No.", "when it has ended", 409),
    Row("ScopeLocked", "No.", "remove the lock", 409),
    Row("MissingSubscriptionRegistration", "No.", "az provider register", 409),
    Row("PreconditionFailed", "No.", "plan again", 412),
    Row("TooManyRequests", "No.", "wait a few minutes", 429),
    Row("SubscriptionRequestsThrottled", "No.", "wait a few minutes", 429),
    Row("InternalServerError", "No.", "try again later", 500),
    Row("ServiceUnavailable", "No.", "try again later", 503),
    Row("GatewayTimeout", "No.", "try again later", 504),
    Row("", "No.", "try again later", 502),
    Row("VMExtensionProvisioningError", "No.", "`vmapps status` shows its words", 200),
    Row("VMExtensionProvisioningTimeout", "No.", "took too long", 200),
    Row("VMAgentStatusCommunicationError", "No.", "is the machine running?", 200),
    Row("OSProvisioningTimedOut", "No.", "boot diagnostics", 200),
    Row("OSProvisioningClientError", "No.", "boot diagnostics", 200),
    Row("MaxUnhealthyInstancePercentExceededInRollingUpgrade", "No.", "look at their health", 200),
    Row(
        "OperationNotAllowed",
        "Operation 'PUT Extension' is not allowed on VMAppExtension since it is marked for deletion.",
        "VMAppExtension again",
        409,
    ),
]
"""azure-facts 4.6, code by code, and the stuck extension below its table (7.3)."""


@pytest.mark.parametrize("row", [*SENTENCES, *CODES], ids=lambda row: row.code or row.message[:40])
def test_every_row_of_the_facts_has_advice(row: Row) -> None:
    body = json.dumps({"error": {"code": row.code, "message": row.message}}).encode()
    assert row.advice in failure(Answer(row.status, {}, body), "/x").hint


@pytest.mark.parametrize("row", SENTENCES, ids=lambda row: row.message[:40])
def test_a_sentence_says_more_than_its_code(row: Row) -> None:
    """Azure sends most of these as InvalidParameter, BadRequest or Conflict."""
    for code, status in [("InvalidParameter", 400), ("BadRequest", 400), ("Conflict", 409)]:
        body = json.dumps({"error": {"code": code, "message": row.message}}).encode()
        assert row.advice in failure(Answer(status, {}, body), "/x").hint


def test_a_throttled_answer_without_a_wrapper_or_a_wait_has_advice_too() -> None:
    details = [{"code": "TooManyRequests", "target": "HighCostGet30Min", "message": "{}"}]
    body = {"code": "OperationNotAllowed", "message": "The server rejected the request.", "details": details}
    assert "wait a few minutes" in failure(Answer(429, {}, json.dumps(body).encode()), "/x").hint
    waits = failure(Answer(429, {"Retry-After": "1200"}, json.dumps(body).encode()), "/x")
    assert waits.hint == "Azure says: try again in 1200 seconds"
