"""Security Hub CSPM: how its standards are named, whatever the region."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Standard = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/v/[0-9.]+$")]
"""https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html: the end of a standard's ARN."""

FSBP = "aws-foundational-security-best-practices/v/1.0.0"
CIS = "cis-aws-foundations-benchmark/v/5.0.0"
AI = "ai-security-best-practices/v/1.0.0"
RECOMMENDED = (FSBP, CIS, AI)
"""What AWS's own assessment of the SRA asks for: SRA-SECURITYHUB-12, -23 and -24 of https://github.com/awslabs/sra-verify."""
_RULESETS = frozenset({"cis-aws-foundations-benchmark/v/1.2.0"})
"""What is no `standard` in its ARN, and has no region."""


def arn_of(standard: str, region: str, partition: str) -> str:
    """The ARN of a standard in a region."""
    place = f"::ruleset/{standard}" if standard in _RULESETS else f"{region}::standards/{standard}"
    return f"arn:{partition}:securityhub:{place}"


def standard_of(arn: str) -> str:
    """The name of a standard, by its ARN in whatever region."""
    return arn.rpartition(":")[2].partition("/")[2]
