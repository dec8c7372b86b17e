"""What a person can do about Azure's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

SIGN_IN = "sign in with az login, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and a secret or federated token"

BUSY = "another write is running: try again when it has ended"
LATER = "Azure is in trouble itself: try again later"
SLOWLY = "too many requests: wait a few minutes, and lower --parallelism"
IN_GUEST = "an application failed in the guest: `vmapps status` shows its words, `vmapps retry` tries it again"

BY_CODE: Mapping[str, str] = MappingProxyType(
    {
        "InvalidParameter": "correct the field named above in the manifest",
        "BadRequest": "correct what the message names in the manifest",
        "AuthorizationFailed": "ask for a role that allows the action named above on this scope",
        "LinkedAuthorizationFailed": "who writes a machine must be able to read every gallery version it refers to: "
        "ask for Reader on the gallery",
        "InvalidAuthenticationToken": SIGN_IN,
        "InvalidAuthenticationTokenTenant": "the token is of another tenant: az login --tenant TENANT",
        "ExpiredAuthenticationToken": SIGN_IN,
        "AuthenticationFailed": SIGN_IN,
        "SubscriptionNotFound": "check spec.subscription, and that you are signed in to its tenant",
        "InvalidSubscriptionId": "check spec.subscription",
        "ResourceGroupNotFound": "check spec.resourceGroup, or create the resource group first",
        "ResourceNotFound": "it may have been deleted: plan again",
        "NotFound": "it may have been deleted: plan again",
        "ParentResourceNotFound": "its gallery or application is not there: plan again",
        "NoRegisteredProviderFound": "this cloud does not know that api-version: choose another",
        "MissingSubscriptionRegistration": "az provider register --namespace Microsoft.Compute",
        "CannotDeleteResource": "something is still below it: delete that first",
        "Conflict": "something else is going on there: plan again when it has ended",
        "OperationNotAllowed": "its state forbids it now: look at it in Azure, then plan again",
        "ScopeLocked": "a lock forbids it: remove the lock, or leave the resource out",
        "RequestDisallowedByPolicy": "an Azure Policy forbids it: ask who assigned the policy",
        "PropertyChangeNotAllowed": "this field cannot be changed: publish a new version",
        "PreconditionFailed": "somebody else wrote it in the meantime: plan again",
        "AnotherOperationInProgress": BUSY,
        "TooManyRequests": SLOWLY,
        "SubscriptionRequestsThrottled": SLOWLY,
        "InternalServerError": LATER,
        "InternalExecutionError": LATER,
        "ServiceUnavailable": LATER,
        "GatewayTimeout": LATER,
        "VMAgentStatusCommunicationError": "the machine's agent does not answer: is the machine running?",
        "VMExtensionProvisioningError": IN_GUEST,
        "VMExtensionProvisioningTimeout": "the machine took too long: see the application's status there",
        "AuthorizationPermissionMismatch": "ask for Storage Blob Data Contributor on the container",
        "AuthorizationFailure": "the storage account's firewall or your role forbids it",
        "KeyBasedAuthenticationNotPermitted": "the storage account refuses keys: sign in instead",
        "AccountIsDisabled": "the storage account is disabled",
        "InvalidResourceName": "check packageStore.container: 3 to 63 lower-case letters, digits and hyphens",
    }
)
"""By Azure's error code [azure-facts 4.6, 6.2]."""

BY_FAMILY: tuple[tuple[str, str], ...] = (
    ("OSProvisioning", "the machine's system did not come up: look at its boot diagnostics"),
    ("MaxUnhealthy", "too many instances became unhealthy, and Azure stopped the upgrade: look at their health"),
)
"""By the beginning of Azure's error code [azure-facts 4.6]."""

BY_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words, re.IGNORECASE), hint)
    for words, hint in (
        (r"was deprecated at", "choose a newer version"),
        (
            r"VMAppExtension.*marked for deletion",
            "the last application left and its extension is still going: wait, or delete VMAppExtension again",
        ),
        (r"supports OS .* while current", "the selector takes machines of the other operating system"),
        (r"maximum number of VM applications", "a machine takes 25 applications, 5 in some regions"),
        (
            r"More than one VM Application .* same packageReferenceId",
            "one version stands twice in the machine's list: look at the entries of others",
        ),
        (r"Subscription not authorized to access", "ask for Reader on the gallery"),
        (r"Storage account in the arguments doesn't exist", "the reference names no application: check the gallery"),
        (r"platform image .* (isn't|is not) available", "the reference names an application that does not exist"),
        (r"(isn't|is not) available in .* region", "add the machine's region to the version's targetRegions"),
        (r"SAS (isn't|is not) valid", "the package could not be read: renew the SAS, or use access: identity"),
        (r"blob referenced by source uri .* (doesn't|does not) exist", "upload the package first: check its URL"),
        (r"can't be accessed|cannot be accessed", "the package could not be read: check its URL and its SAS"),
        (r"marked for deletion", "it is being deleted: wait, then plan again"),
        (r"replicaCount' is out of range", "lower regionalReplicaCount to 3"),
        (r"doesn't match the name in the request URL", "leave the name out: it follows from metadata.name"),
        (r"\bin progress\b", BUSY),
        (r"\bquota\b", "ask for more quota there, or leave the machine out"),
        (r"Changing property '.*' (isn't|is not) allowed", "this field cannot be changed: publish a new version"),
        (r"blob .* is too large", "a package may have 2 GB, a default configuration 1 GB"),
        (r"blob .* is empty", "an empty package is refused"),
        (r"blob type (isn't|is not) supported", "use a block or page blob, never an append blob"),
        (r"missing required feature", "the region needs a feature of the subscription, or leave it out"),
        (r"must contain the location", "add the version's location to its targetRegions"),
        (r"Duplicate regions", "a region stands twice in targetRegions"),
        (r"don't support encryption", "leave encryption out of targetRegions"),
        (r"version name is invalid", "three numbers such as 1.0.0"),
        (r"must be an absolute uri", "the link is not a whole URL: look for quotes around it"),
    )
)
"""By Azure's sentences [azure-facts 3.11]."""


def hint(code: str, message: str) -> str:
    """What to do next; "" when nobody has said."""
    said = next((advice for words, advice in BY_WORDS if words.search(message)), "")
    family = next((advice for start, advice in BY_FAMILY if code.startswith(start)), "")
    return said or BY_CODE.get(code) or family
