"""A step of a workflow definition and its parts. Durations are seconds; the language writes "30s" or "1m30s"."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from contracts.durations import DURATION_PATTERN, format_duration, parse_duration
from contracts.proposals import Thresholds

STEP_ID_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
NAME_PATTERN = r"^[a-z][a-z0-9-]{0,62}$"
DURATION_HINT = 'write it as "500ms", "30s", "1m30s", "72h" or "7d"'


def rule(message: str, hint: str = "") -> PydanticCustomError:
    """An error of a rule of the language, with a hint."""
    return PydanticCustomError("rule", "{message}", {"message": message, "hint": hint})


def _read_duration(value: Any, info: ValidationInfo) -> float:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError as error:
            raise rule(str(error), DURATION_HINT) from None
    if isinstance(value, int | float) and not isinstance(value, bool) and not (info.context or {}).get("document"):
        return float(value)
    raise rule("must be a duration with its unit", DURATION_HINT)


Duration = Annotated[
    float,
    BeforeValidator(_read_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": DURATION_PATTERN, "minLength": 2, "examples": ["30s", "1m30s", "72h"]}
    ),
]
StepId = Annotated[str, StringConstraints(pattern=STEP_ID_PATTERN)]
UserOrRole = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of the language: its keys are all that may be written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class Retry(Part):
    """Exponential back-off. `max_attempts` counts the first attempt."""

    max_attempts: int = Field(default=5, ge=1, le=1000, description="Attempts in all, the first included.")
    initial_interval: Duration = Field(default=1.0, description="Wait before the second attempt.")
    backoff: float = Field(default=2.0, ge=1, le=100, description="Factor by which each wait grows.")
    max_interval: Duration = Field(default=60.0, description="Longest wait between attempts.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_interval < self.initial_interval:
            raise rule("max_interval must be at least initial_interval", "raise max_interval")
        return self


class Approvers(Part):
    """Who may decide; nobody named means everybody with the right to approve."""

    users: tuple[UserOrRole, ...] = Field(default=(), strict=False, description="Users who may decide.")
    roles: tuple[UserOrRole, ...] = Field(default=(), strict=False, description="Roles whose members may decide.")


class Gate(Part):
    """Where a proposal goes: from `auto` on it acts, from `notify` on it acts and tells people, below it asks."""

    auto: Share = Field(default=0.90, description="Confidence from which the step acts by itself.")
    notify: Share = Field(default=0.70, description="Confidence from which it acts and tells people; below it asks.")
    always_ask: bool = Field(default=False, description="Ask a person, however sure the agent is.")
    approvers: Approvers = Field(default=Approvers(), description="Who may decide.")
    expires_after: Duration | None = Field(default=None, description="How long people have to decide.")
    on_expiry: Literal["reject", "fail"] = Field(default="reject", description="What happens when nobody decided.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.auto < self.notify:
            raise rule(
                f"auto ({self.auto:g}) must be at least notify ({self.notify:g})",
                "a proposal sure enough to act must also be sure enough to act and notify",
            )
        return self

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(auto=self.auto, notify=self.notify, always_ask=self.always_ask)


class Action(Part):
    """The connector call that an accepted proposal performs; its templates may also read `proposal`."""

    connector: str = Field(min_length=1, max_length=200, description="Name of the connector to call.")
    with_: dict[str, Any] = Field(default_factory=dict, alias="with", description="What the connector is given.")


class Approval(Part):
    """A pure human step: a title (a template) and, where people fill something in, the JSON Schema of the form."""

    title: str = Field(min_length=1, max_length=500, description="What people are asked.")
    form: dict[str, Any] | None = Field(default=None, description="JSON Schema of what people fill in.")


class Wait(Part):
    """A timer (`for`) or a moment (`until`: RFC 3339 text, or one expression that gives it)."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["for"]}, {"required": ["until"]}]})

    for_: Duration | None = Field(default=None, alias="for", description="How long to wait.")
    until: str | None = Field(default=None, description="RFC 3339 timestamp, or one expression that gives it.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.for_ is None) == (self.until is None):
            raise rule('needs either "for" or "until"', 'such as {for: 1h} or {until: "2026-01-31T09:00:00Z"}')
        return self


KINDS = ("agent", "connector", "approval", "transform", "wait")
MEANINGLESS = {
    "connector": {"action": "the connector call is the action"},
    "approval": {
        "retry": "people are not retried",
        "timeout": "use gate.expires_after for how long people have to decide",
        "action": "let a connector step follow that needs this one",
    },
    "transform": dict.fromkeys(("with", "gate", "action", "retry", "timeout", "on_reject"), "it only computes a value"),
    "wait": dict.fromkeys(("with", "gate", "action", "retry", "timeout", "on_reject"), "it only waits"),
}
"""Options that have no meaning for a kind, and what to know or do instead."""


class Step(Part):
    """A node of the DAG. Exactly one of the kind keys is set: agent, connector, approval, transform or wait."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in KINDS]})

    id: StepId = Field(description="What other steps call this one by.")
    agent: str | None = Field(default=None, min_length=1, max_length=200, description="The agent that proposes.")
    connector: str | None = Field(default=None, min_length=1, max_length=200, description="The connector to call.")
    approval: Approval | None = Field(default=None, description="Ask people.")
    transform: Any = Field(default=None, description="A template; its value is the step's output.")
    wait: Wait | None = Field(default=None, description="Wait for a while or until a moment.")
    with_: dict[str, Any] = Field(default_factory=dict, alias="with", description="What the step is given; templates.")
    when: str | None = Field(default=None, description="One expression; the step is skipped unless it is true.")
    needs: tuple[StepId, ...] = Field(default=(), strict=False, description="Steps to wait for beyond those read.")
    gate: Gate | None = Field(default=None, description="Where a proposal goes by its confidence.")
    action: Action | None = Field(default=None, description="The connector call an accepted proposal performs.")
    retry: Retry = Field(default=Retry(), description="How failed attempts are repeated.")
    timeout: Duration = Field(default=30.0, description="How long one attempt may take.")
    on_error: Literal["fail", "skip", "continue"] = Field(default="fail", description="When the step fails for good.")
    on_reject: Literal["skip", "fail", "continue"] = Field(default="skip", description="When people say no.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            said = f"has {len(kinds)} kinds: {', '.join(kinds)}" if kinds else "has no kind"
            raise rule(f'step "{self.id}" {said}', f"give it exactly one of {', '.join(KINDS)}")
        return self

    @property
    def kind(self) -> str:
        """agent, connector, approval, transform or wait."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def uses(self) -> str:
        """The agent's or connector's name; empty for other kinds."""
        return self.agent or self.connector or ""

    @property
    def templates(self) -> list[Any]:
        """Everything in the step that may hold expressions over the run's scope."""
        action = self.action.with_ if self.action else None
        title = self.approval.title if self.approval else None
        until = self.wait.until if self.wait else None
        return [self.when, self.with_, action, title, self.transform, until]
