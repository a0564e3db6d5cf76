"""AWS Security Hub CSPM: the standards and the products of AWS that it knows in every region."""

from __future__ import annotations

STANDARDS = {
    "standards/aws-foundational-security-best-practices/v/1.0.0": "AWS Foundational Security Best Practices v1.0.0",
    "ruleset/cis-aws-foundations-benchmark/v/1.2.0": "CIS AWS Foundations Benchmark v1.2.0",
    "standards/cis-aws-foundations-benchmark/v/1.4.0": "CIS AWS Foundations Benchmark v1.4.0",
    "standards/cis-aws-foundations-benchmark/v/3.0.0": "CIS AWS Foundations Benchmark v3.0.0",
    "standards/cis-aws-foundations-benchmark/v/5.0.0": "CIS AWS Foundations Benchmark v5.0.0",
    "standards/ai-security-best-practices/v/1.0.0": "AI Security Best Practices v1.0.0",
    "standards/aws-resource-tagging-standard/v/1.0.0": "AWS Resource Tagging Standard v1.0.0",
    "standards/nist-800-53/v/5.0.0": "NIST Special Publication 800-53 Revision 5",
    "standards/nist-800-171/v/2.0.0": "NIST Special Publication 800-171 Revision 2",
    "standards/pci-dss/v/3.2.1": "PCI DSS v3.2.1",
    "standards/pci-dss/v/4.0.1": "PCI DSS v4.0.1",
}
"""Each standard's place in an ARN, and its name.

https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html; the one for AI is in the checks of
https://github.com/awslabs/sra-verify.
"""
DEFAULT_STANDARDS = tuple(STANDARDS)[:2]
"""What EnableSecurityHub enables: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html."""

SENDERS = {
    "access-analyzer": ("IAM Access Analyzer", "AWS"),
    "config": ("Config", "AWS"),
    "firewall-manager": ("Firewall Manager", "AWS"),
    "guardduty": ("GuardDuty", "Amazon"),
    "health": ("Health", "AWS"),
    "inspector": ("Inspector", "Amazon"),
    "iot-device-defender": ("IoT Device Defender", "AWS"),
    "macie": ("Macie", "Amazon"),
    "route-53-resolver-dns-firewall": ("Route 53 Resolver DNS Firewall", "Amazon"),
    "securityhub": ("Security Hub", "AWS"),
    "ssm-patch-manager": ("Systems Manager Patch Manager", "AWS"),
}
"""Each product of AWS that sends findings, by its name in an ARN, with its own name and its company's.

Their integrations "are activated automatically after you enable Security Hub CSPM and the other service":
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-internal-providers.html; terraform-provider-aws's
tests of aws_securityhub_product_subscription found that too. That this is so before the other service is enabled, as
those tests have it, is taken from there.
"""
RECEIVERS = {
    "audit-manager": ("Audit Manager", "AWS"),
    "chatbot": ("Chatbot", "AWS"),
    "detective": ("Detective", "Amazon"),
    "security-lake": ("Security Lake", "Amazon"),
    "trusted-advisor": ("Trusted Advisor", "AWS"),
}
"""Each product of AWS that receives findings, in the same way; none needs a subscription."""


def standard_arn(partition: str, region: str, standard: str) -> str:
    """The ARN of a standard in a region; a ruleset's names no region."""
    where = "" if standard.startswith("ruleset/") else region
    return f"arn:{partition}:securityhub:{where}::{standard}"


def standard_of(arn: str) -> str | None:
    """The place of a known standard in its ARN, whatever the region, or None."""
    place = arn.rpartition(":")[2]
    return place if place in STANDARDS and ":securityhub:" in arn else None
