"""CloudTrail through the API of the sandbox: what tests of its step read, and what they change behind its back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sra_bootstrap.model import MANAGEMENT
from tests.steps.by_hand import Life
from tests.world import World

HOME, OTHER = "eu-west-1", "us-east-1"
NAME, GROUP, ROLE = "sra-organization-trail", "/sra/cloudtrail", "sra-cloudtrail-to-cloudwatch-logs"
EVERYTHING: dict[str, Any] = {
    "events": {
        "exclude": ["kms.amazonaws.com"],
        "data": {"AWS::S3::Object": "WRITE", "AWS::Lambda::Function": "ALL"},
        "selectors": {
            "One table": [
                {"field": "eventCategory", "equals": ["Data"]},
                {"field": "resources.type", "equals": ["AWS::DynamoDB::Table"]},
                {"field": "resources.ARN", "starts_with": ["arn:aws:dynamodb:eu-west-1:1:table/one"]},
            ]
        },
        "insights": ["ApiErrorRateInsight", "ApiCallRateInsight"],
    }
}


@dataclass
class CloudTrail:
    """CloudTrail in one region, as an account sees it through the API; by default where the trail is homed."""

    world: World
    account: str = MANAGEMENT
    region: str = HOME

    @property
    def api(self) -> Any:
        return self.world.client("cloudtrail", self.account, self.region)

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudtrail:{HOME}:{self.world.arrive().management_id}:trail/{NAME}"

    def trail(self) -> dict[str, Any]:
        """The trail of ours, as the account sees it."""
        trails = self.api.describe_trails()["trailList"]
        found: dict[str, Any] = next(trail for trail in trails if trail["Name"] == NAME)
        return found

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.api.get_trail_status(Name=self.arn)
        return answer

    def selectors(self) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = self.api.get_event_selectors(TrailName=NAME)["AdvancedEventSelectors"]
        return answer

    def administrators(self) -> list[str]:
        """Who administers CloudTrail, by the names of config.yaml."""
        listed = self.world.client("organizations").list_delegated_administrators
        found = listed(ServicePrincipal="cloudtrail.amazonaws.com")["DelegatedAdministrators"]
        return [self.world.arrive().name_of(one["Id"]) for one in found]

    def group(self) -> dict[str, Any]:
        groups = logs(self.world).describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
        found: dict[str, Any] = groups[0]
        return found


def logs(world: World) -> Any:
    return world.client("logs", MANAGEMENT, HOME)


def iam(world: World) -> Any:
    return world.client("iam", MANAGEMENT)


def other_key(world: World, service: str, account: str = "security-tooling") -> str:
    """Another key, which a service may use as it likes, and its ARN."""
    owner = world.arrive().id_of(account)
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{owner}:root"}, "Action": "kms:*", "Resource": "*"}
    theirs = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [own, theirs]})
    answer = world.client("kms", account, HOME).create_key(Policy=policy)
    return str(answer["KeyMetadata"]["Arn"])


def drift(world: World) -> None:
    """Change what AWS does not put right by itself, of each resource something."""
    CloudTrail(world).api.stop_logging(Name=NAME)
    there = logs(world)
    there.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    there.disassociate_kms_key(logGroupName=GROUP)
    there.put_log_group_deletion_protection(logGroupIdentifier=GROUP, deletionProtectionEnabled=False)
    refuse_the_role(world)


def refuse_the_role(world: World) -> None:
    """Let somebody else assume the role."""
    statement = {
        "Sid": "CloudTrailAssumes",
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam(world).update_assume_role_policy(RoleName=ROLE, PolicyDocument=document)


def late_drift(world: World) -> None:
    """Change the trail itself, which CloudTrail takes only as long as the bucket's policy is right."""
    CloudTrail(world).api.update_trail(Name=NAME, EnableLogFileValidation=False)


LIFE = Life(drift=drift, configs=[EVERYTHING], late_drift=late_drift)
