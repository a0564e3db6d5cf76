"""The least number of calls to AWS that the tool's promises leave possible, with the reason for each.

The floor is that of an ideal tool which keeps no state between runs, lists what is unmanaged, plans again before it
writes and looks at what it has written. So when it applies, it reads each list before the first write to what is
listed, and after the last; it takes ids from the answers to its writes where AWS gives them; and it makes each change
once, in the largest batch that AWS takes. It never waits. The engine reads more often than that: after every stage of
a step, not only after its last.

How many items AWS puts on a page is in the reference of each operation. Whatever is not counted in pages here fits on
one page in the organizations that are measured.

Each module but `need` is a part of the floor: that of one service, under the id of its step, and `foundation`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

from benchmarks.floor.need import Need, Needs, Size

_PARTS = [module.name for module in pkgutil.iter_modules(__path__) if module.name != "need"]


def plan_of_nothing(size: Size) -> Needs:
    """What it takes to plan a bare management account."""
    return _sum(size, "plan_of_nothing")


def plan_of_what_is_built(size: Size) -> Needs:
    """What it takes to see that nothing is left to do."""
    return _sum(size, "plan_of_what_is_built")


def apply_to_nothing(size: Size) -> Needs:
    """What it takes to build all of it: look, write, look again."""
    return _sum(size, "apply_to_nothing")


def _sum(size: Size, what: str) -> Needs:
    needs: Needs = {}
    for name in _PARTS:
        if name not in {"foundation", *size.steps}:
            continue
        part = importlib.import_module(f"{__name__}.{name}")
        for operation, need in getattr(part, what)(size).items():
            other = needs.get(operation)
            needs[operation] = need if other is None else Need(other.calls + need.calls, f"{other.why}; {need.why}")
    return needs


def calls(needs: Needs) -> Counter[str]:
    """How often each operation has to be called."""
    return Counter({operation: need.calls for operation, need in needs.items()})
