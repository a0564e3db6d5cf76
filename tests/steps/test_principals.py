from __future__ import annotations

from steps.common import principals


def test_a_service_has_a_name_of_its_own_in_each_opt_in_region_that_has_it() -> None:
    # eu-central-2 has no Macie.
    regions = ("eu-west-1", "us-east-1", "me-south-1", "eu-central-2")

    found = principals.of_service("macie", "macie2", regions)

    assert found == ["macie.amazonaws.com", "macie.me-south-1.amazonaws.com"]
    assert principals.of_service("macie", "macie2", ("us-gov-west-1",)) == []
