"""Swagger 2.0 documents below a folder: references followed, ``allOf`` flattened."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_SPECIFICATION = Path("openapi") / "specification" / "compute" / "resource-manager" / "Microsoft.Compute"
_VERBS = ("get", "head", "put", "patch", "post", "delete")


def oracle_folder() -> Path:
    """The folder that VMAPPS_ORACLE names, else ``../shared/oracle`` beside the repository."""
    beside = Path(__file__).resolve().parents[3] / ".." / "shared" / "oracle"
    return Path(os.environ.get("VMAPPS_ORACLE", beside))


class Documents:
    """The specification's files, each read once."""

    def __init__(self, oracle: Path) -> None:
        self.folder = oracle / _SPECIFICATION
        self.licence = oracle / "openapi" / "LICENSE"
        self._read: dict[Path, Json] = {}

    def read(self, path: Path) -> Json:
        """One file."""
        path = path.resolve()
        if path not in self._read:
            self._read[path] = json.loads(path.read_text(encoding="utf-8"))
        return self._read[path]

    def specifications(self) -> Iterator[tuple[Path, Json]]:
        """Every file that describes paths."""
        for path in sorted(self.folder.glob("*/stable/*/*.json")):
            document = self.read(path)
            if document.get("paths"):
                yield path, document

    def operations(self) -> Iterator[tuple[Path, str, str, Json]]:
        """Every operation: its file, its verb in capitals, its path, its description."""
        for file, document in self.specifications():
            for path, verbs in document["paths"].items():
                for verb in _VERBS:
                    if verb in verbs:
                        yield file, verb.upper(), path, verbs[verb]

    def target(self, reference: str, base: Path) -> tuple[str, Json, Path]:
        """What a reference points to: its name, its content and the file it is in."""
        file, _, pointer = reference.partition("#")
        path = (base.parent / file).resolve() if file else base
        here: Any = self.read(path)
        for word in pointer.strip("/").split("/") if pointer else ():
            here = here[word]
        return pointer.rsplit("/", 1)[-1], here, path

    def properties(self, schema: Json, base: Path) -> Iterator[tuple[str, Json, Path, bool]]:
        """The fields of a schema and of all that it is made of: name, schema, file, required."""
        for part in schema.get("allOf", ()):
            _, content, path = self.target(part["$ref"], base)
            yield from self.properties(content, path)
        needed = schema.get("required", ())
        for name, field in schema.get("properties", {}).items():
            yield name, field, base, name in needed
