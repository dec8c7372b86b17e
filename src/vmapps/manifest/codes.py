"""Every code that a problem of a manifest can have, and what it means. Codes are stable: scripts match on them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FILES = {
    "bad-root": "spec.root is not a directory around the project.",
    "control-character": "A file or a text holds a character that YAML does not allow.",
    "duplicate-key": "A key stands twice in one map.",
    "file-too-large": "A manifest is larger than 1 MiB.",
    "no-files": "A pattern of spec.manifests matches no file.",
    "no-project": "There is no vmapps.yaml, or no Project document in it.",
    "not-a-document": "A document is a list or a single value.",
    "not-utf-8": "A manifest or installFile is not UTF-8 text.",
    "outside-root": "A pattern, path or link leaves the project's root.",
    "second-project": "A project has more than one Project document.",
    "unreadable-file": "A file cannot be opened, or is no regular file.",
    "yaml-key": "A key is not text.",
    "yaml-merge": "A merge key (<<) is used.",
    "yaml-number": "A number is too long, infinite or not a number.",
    "yaml-recursion": "An anchored value contains itself.",
    "yaml-syntax": "A file is not valid YAML.",
    "yaml-tag": "A YAML tag is used.",
    "yaml-too-deep": "Values are nested too deep.",
    "yaml-too-many-values": "A file has too many values, or aliases that multiply.",
}

_FIELDS = {
    "bad-value": "A value does not have the form that its field needs.",
    "bad-variable": "Something like a variable is not a name in ${…}.",
    "contradiction": "Fields that exclude or need each other.",
    "missing-field": "A required field is missing.",
    "not-supported": "A field that Azure does not support for applications.",
    "out-of-limits": "A value is too long, too short, too large or too small.",
    "unknown-field": "A field that the kind does not have.",
    "unknown-kind": "A kind that does not exist.",
    "unknown-value": "A value that is not one of the allowed ones.",
    "unknown-variable": "A variable that the project does not declare.",
    "wrong-type": "Text where a number is needed, and the like.",
}

_REFERENCES = {
    "absent-wanted": "An assignment asks for an application or version with state: absent.",
    "application-namesakes": "A machine would get applications of one name from two galleries.",
    "assignment-conflict": "Two assignments disagree on an application of one machine.",
    "dependency-cycle": "Applications of a machine depend on each other in a circle.",
    "duplicate-application": "An assignment names an application twice.",
    "duplicate-document": "Two documents have one name.",
    "in-foreign-gallery": "A resource is declared in a gallery with managed: false.",
    "name-case": "A reference differs from the name it means in upper and lower case.",
    "os-mismatch": "An assignment's selector asks for the other operating system.",
    "ownership-conflict": "Two assignments disagree on whose the list of a machine is.",
    "parent-absent": "A resource is declared in one that has state: absent.",
    "too-many-applications": "A machine would get more applications than Azure takes.",
    "unassigned-dependency": "An application depends on one that no assignment installs.",
    "unknown-reference": "A reference to something that is not declared.",
    "unknown-version": "An assignment asks for a version that is not declared.",
}

_RULES = {
    "bad-custom-action": "Custom actions or parameters of one name, or a default for a blob.",
    "configuration-access": "A local configuration, and no packageStore.configurationAccess to read it by.",
    "duplicate-region": "A region stands twice in targetRegions.",
    "empty-file": "A package, configuration or installFile is empty.",
    "file-over-limit": "A package, configuration or installFile is larger than Azure takes.",
    "foreign-gallery-field": "A field that has no effect on a gallery with managed: false.",
    "identity-mismatch": "The identity's type and its userAssignedIdentities do not fit.",
    "impossible-expect": "expect.atLeast is more than expect.atMost.",
    "install-file-line-ends": "An installFile has Windows line ends.",
    "install-file-shebang": "An installFile asks for another shell than /bin/sh.",
    "install-file-windows": "An installFile of a Windows application.",
    "location-not-target": "targetRegions lacks the version's own location.",
    "missing-file": "A local file is not there, and no sha256 is given.",
    "no-commands": "A version lacks install or remove, of its own and by versionDefaults.",
    "no-config-file-name": "A configuration is given without settings.configFileName.",
    "no-location": "Neither the document nor the project says a location.",
    "no-package-store": "A local file is named, and the project has no packageStore.",
    "no-resource-group": "Neither the gallery nor the project says a resource group.",
    "reserved-tag": "A tag that is vmapps' own mark.",
    "rollout-waves": "The waves of a rollout do not grow, or do not end with 100%.",
    "sha256-mismatch": "A package's content is not what its sha256 says.",
    "storage-conflict": "storageAccountType beside storageAccountStrategy.",
    "tag-case": "Two tags whose names differ only in case.",
    "too-many-tags": "More tags than Azure takes, vmapps' own two included.",
    "windows-multi-line": "A command for Windows has several lines.",
}

_WARNINGS = {
    "doubtful-count": "More applications on a machine than older Azure clouds take.",
    "doubtful-name": "A name on which Azure's documents disagree.",
    "doubtful-replicas": "More replicas than Azure's documents agree on.",
    "doubtful-size": "A package larger than Azure's documents agree on.",
    "end-of-life": "An endOfLifeDate is in the past.",
    "no-package-file-name": "The package will have no extension on the machine.",
    "no-project-id": "The project has no id: its owner mark is its name alone.",
    "other-file-name": "A command names the package as it will not be named on the machine.",
    "package-not-named": "No command names the package.",
    "sas-in-manifest": "A manifest holds a SAS.",
}

CODES: Mapping[str, str] = MappingProxyType({**_FILES, **_FIELDS, **_REFERENCES, **_RULES, **_WARNINGS})
"""What each code means, in one sentence."""
