from __future__ import annotations

import json
from typing import Any

import pytest

from sra_bootstrap.iam.document import MalformedError, parse
from sra_bootstrap.iam.request import Caller, Request, condition_keys
from sra_bootstrap.iam.verdict import Verdict, judge

ROLE = "arn:aws:iam::111111111111:role/reader"
SESSION = "arn:aws:sts::111111111111:assumed-role/reader/somebody"
ROOT = "arn:aws:iam::111111111111:root"
SOMEBODY = Caller("", "111111111111", ROOT, (ROLE, SESSION))
TRAIL = Caller("cloudtrail.amazonaws.com")
OBJECT = "arn:aws:s3:::logs/AWSLogs/o-1/file"
KEYS: dict[str, str | tuple[str, ...]] = {
    "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:222222222222:trail/all",
    "aws:SourceAccount": "222222222222",
    "aws:SourceOrgID": "o-1",
    "aws:SourceOrgPaths": ("o-1/r-1/ou-1/",),
    "aws:PrincipalServiceNamesList": ("cloudtrail.amazonaws.com", "cloudtrail.eu-west-1.amazonaws.com"),
    "aws:SecureTransport": "true",
    "aws:SourceIp": "10.1.2.3",
    "aws:CurrentTime": "2026-01-02T03:04:05Z",
    "s3:max-keys": "10",
}


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*", **elements}


def verdict(*statements: dict[str, Any], caller: Caller = TRAIL, version: str = "2012-10-17") -> Verdict:
    text = json.dumps({"Version": version, "Statement": list(statements)})
    return judge(parse(text), Request(caller, "s3:PutObject", OBJECT, condition_keys(KEYS)))


def admits(*statements: dict[str, Any], caller: Caller = TRAIL, version: str = "2012-10-17") -> bool:
    return verdict(*statements, caller=caller, version=version) is Verdict.ADMITTED


@pytest.mark.parametrize(
    ("principal", "of_service", "of_somebody"),
    [
        ("*", True, True),
        ({"AWS": "*"}, True, True),
        ({"Service": "cloudtrail.amazonaws.com"}, True, False),
        ({"Service": ["config.amazonaws.com", "cloudtrail.amazonaws.com"]}, True, False),
        ({"Service": "config.amazonaws.com", "AWS": "111111111111"}, False, True),
        ({"AWS": [ROOT]}, False, True),
        ({"AWS": ROLE}, False, True),
        ({"AWS": SESSION}, False, True),
        ({"AWS": "arn:aws:iam::999999999999:root"}, False, False),
        ({"Federated": "cognito-identity.amazonaws.com"}, False, False),
    ],
)
def test_whom_a_principal_means(principal: Any, of_service: bool, of_somebody: bool) -> None:
    assert admits(statement(Principal=principal)) is of_service
    assert admits(statement(Principal=principal), caller=SOMEBODY) is of_somebody


def test_who_is_not_denied_is_named_with_account_role_and_session() -> None:
    def denies(*names: str) -> bool:
        denial = {"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": list(names)}}
        return verdict(denial, caller=SOMEBODY) is Verdict.DENIED

    assert not denies(ROOT, ROLE, SESSION)
    assert denies(ROLE, SESSION)
    assert denies(ROOT)


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"Action": "S3:putobject"}, True),
        ({"Action": ["s3:Get*", "s3:Put?bject"]}, True),
        ({"Action": "s3:PutObjectAcl"}, False),
        ({"Action": "*"}, True),
        ({"NotAction": "s3:Get*"}, True),
        ({"NotAction": "s3:*"}, False),
        ({"Resource": "arn:aws:s3:::logs/AWSLogs/*"}, True),
        ({"Resource": "arn:aws:s3:::logs/awslogs/*"}, False),
        ({"Resource": "arn:aws:s3:::logs"}, False),
        ({"Resource": "arn:aws:s3*logs/*"}, False),
        ({"Resource": "arn:aws:s3:::logs/AWSLogs/${aws:SourceOrgID}/*"}, True),
        ({"Resource": "arn:aws:s3:::logs/AWSLogs/${aws:PrincipalOrgID}/*"}, False),
        ({"Resource": "arn:aws:s3:::logs/AWSLogs/${aws:PrincipalOrgID, 'o-1'}/*"}, True),
        ({"Resource": "arn:aws:s3:::logs/AWSLogs/o-1/${*}"}, False),
        ({"NotResource": "arn:aws:s3:::other/*"}, True),
        ({"NotResource": "arn:aws:s3:::logs/*"}, False),
    ],
)
def test_which_actions_and_resources_are_meant(element: dict[str, Any], expected: bool) -> None:
    named = statement()
    for name in element:
        del named[name.removeprefix("Not")]

    assert admits({**named, **element}) is expected


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "AWS:sourceaccount", ["1", "222222222222"], True),
        ("StringEquals", "aws:SourceOrgID", "O-1", False),
        ("StringEquals", "aws:SourceOrgID", "o-*", False),
        ("StringEqualsIgnoreCase", "aws:SourceOrgID", "O-1", True),
        ("StringNotEquals", "aws:SourceOrgID", ["o-2", "o-1"], False),
        ("StringNotEquals", "aws:PrincipalOrgID", "o-1", True),
        ("StringNotEqualsIfExists", "aws:SourceOrgID", "o-2", True),
        ("StringLike", "aws:SourceOrgID", "o-?", True),
        ("StringNotLike", "aws:SourceOrgID", "o-*", False),
        ("StringEquals", "aws:PrincipalOrgID", "o-1", False),
        ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1", True),
        ("StringEqualsIfExists", "aws:SourceOrgID", "o-2", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:cloudtrail:*:222222222222:trail/*", True),
        ("ArnEquals", "aws:SourceArn", "arn:*:cloudtrail:*:${aws:SourceAccount}:*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:cloudtrail:*:trail/*", False),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:cloudtrail:*:*:*", False),
        ("Bool", "aws:SecureTransport", True, True),
        ("Bool", "aws:SecureTransport", "False", False),
        ("BoolIfExists", "aws:PrincipalIsAWSService", "true", True),
        ("Null", "aws:SourceArn", "false", True),
        ("Null", "aws:SourceArn", True, False),
        ("Null", "aws:PrincipalOrgID", "true", True),
        ("NumericLessThanEquals", "s3:max-keys", 10, True),
        ("NumericGreaterThan", "s3:max-keys", "10", False),
        ("NumericNotEquals", "s3:max-keys", "9", True),
        ("NumericEquals", "aws:SourceOrgID", "9", False),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", True),
        ("DateLessThan", "aws:CurrentTime", "2026-01-01", False),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", True),
        ("NotIpAddress", "aws:SourceIp", ["192.168.0.0/16", "10.1.2.3"], False),
        ("ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-1/r-1/*", True),
        ("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", "cloudtrail.eu-west-1.amazonaws.com", True),
        ("ForAllValues:StringEquals", "aws:PrincipalServiceNamesList", "cloudtrail.amazonaws.com", False),
        ("ForAllValues:StringLike", "aws:PrincipalServiceNamesList", "cloudtrail.*", True),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1", True),
        ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-1", False),
        ("ForAnyValue:StringNotEquals", "aws:PrincipalServiceNamesList", "cloudtrail.amazonaws.com", True),
        ("ForAllValues:StringNotEquals", "aws:PrincipalServiceNamesList", "cloudtrail.amazonaws.com", False),
    ],
)
def test_when_a_condition_holds(operator: str, key: str, value: Any, expected: bool) -> None:
    assert admits(statement(Condition={operator: {key: value}})) is expected


def test_all_conditions_must_hold_and_a_denial_wins() -> None:
    both = {"StringEquals": {"aws:SourceOrgID": "o-1", "aws:SourceAccount": "9"}}

    assert verdict(statement(Condition=both)) is Verdict.UNMENTIONED
    assert verdict(statement(Effect="Deny"), statement()) is Verdict.DENIED


def test_a_variable_is_one_only_in_the_version_of_2012() -> None:
    named = statement(Condition={"StringEquals": {"aws:SourceOrgID": "${aws:SourceOrgID}"}})

    assert admits(named)
    assert not admits(named, version="2008-10-17")


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        "{}",
        json.dumps({"Statement": []}),
        json.dumps({"Version": "2012-10-18", "Statement": statement()}),
        json.dumps({"Statements": [], "Statement": statement()}),
        *(
            json.dumps({"Statement": wrong})
            for wrong in (
                "Allow",
                statement(Effect="allow"),
                statement(Actions="*"),
                statement(NotAction="*"),
                statement(Action=[]),
                statement(Principal="111111111111"),
                statement(Principal={"Service": "*"}),
                statement(Principal={"Services": "s3.amazonaws.com"}),
                statement(Condition={"StringMatches": {"aws:SourceArn": "x"}}),
                statement(Condition={"StringEquals": {"aws:SourceArn": {"x": "y"}}}),
                {"Effect": "Allow", "Principal": "*", "Action": "*"},
            )
        ),
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text)
