"""The measurements as tables of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.floor import calls
from benchmarks.floor.need import Needs


def table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """A table whose first columns, so many, hold text, and whose others hold numbers."""
    rules = (":--" if column < texts else "--:" for column in range(len(head)))
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, tuple(rules), *rows))


def ratio(used: int, least: int) -> str:
    """How many times the least was used."""
    return f"{used / least:.2f}"


def against_floor(used: Counter[str], needs: Needs) -> str:
    """The calls of each operation against the least that is needed, with why it is."""
    least = calls(needs)
    rows = [
        (f"`{name}`", str(used[name]), str(least[name]), ratio(used[name], least[name]), needs[name].why)
        for name in sorted(needs)
    ]
    # What nothing needs has no ratio.
    rows += [(f"`{name}`", str(used[name]), "0", "", "") for name in sorted(used.keys() - needs.keys())]
    total = ("**all**", str(used.total()), str(least.total()), ratio(used.total(), least.total()), "")
    return table(("Operation", "Calls", "Least", "Ratio", "Why"), [*rows, total])


def share(used: Counter[str], needs: Needs) -> tuple[str, str, str]:
    """All calls, the least, and the ratio of the two."""
    least = calls(needs).total()
    return str(used.total()), str(least), ratio(used.total(), least)
