from __future__ import annotations

import pytest

from sra_bootstrap.model import Address, Target
from sra_bootstrap.ui.places import address_words, place_words
from tests.ui.plans import ORGANIZATION, REGIONS, targets

MANY = tuple("abcdefghijkl")


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([ORGANIZATION], ""),
        ([Target("a")], "a"),
        ([Target("a", "eu-west-1")], "a/eu-west-1"),
        (targets("a", REGIONS[:2]), "eu-west-1, us-east-1 of a"),
        (targets("a", REGIONS), "17 regions of a"),
        (targets("ab", REGIONS), "17 regions of a, b"),
        (targets(MANY, REGIONS[:1]), "eu-west-1 of 12 accounts"),
        ([Target(account) for account in MANY], "12 accounts"),
        (targets(MANY, REGIONS), "17 regions x 12 accounts"),
        (targets(MANY, REGIONS)[1:], "16 regions of a; 17 regions x 11 accounts"),
        (
            [Target(account, region) for n, account in enumerate(MANY) for region in REGIONS[n:]],
            "138 places (17 regions, 12 accounts)",
        ),
    ],
)
def test_places_are_said_in_few_words(places: list[Target], words: str) -> None:
    assert place_words(places) == words


def test_verbose_names_every_place() -> None:
    words = place_words([Target(a, r) for n, a in enumerate(MANY) for r in REGIONS[n:]], verbose=True)

    assert all(name in words for name in (*MANY, *REGIONS))


def test_an_address_reads_as_words() -> None:
    assert address_words(Address("org-configuration", Target("a", "eu-west-1"))) == "org configuration in a/eu-west-1"
    assert address_words(Address("ou", ORGANIZATION, "Workloads/Prod")) == "ou Workloads/Prod"
