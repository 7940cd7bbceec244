"""The one tree of errors. Each has a code, an HTTP status, what is wrong as message, and what to do as hint.

    AssentError
    ├── InvalidDefinition      422  the document breaks rules of the language; carries every Problem found
    ├── InvalidInput           422  a value does not fit its schema, or cannot be stored
    ├── ExpressionError        422  a CEL expression failed to compile or to evaluate
    ├── TooLarge               413  refused before it was parsed
    ├── NotFound               404  no such workflow, run, task or collection
    ├── Conflict               409  the state moved on: decided already, closed, changed
    ├── NotSignedIn            401  no valid session or token
    ├── Forbidden              403  refused by policy (another site's request, a private address)
    ├── StepFailed             500  a step cannot succeed, however often it is tried
    └── Unavailable            503  something that is needed does not answer; trying again may help

Rendered in one place each: `api/problems.py` for HTTP and GraphQL, `cli.py` for people. Inside a run, the classes in
`NON_RETRYABLE` end a step at once; everything else is retried by Temporal.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in a document: where (1-based), what, and what to do."""

    message: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.line}:{self.column}: " if self.line is not None else ""
        return f"{where}{self.message}" + (f" ({self.hint})" if self.hint else "")


class AssentError(Exception):
    """The base of every error that Assent raises on purpose."""

    status = 500
    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidDefinition(AssentError):
    """The document breaks rules of the workflow language; `problems` holds all of them, in document order."""

    status = 422
    code = "invalid_definition"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class InvalidInput(AssentError):
    """A value does not fit its schema, or cannot be stored."""

    status = 422
    code = "invalid_input"


class ExpressionError(AssentError):
    """A CEL expression failed to compile or to evaluate."""

    status = 422
    code = "expression_error"


class TooLarge(AssentError):
    """Refused before it was parsed."""

    status = 413
    code = "too_large"


class NotFound(AssentError):
    """No such workflow, run, task or collection."""

    status = 404
    code = "not_found"


class Conflict(AssentError):
    """The state moved on: decided already, closed, changed."""

    status = 409
    code = "conflict"


class NotSignedIn(AssentError):
    """No valid session or token."""

    status = 401
    code = "not_signed_in"


class Forbidden(AssentError):
    """Refused by policy."""

    status = 403
    code = "forbidden"


class StepFailed(AssentError):
    """A step cannot succeed, however often it is tried."""

    code = "step_failed"


class Unavailable(AssentError):
    """Something that is needed does not answer; trying again may help."""

    status = 503
    code = "unavailable"


NON_RETRYABLE = (
    InvalidDefinition,
    InvalidInput,
    ExpressionError,
    TooLarge,
    NotFound,
    Conflict,
    Forbidden,
    StepFailed,
)
