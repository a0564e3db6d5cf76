"""Amazon Macie: where an account's findings are published, and where its discovery results are stored."""

from __future__ import annotations

from typing import Any

from moto.s3.models import s3_backends

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.services.macie import enabled, invalid


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


@operation("macie2", "GetClassificationExportConfiguration")
def get_classification_export_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/classification-export-configuration.html.

    Without one the answer is empty, as https://github.com/hashicorp/terraform-provider-aws takes it.
    """
    _, session = enabled(call)
    return {} if session.export is None else {"configuration": session.export}


@operation("macie2", "PutClassificationExportConfiguration")
def put_classification_export_configuration(call: Call, configuration: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/macie/latest/APIReference/classification-export-configuration.html.

    Whether the policies of bucket and key let Macie in is not checked. The code is guessed.

    Raises:
        AwsFault: there is no such bucket, or it is not owned by whom it should be.
    """
    _, session = enabled(call)
    destination = configuration.get("s3Destination") or {}
    _, owner = s3_backends.bucket_accounts.get(destination.get("bucketName"), (None, None))
    if owner is None or destination.get("expectedBucketOwner", owner) != owner:
        raise invalid("The request failed because the S3 bucket doesn't exist, or isn't owned by the expected account")
    session.export = configuration
    return {"configuration": configuration}
