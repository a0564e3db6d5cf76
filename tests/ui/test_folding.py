from __future__ import annotations

from sra_bootstrap.model import Address, Blocked, Change, Target
from sra_bootstrap.ui.folding import fold_addresses, fold_blocked, fold_changes, fold_notes
from sra_bootstrap.values import Ref, Value
from tests.ui.plans import ORGANIZATION, REGIONS, create, targets


def folded(*changes: Change) -> list[str]:
    return [f"{fold.what()} in {fold.where()}" for _, fold in fold_changes(changes)]


def test_changes_that_differ_only_in_their_place_are_one() -> None:
    changes = [create("detector", at, status="ENABLED") for at in targets("abcdefghijkl", REGIONS)]

    assert folded(*changes) == ["detector in 17 regions x 12 accounts"]


def test_changes_that_differ_only_in_their_name_and_are_made_at_the_same_places_are_one() -> None:
    changes = [create("member", at, name) for at in targets("a", REGIONS) for name in ("x", "y")]

    assert folded(*changes) == ["member (2): x, y in 17 regions of a"]


def test_names_that_are_not_at_the_same_places_stay_apart() -> None:
    changes = [create("member", at, "x") for at in targets("a", REGIONS)]

    assert folded(*changes, create("member", Target("a", "eu-west-1"), "y")) == [
        "member x in 17 regions of a",
        "member y in a/eu-west-1",
    ]


def test_changes_whose_attributes_differ_stay_apart_however_little() -> None:
    values: list[Value] = [1, True, "1", None, "True", (), ("1",), {}, {"a": "b, c: d"}, {"a": "b", "c": "d"}]
    changes = [create("thing", Target(str(n)), value=value) for n, value in enumerate(values)]

    assert len(folded(*changes)) == len(values)


def test_values_that_are_not_known_yet_are_alike() -> None:
    changes = [create("member", ORGANIZATION, key, account=Ref(f"account.{key}.id")) for key in "ab"]

    assert len(folded(*changes)) == 1


def test_every_change_is_in_exactly_one_fold() -> None:
    addresses = [Address("k", at, name) for name in "xyz" for at in targets("ab", REGIONS) if at.account != name]
    pairs = [(name, at) for fold in fold_addresses(addresses) for name in fold.names for at in fold.targets]

    assert sorted(pairs) == sorted((address.name, address.at) for address in addresses)


def test_reasons_that_differ_only_in_the_place_they_speak_of_are_one() -> None:
    blocked = [
        Blocked(f"a/{region} members", f"It stands on what is blocked: a/{region} detector.", f"Look in {region}.")
        for region in REGIONS
    ]
    [fold] = fold_blocked(blocked)

    assert fold.where() == "members in 17 regions of a"
    assert (fold.reason, fold.remedy) == (
        "It stands on what is blocked: (that place) detector.",
        "Look in (that region).",
    )


def test_a_reason_that_stands_alone_keeps_its_place() -> None:
    [fold] = fold_blocked([Blocked("a/eu-west-1", "a/eu-west-1 cannot be read in eu-west-1.")])

    assert (fold.where(), fold.reason) == ("a/eu-west-1", "a/eu-west-1 cannot be read in eu-west-1.")


def test_a_region_is_not_mistaken_for_one_that_begins_like_it() -> None:
    [fold, other] = fold_blocked([Blocked("a/us-east-1", "See us-east-1."), Blocked("a/us-east-2", "See us-east-12.")])

    assert [fold.reason, other.reason] == ["See us-east-1.", "See us-east-12."]


def test_notes_that_differ_only_in_their_place_or_region_are_one() -> None:
    notes = [f"X is left out at a/{region}." for region in REGIONS] + ["Another."]
    notes += [f"y is a member in {region} by invitation." for region in REGIONS[:2]]

    assert fold_notes(notes) == [
        "X is left out at 17 regions of a.",
        "Another.",
        "y is a member in eu-west-1, us-east-1 by invitation.",
    ]
