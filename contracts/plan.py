"""The DAG of a definition: what each step needs, in which order steps can run, and the longest chain."""

from dataclasses import dataclass

from contracts.definition import Definition, Step
from contracts.expressions import references
from contracts.graph import levels_of


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step in its place. `needs` are the steps it waits for, sorted; `level` is 0 for steps that wait for none."""

    id: str
    kind: str
    uses: str
    needs: tuple[str, ...]
    level: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps by level, then as in the document; steps of one level may run at the same time."""

    steps: tuple[PlannedStep, ...]
    levels: tuple[tuple[str, ...], ...]
    critical_path: tuple[str, ...]
    """The longest chain of steps that wait for each other, first to last."""


def make_plan(definition: Definition) -> Plan:
    """The plan of a valid definition. Raises ValueError when its steps form a cycle."""
    needs = {step.id: needs_of(step, definition) for step in definition.steps}
    levels = levels_of(needs)
    planned = [
        PlannedStep(id=step.id, kind=step.kind, uses=step.uses, needs=needs[step.id], level=levels[step.id])
        for step in definition.steps
    ]
    steps = tuple(sorted(planned, key=lambda step: step.level))
    depth = 1 + max(levels.values(), default=-1)
    by_level = tuple(tuple(step.id for step in steps if step.level == level) for level in range(depth))
    return Plan(steps=steps, levels=by_level, critical_path=_critical_path(steps))


def needs_of(step: Step, definition: Definition) -> tuple[str, ...]:
    """The steps that a step waits for: those it names in `needs` and those its templates read, sorted."""
    ids = definition.ids
    return tuple(sorted((references(step.templates) & ids) | (set(step.needs) & ids)))


def _critical_path(steps: tuple[PlannedStep, ...]) -> tuple[str, ...]:
    by_id = {step.id: step for step in steps}
    place = {step.id: index for index, step in enumerate(steps)}
    step = next((step for step in steps if step.level == steps[-1].level), None)
    chain: list[str] = []
    while step:
        chain.append(step.id)
        below = [need for need in step.needs if by_id[need].level == step.level - 1]
        step = by_id[min(below, key=lambda need: place[need])] if below else None
    return tuple(reversed(chain))
