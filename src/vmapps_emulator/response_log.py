"""The opt-in log of whole answers, one JSON line each: what a test suite holds against the specification."""

from dataclasses import dataclass
from typing import BinaryIO

from vmapps_emulator.wire import Request, Response, encode


@dataclass(slots=True)
class ResponseLog:
    """Writes each answer of ARM before it is sent."""

    file: BinaryIO

    def note(self, request: Request, response: Response) -> None:
        """Write one line: method, path, query, status and body as it goes out."""
        head = {"method": request.method, "path": request.path, "query": request.query, "status": response.status}
        body = b"" if request.method == "HEAD" else response.encoded()
        self.file.write(encode(head)[:-1] + b',"body":' + (body or b"null") + b"}\n")
        self.file.flush()
