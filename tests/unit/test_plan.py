"""The DAG: levels, order, the critical path and cycles."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.definition import Definition, Step
from contracts.graph import find_cycle, levels_of
from contracts.plan import make_plan


def definition_of(needs: dict[str, list[str]]) -> Definition:
    steps = tuple(Step(id=step, transform=1, needs=tuple(needed)) for step, needed in needs.items())
    return Definition(name="dag", steps=steps)


@st.composite
def dags(draw: st.DrawFn) -> dict[str, list[str]]:
    size = draw(st.integers(1, 12))
    needs = {
        f"s{n}": draw(st.lists(st.sampled_from([f"s{m}" for m in range(n)]), unique=True)) if n else []
        for n in range(size)
    }
    return {step: needs[step] for step in draw(st.permutations(list(needs)))}


@given(dags())
def test_a_plan_is_topological_and_its_levels_are_tight(needs: dict[str, list[str]]) -> None:
    plan = make_plan(definition_of(needs))
    order = [step.id for step in plan.steps]
    level = {step.id: step.level for step in plan.steps}
    assert sorted(order) == sorted(needs)
    for step in plan.steps:
        assert step.needs == tuple(sorted(needs[step.id]))
        assert all(order.index(need) < order.index(step.id) for need in step.needs)
        assert step.level == max((level[need] + 1 for need in step.needs), default=0)
    assert [step for steps in plan.levels for step in steps] == order


@given(dags())
def test_the_critical_path_is_a_longest_chain(needs: dict[str, list[str]]) -> None:
    plan = make_plan(definition_of(needs))
    path = plan.critical_path
    assert len(path) == len(plan.levels)
    assert all(before in needs[after] for before, after in pairwise(path))


@given(dags(), st.data())
def test_a_cycle_is_found_exactly_when_there_is_one(needs: dict[str, list[str]], data: st.DataObject) -> None:
    assert find_cycle(needs) == ()
    first, last = data.draw(st.sampled_from(sorted(needs))), data.draw(st.sampled_from(sorted(needs)))
    needs[first] = [*needs[first], last]
    cycle = find_cycle(needs)
    if not cycle:
        assert levels_of(needs)[first] > levels_of(needs)[last]
        return
    assert cycle[0] == cycle[-1]
    assert all(after in needs[before] for before, after in pairwise(cycle))
    with pytest.raises(ValueError, match="the steps form a cycle: "):
        levels_of(needs)


def test_a_long_chain_needs_no_deep_stack() -> None:
    chain = {f"s{n}": [f"s{n - 1}"] if n else [] for n in range(50_000)}
    assert levels_of(chain)["s49999"] == 49_999
    assert find_cycle(chain) == ()


def test_needs_are_the_references_and_the_explicit_ones() -> None:
    definition = Definition.model_validate(
        {
            "name": "needs",
            "steps": [
                {"id": "a", "transform": "${ input.x + run.id }"},
                {"id": "b", "transform": {"deep": ["x ${ a.output } y ${ vars.v }"]}},
                {"id": "c", "agent": "classifier", "with": {"t": "${ [1].map(b, b) }"}, "when": "${ a.status == 'x' }"},
                {
                    "id": "d",
                    "agent": "classifier",
                    "action": {"connector": "http.request", "with": {"q": "${ proposal.label + c.output.label }"}},
                    "needs": ["b"],
                },
                {"id": "e", "wait": {"until": "${ d.output.at }"}},
                {"id": "f", "approval": {"title": "Really ${ e.output }?"}},
            ],
        }
    )
    plan = make_plan(definition)
    assert {step.id: step.needs for step in plan.steps} == {
        "a": (),
        "b": ("a",),
        "c": ("a",),
        "d": ("b", "c"),
        "e": ("d",),
        "f": ("e",),
    }
    assert plan.levels == (("a",), ("b", "c"), ("d",), ("e",), ("f",))
    assert plan.critical_path == ("a", "b", "d", "e", "f")
    assert [(step.kind, step.uses) for step in plan.steps][3:] == [
        ("agent", "classifier"),
        ("wait", ""),
        ("approval", ""),
    ]
