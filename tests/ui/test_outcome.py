from __future__ import annotations

import pytest

from sra_bootstrap.model import Blocked
from sra_bootstrap.ui.outcome import outcome
from sra_bootstrap.ui.wording import duration
from tests.ui import plans
from tests.ui.snapshots import matches, shown


def test_an_apply_that_went_well_is_one_line() -> None:
    assert shown(outcome(plans.FIRST.changes, [], [], 192)) == (
        "Applied: 268 created, 0 changed, 0 destroyed, in 3 min 12 s.\n"
    )


def test_an_apply_that_had_nothing_to_do_says_so() -> None:
    assert shown(outcome([], [], [], 0.42)) == "Nothing was changed, in 0.4 s.\n"


def test_an_apply_that_failed_says_what_why_and_what_that_kept_from_being_done() -> None:
    failed = [
        Blocked(f"security-tooling/{region} detector", f"AWS denies it in {region}.", "Allow it.")
        for region in plans.REGIONS
    ]

    matches("outcome_failed.txt", shown(outcome(plans.UPDATES.changes, failed, plans.BLOCKED.blocked, 3840), 100))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (59.6, "1 min 0 s"), (42, "42 s"), (192, "3 min 12 s"), (3840, "1 h 4 min")],
)
def test_a_duration_is_as_exact_as_one_wants_to_know(seconds: float, words: str) -> None:
    assert duration(seconds) == words
