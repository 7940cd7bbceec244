"""Levels and cycles of a graph given as {node: the nodes it needs}. Iterative, so that no chain exhausts the stack."""

from collections.abc import Iterable, Mapping


def levels_of(needs: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Each step's level: 0 without needs, else one more than its highest need. Raises ValueError for a cycle."""
    waiting = {step: set(needed) for step, needed in needs.items()}
    dependents: dict[str, list[str]] = {step: [] for step in needs}
    for step, needed in waiting.items():
        for need in needed:
            dependents[need].append(step)
    levels: dict[str, int] = {}
    ready = [step for step, needed in waiting.items() if not needed]
    level = 0
    while ready:
        levels.update(dict.fromkeys(ready, level))
        following = []
        for step in ready:
            for dependent in dependents[step]:
                waiting[dependent].discard(step)
                if not waiting[dependent]:
                    following.append(dependent)
        ready, level = following, level + 1
    if len(levels) < len(waiting):
        raise ValueError("the steps form a cycle: " + " -> ".join(find_cycle(needs)))
    return levels


def find_cycle(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """One cycle, from a step along its needs back to itself, such as ("a", "b", "a"); empty when there is none."""
    done: set[str] = set()
    for start in needs:
        path: dict[str, None] = {}
        stack = [(start, iter(sorted(needs[start])))] if start not in done else []
        path.update({start: None} if stack else {})
        while stack:
            step, remaining = stack[-1]
            need = next(remaining, None)
            if need is None:
                done.add(step)
                path.pop(step)
                stack.pop()
            elif need in path:
                names = list(path)
                return (*names[names.index(need) :], need)
            elif need not in done:
                path[need] = None
                stack.append((need, iter(sorted(needs[need]))))
    return ()
