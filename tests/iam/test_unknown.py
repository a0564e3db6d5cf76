"""What a policy says of a request of which not everything is known."""

from __future__ import annotations

from typing import Any

import pytest

from sra_bootstrap.iam.document import MalformedError, restrictions
from sra_bootstrap.iam.request import Caller, Request, condition_keys
from sra_bootstrap.iam.truth import Truth
from sra_bootstrap.iam.verdict import Verdict, applies, judge

OURS, THEIRS = "000000000001", "111122223333"
KNOWN = {
    "aws:PrincipalArn": f"arn:aws:iam::{OURS}:role/tool",
    "aws:PrincipalAccount": OURS,
    "aws:PrincipalOrgID": "o-xxxxxxxxxx",
    "aws:RequestedRegion": "eu-west-1",
}
REQUEST = Request(
    Caller(),
    "s3:GetObject",
    "",
    condition_keys(KNOWN),
    frozenset({"aws:sourcearn"}),
    frozenset({OURS, "o-xxxxxxxxxx"}),
)


def about(elements: dict[str, Any]) -> Truth:
    said = {"Effect": "Deny", "Action": "*", "Resource": "*", **elements}
    [statement] = restrictions({"Version": "2012-10-17", "Statement": said})
    return applies(statement, REQUEST)


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, True),
        ({"Action": "s3:Put*"}, False),
        ({"Resource": "arn:aws:s3:::logs/*"}, None),
        ({"Resource": ["arn:aws:s3:::logs/*", "*"]}, True),
        ({"Action": "s3:Put*", "Resource": "arn:aws:s3:::logs/*"}, False),
        # A key of which nothing is known, one that is not there, and one that is.
        (when("IpAddress", "aws:SourceIp", "10.0.0.0/8"), None),
        (when("NotIpAddressIfExists", "aws:SourceIp", "10.0.0.0/8"), None),
        (when("Null", "aws:SourceIp", "true"), None),
        (when("StringEquals", "aws:RequestedRegion", "${aws:PrincipalTag/region}"), None),
        (when("Null", "aws:SourceArn", "true"), True),
        (when("ArnLike", "aws:SourceArn", "arn:*"), False),
        (when("StringNotEquals", "aws:RequestedRegion", "eu-west-1"), False),
        # What is false makes what is unknown beside it of no account.
        ({"Condition": {"Bool": {"aws:X": "true"}, "StringEquals": {"aws:RequestedRegion": "us-east-1"}}}, False),
        ({"Condition": {"Bool": {"aws:X": "true"}, "StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}, None),
        # An id that is not known yet may be one that a policy names, and is none that is not like it.
        (when("StringEquals", "aws:PrincipalAccount", OURS), True),
        (when("StringEquals", "aws:PrincipalAccount", THEIRS), None),
        (when("StringNotEquals", "aws:PrincipalAccount", THEIRS), None),
        (when("StringEquals", "aws:PrincipalAccount", THEIRS, OURS), True),
        (when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/tool"), True),
        (when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:role/tool"), None),
        (when("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{THEIRS}:role/other"), True),
        (when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/tool"), True),
        (when("StringEquals", "aws:PrincipalOrgID", "o-1234567890"), None),
        (when("StringEquals", "aws:PrincipalOrgID", "anything"), False),
    ],
)
def test_whether_a_statement_is_about_a_request(elements: dict[str, Any], expected: Truth) -> None:
    assert about(elements) is expected


def test_what_depends_on_what_is_not_known_is_undecided() -> None:
    def verdict(*effects: tuple[str, dict[str, Any]]) -> Verdict:
        said = [{"Effect": effect, "Action": "*", "Resource": "*", **elements} for effect, elements in effects]
        return judge(restrictions({"Statement": said}), REQUEST)

    maybe, never = when("Bool", "aws:X", "true"), when("Null", "aws:SourceArn", "false")
    assert verdict(("Allow", {}), ("Deny", never)) is Verdict.ADMITTED
    assert verdict(("Allow", {}), ("Deny", maybe)) is Verdict.UNDECIDED
    assert verdict(("Allow", maybe)) is Verdict.UNDECIDED
    assert verdict(("Deny", maybe), ("Deny", {})) is Verdict.DENIED
    assert verdict(("Deny", never)) is Verdict.UNMENTIONED


def test_a_policy_that_restricts_is_about_everybody_and_names_its_statements() -> None:
    one = {"Sid": "One", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    [first, second] = restrictions({"Statement": (one, {**one, "Sid": "Two"})})

    assert (first.sid, second.sid) == ("One", "Two")
    with pytest.raises(MalformedError):
        restrictions({"Statement": {"Effect": "Deny"}})
