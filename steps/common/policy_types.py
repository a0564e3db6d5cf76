"""The types of policies of an organization: what AWS allows of each, and which service it needs.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

from __future__ import annotations

from typing import Literal, get_args

PolicyType = Literal[
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "S3_POLICY",
    "SECURITYHUB_POLICY",
    "SECURITYHUB_CSPM_POLICY",
    "INSPECTOR_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
    "BEDROCK_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "GUARDDUTY_POLICY",
]
EVERY: tuple[PolicyType, ...] = get_args(PolicyType)

AUTHORIZATION: tuple[PolicyType, ...] = ("RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY")
"""The types that restrict what may be done, the ones that restrict most behind."""

SERVICES: dict[PolicyType, str] = {
    "GUARDDUTY_POLICY": "guardduty.amazonaws.com",
    "INSPECTOR_POLICY": "inspector2.amazonaws.com",
    "SECURITYHUB_CSPM_POLICY": "securityhub.amazonaws.com",
    "SECURITYHUB_POLICY": "securityhub.amazonaws.com",
}
"""The service that must have trusted access before a type is enabled.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ConstraintViolationException.html
"""

_LONGEST: dict[PolicyType, int] = {
    "SERVICE_CONTROL_POLICY": 10_240,
    "RESOURCE_CONTROL_POLICY": 5_120,
    "AISERVICES_OPT_OUT_POLICY": 2_500,
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_upgrade_syntax.html
    "UPGRADE_ROLLOUT_POLICY": 5_120,
}
_LONGEST_OF_OTHERS = 10_000
_MOST: dict[PolicyType, int] = {
    "RESOURCE_CONTROL_POLICY": 5,
    "CHATBOT_POLICY": 5,
    "AISERVICES_OPT_OUT_POLICY": 5,
}
_MOST_OF_OTHERS = 10
_OF_AWS: dict[PolicyType, str] = {
    "SERVICE_CONTROL_POLICY": "FullAWSAccess",
    "RESOURCE_CONTROL_POLICY": "RCPFullAWSAccess",
}
"""The policies that AWS attaches to the root, every OU and every account when their type is enabled."""


def longest(policy_type: PolicyType) -> int:
    """How many characters a policy may have; of types that are not in AWS's table, as most have it."""
    return _LONGEST.get(policy_type, _LONGEST_OF_OTHERS)


def most(policy_type: PolicyType) -> int:
    """How many policies may be attached to one entity; of types that are not in AWS's table, as most have it."""
    return _MOST.get(policy_type, _MOST_OF_OTHERS)


def of_aws(policy_type: PolicyType) -> tuple[str, ...]:
    """The names of the policies that AWS attaches to everything by itself."""
    return (_OF_AWS[policy_type],) if policy_type in _OF_AWS else ()
