"""AWS Config: recorders of other services of AWS, and resource types that a recorder is given or loses."""

from __future__ import annotations

from typing import Any

import boto3

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault
from sra_bootstrap.sandbox.services import iam_service_linked_roles as roles
from sra_bootstrap.sandbox.services.config_recorder import (
    PRINCIPAL,
    RESERVED,
    Recorder,
    described,
    new_arn,
    no_recorder,
    recording_of,
)
from sra_bootstrap.sandbox.services.config_recorder_groups import (
    ALL,
    EXCLUSION,
    INCLUSION,
    check_types,
    group_of,
    invalid,
    mode_of,
)
from sra_bootstrap.sandbox.services.config_recorder_status import start
from sra_bootstrap.sandbox.services.iam_service_linked_roles import Usage, tells_usage

_SERVICES = {
    "observabilityadmin.amazonaws.com": ("ObservabilityAdmin", ["AWS::EC2::VPC", "AWS::EC2::Instance"]),
    "securityhub.amazonaws.com": ("SecurityHubAssets", ["AWS::EC2::Instance", "AWS::S3::Bucket"]),
}
"""The names of the recorders of services, without what all begin with, and what they record; both are guessed."""


@operation("config", "PutServiceLinkedConfigurationRecorder")
def put_service_linked_configuration_recorder(
    call: Call, ServicePrincipal: str, Tags: list[dict[str, str]] | None = None
) -> dict[str, str]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_PutServiceLinkedConfigurationRecorder.html.

    "This API creates a service-linked role AWSServiceRoleForConfig in your account". "Service-linked configuration
    recorders are always recording", as the error UnmodifiableEntityException says.

    Raises:
        AwsFault: there is one of this service, or it has none.
    """
    here = recording_of(call.account_id, call.region)
    if ServicePrincipal not in _SERVICES:
        raise invalid(f"The service principal {ServicePrincipal} is not valid.")
    if ServicePrincipal in here.linked:
        raise AwsFault("ConflictException", f"There is a configuration recorder of {ServicePrincipal} already.")
    own, types = _SERVICES[ServicePrincipal]
    name, role = RESERVED + own, roles.ensure(call.account_id, call.partition, PRINCIPAL)
    recorder = Recorder(
        name,
        new_arn(call, name),
        role.arn,
        group_of({"resourceTypes": types}),
        mode_of(None),
        principal=ServicePrincipal,
        scope="INTERNAL",
        tags={tag["Key"]: tag["Value"] for tag in Tags or ()},
    )
    start(recorder)
    here.linked[ServicePrincipal] = recorder
    return {"Arn": recorder.arn, "Name": name}


@operation("config", "DeleteServiceLinkedConfigurationRecorder")
def delete_service_linked_configuration_recorder(
    call: Call, ServicePrincipal: str | None = None, Arn: str | None = None
) -> dict[str, str]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteServiceLinkedConfigurationRecorder.html.

    Raises:
        AwsFault: there is no such recorder.
    """
    linked = recording_of(call.account_id, call.region).linked
    for recorder in linked.values():
        if recorder.arn == Arn or recorder.principal == ServicePrincipal:
            del linked[str(recorder.principal)]
            return {"Arn": recorder.arn, "Name": recorder.name}
    raise no_recorder(ServicePrincipal or Arn or "")


@operation("config", "AssociateResourceTypes")
def associate_resource_types(call: Call, ConfigurationRecorderArn: str, ResourceTypes: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_AssociateResourceTypes.html."""
    return _change(call, ConfigurationRecorderArn, ResourceTypes, recorded=True)


@operation("config", "DisassociateResourceTypes")
def disassociate_resource_types(call: Call, ConfigurationRecorderArn: str, ResourceTypes: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_DisassociateResourceTypes.html."""
    return _change(call, ConfigurationRecorderArn, ResourceTypes, recorded=False)


def _change(call: Call, arn: str, types: list[str], *, recorded: bool) -> dict[str, Any]:
    """Have a recorder record types, or not; each strategy has a list to which they are added, or taken from.

    Raises:
        AwsFault: there is no such recorder; its strategy has no list; or the types are recorded, or not, already.
    """
    recorder = next((one for one in recording_of(call.account_id, call.region).recorders() if one.arn == arn), None)
    if recorder is None:
        raise no_recorder(arn)
    strategy = recorder.group["recordingStrategy"]["useOnly"]
    if strategy == ALL:
        raise invalid("The recording strategy of the configuration recorder does not allow this.")
    check_types(types)
    lists = {INCLUSION: recorder.group, EXCLUSION: recorder.group["exclusionByResourceTypes"]}
    listed, adds = lists[strategy]["resourceTypes"], recorded == (strategy == INCLUSION)
    if any((one in listed) == adds for one in types):
        raise invalid("One or more of the specified resource types are already associated or disassociated.")
    lists[strategy]["resourceTypes"] = [*listed, *types] if adds else [one for one in listed if one not in types]
    return {"ConfigurationRecorder": described(recorder)}


@tells_usage(PRINCIPAL)
def _recorders_with(account_id: str, role_arn: str) -> Usage:
    """The recorders of an account that use a role.

    "You must first delete the configuration recorder": https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html.
    """
    used = {
        region: [one.arn for one in recording_of(account_id, region).recorders() if one.role_arn == role_arn]
        for region in boto3.Session().get_available_regions("config")
    }
    return {region: arns for region, arns in used.items() if arns}
