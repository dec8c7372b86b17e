"""The words of a query."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vmapps_emulator.errors import ArmError

_WORDS = re.compile(
    r"(?P<space>\s+|//[^\n]*)"
    r"|(?P<text>@?'(?:[^'\\\n]|\\.)*'|@?\"(?:[^\"\\\n]|\\.)*\")"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>(?:mv-expand|project-away)\b|!?(?:in~?|has|contains|startswith|endswith)(?![\w])|[A-Za-z_$][\w$]*)"
    r"|(?P<sign>==|!=|=~|!~|<=|>=|[|()\[\],.=<>-])"
)
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind (``text``, ``number``, ``name``, ``sign``, ``end``), what it says, where it stands."""

    kind: str
    value: str
    line: int = 1
    column: int = 0


class Words:
    """A query's words, read from left to right."""

    def __init__(self, query: str) -> None:
        self._tokens = [*_split(query), Token("end", "")]
        self._at = 0

    @property
    def next(self) -> Token:
        """The word that comes next."""
        return self._tokens[self._at]

    def take(self) -> Token:
        """The next word, read."""
        token = self.next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def accept(self, *values: str) -> str | None:
        """Read the next word if it is one of these (never a text in quotes)."""
        if self.next.kind in ("name", "sign") and self.next.value.lower() in values:
            return self.take().value.lower()
        return None

    def expect(self, *values: str) -> str:
        """Read the next word, which must be one of these."""
        found = self.accept(*values)
        if found is None:
            raise refused(self.next, " or ".join(f"'{value}'" for value in values))
        return found

    def name(self) -> str:
        """Read a name."""
        if self.next.kind != "name":
            raise refused(self.next, "a name")
        return self.take().value

    def name_before(self, sign: str) -> str:
        """Read a name and the sign after it; the empty text, and nothing read, when they do not come next."""
        here, after = self._tokens[self._at], self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if here.kind != "name" or after.value != sign or after.kind != "sign":
            return ""
        self._at += 2
        return here.value

    def number(self) -> int:
        """Read a whole number."""
        if self.next.kind != "number" or "." in self.next.value:
            raise refused(self.next, "a whole number")
        return int(self.take().value)


def refused(token: Token, wanted: str) -> ArmError:
    """The service's answer to a query that it cannot parse."""
    found = f"'{token.value}'" if token.kind != "end" else "the end of the query"
    text = f"Query is invalid at line {token.line}, character {token.column}: {found} where {wanted} was expected."
    return invalid_query("ParserFailure", text, token)


def invalid_query(code: str, text: str, token: Token | None = None) -> ArmError:
    """400 BadRequest with InvalidQuery and the reason in its details (guess: the wording of the reason)."""
    place = {} if token is None else {"line": token.line, "characterPositionInLine": token.column, "token": token.value}
    outline = (
        "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error "
    )
    error = ArmError(
        400, "BadRequest", "Please provide below info when asking for support: timestamp = , correlationId = ."
    )
    invalid = {"code": "InvalidQuery", "message": f"{outline}before retrying."}
    error.details = [invalid, {"code": code, "message": text, **place}]
    return error


def _split(query: str) -> Iterator[Token]:
    at = 0
    while at < len(query):
        found = _WORDS.match(query, at)
        line, column = query.count("\n", 0, at) + 1, at - (query.rfind("\n", 0, at) + 1)
        if found is None:
            raise refused(Token("sign", query[at], line, column), "a word of the supported subset")
        kind, text = str(found.lastgroup), found.group()
        if kind != "space":
            yield Token(kind, _unquoted(text) if kind == "text" else text, line, column)
        at = found.end()


def _unquoted(text: str) -> str:
    if text.startswith("@"):
        return text[2:-1]
    return _ESCAPE.sub(lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text[1:-1])
