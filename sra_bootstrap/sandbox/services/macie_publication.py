"""Amazon Macie: whether an account's findings are published to Security Hub."""

from __future__ import annotations

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.macie import enabled


@operation("macie2", "GetFindingsPublicationConfiguration")
def get_findings_publication_configuration(call: Call) -> dict[str, dict[str, bool]]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/findings-publication-configuration.html."""
    _, session = enabled(call)
    return {
        "securityHubConfiguration": {
            "publishClassificationFindings": session.classification_findings,
            "publishPolicyFindings": session.policy_findings,
        }
    }


@operation("macie2", "PutFindingsPublicationConfiguration")
def put_findings_publication_configuration(
    call: Call, securityHubConfiguration: dict[str, bool] | None = None, clientToken: str | None = None
) -> None:
    """https://docs.aws.amazon.com/macie/latest/APIReference/findings-publication-configuration.html.

    Every account sets it for itself, members too:
    https://docs.aws.amazon.com/macie/latest/user/accounts-mgmt-relationships.html.
    """
    _, session = enabled(call)
    if securityHubConfiguration is not None:
        session.classification_findings = securityHubConfiguration["publishClassificationFindings"]
        session.policy_findings = securityHubConfiguration["publishPolicyFindings"]
