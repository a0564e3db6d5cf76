"""The grammars of the other types: the settings that each has, and the operators by which they are inherited.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inheritance_mgmt.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sra_bootstrap.document import Place
from steps.common.policy_types import PolicyType
from steps.organization_policies.variables import VARIABLE

Problem = tuple[Place, str]


@dataclass(frozen=True)
class Setting:
    """What has a value: a list or not, and one of some values or any. An open one may be a mapping of settings."""

    many: bool = False
    choices: tuple[str, ...] = ()
    open: bool = False


Block = Mapping[str, "Node"]
"""Settings by their keys. A key with a `!` must be there; `*` stands for any other."""
Node = Setting | Block

_FOR_CHILDREN = "@@operators_allowed_for_child_policies"
_OPERATORS = ("@@all", "@@none", "@@assign", "@@append", "@@remove")
_ONE, _MANY, _ANY = Setting(), Setting(many=True), Setting(open=True)


def _either(*choices: str) -> Setting:
    return Setting(choices=choices)


_ENABLED = _either("enabled", "disabled")
_PREFERRED = _either("no_preference", "enabled", "disabled")
_REGIONS: Block = {"enable_in_regions!": _MANY, "disable_in_regions!": _MANY}
_FEATURE: Block = {"status!": _ENABLED}
_ORDER: Block = {"patch_order!": _either("first", "second", "last")}
_CHANNELS: Block = {"supported_channel_types": _MANY, "supported_role_settings": _MANY}

_GRAMMARS: dict[PolicyType, Block] = {
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html
    "DECLARATIVE_POLICY_EC2": {
        "ec2_attributes!": {
            "exception_message": _ONE,
            "vpc_block_public_access": {
                "internet_gateway_block!": {
                    "mode!": _either("off", "block_ingress", "block_bidirectional"),
                    "exclusions_allowed": _ENABLED,
                }
            },
            "serial_console_access": {"status!": _ENABLED},
            "image_block_public_access": {"state!": _either("unblocked", "block_new_sharing")},
            "snapshot_block_public_access": {"state!": _either("block_all_sharing", "block_new_sharing", "unblocked")},
            "allowed_images_settings": {
                "state!": _either("enabled", "disabled", "audit_mode"),
                "image_criteria": _ANY,
            },
            "instance_metadata_defaults": {
                "http_tokens": _either("no_preference", "required", "optional"),
                "http_put_response_hop_limit": _ONE,
                "http_endpoint": _PREFERRED,
                "instance_metadata_tags": _PREFERRED,
                "http_tokens_enforced": _PREFERRED,
            },
        }
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html
    "TAG_POLICY": {
        "tags!": {"*": {"tag_key": _ONE, "tag_value": _MANY, "enforced_for": _MANY, "report_required_tag_for": _MANY}}
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html
    "BACKUP_POLICY": {
        "plans!": {
            "*": {
                "regions!": _MANY,
                "rules!": {"*": _ANY},
                "selections!": {"tags": _ANY, "resources": _ANY},
                "advanced_backup_settings": _ANY,
                "backup_plan_tags": _ANY,
                "scan_settings": _ANY,
            }
        }
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
    "AISERVICES_OPT_OUT_POLICY": {"services!": {"*": {"opt_out_policy!": _either("optIn", "optOut")}}},
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_chatbot_syntax.html
    "CHATBOT_POLICY": {
        "chatbot!": {
            "platforms": {
                "slack": {
                    "client": _ENABLED,
                    "workspaces": _MANY,
                    "default": _CHANNELS,
                    "overrides": {"*": _CHANNELS},
                },
                "microsoft_teams": {
                    "client": _ENABLED,
                    "tenants": {"*": _MANY},
                    "default": _CHANNELS,
                    "overrides": {"*": {"*": _CHANNELS}},
                },
                "chime": {"client": _ENABLED},
            },
            "default": {"client": _ENABLED},
        }
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3_syntax.html
    "S3_POLICY": {"s3_attributes!": {"public_access_block_configuration!": _either("all", "none")}},
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_security_hub_syntax.html
    "SECURITYHUB_POLICY": {
        "securityhub!": {"enable_in_regions": _MANY, "disable_in_regions": _MANY, "features": {"*": _REGIONS}}
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inspector_syntax.html
    "INSPECTOR_POLICY": {
        "inspector!": {
            "enablement!": {
                "ec2_scanning": _REGIONS,
                "ecr_scanning": _REGIONS,
                "lambda_standard_scanning": {**_REGIONS, "lambda_code_scanning": _REGIONS},
                "code_repository_scanning": _REGIONS,
            }
        }
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_upgrade_syntax.html
    "UPGRADE_ROLLOUT_POLICY": {"upgrade_rollout!": {"default": _ORDER, "tags": {"*": {"tag_values!": {"*": _ORDER}}}}},
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_bedrock_syntax.html
    "BEDROCK_POLICY": {
        "bedrock!": {
            "guardrail_inference!": {
                "*": {
                    "*": {
                        "identifier!": _ONE,
                        "input_tags": _either("honor", "ignore"),
                        "selective_content_guarding": _ANY,
                        "model_enforcement": {"included_models": _MANY, "excluded_models": _MANY},
                    }
                }
            }
        }
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_network_security_director_syntax.html
    "NETWORK_SECURITY_DIRECTOR_POLICY": {
        "network_security_director!": {"enablement!": {"network_security_scan!": _REGIONS}}
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_guardduty_syntax.html
    "GUARDDUTY_POLICY": {
        "guardduty!": {
            "enablement!": {
                "*": {
                    "foundational": _FEATURE,
                    "s3_data_events": _FEATURE,
                    "eks_audit_logs": _FEATURE,
                    "ebs_malware_protection": _FEATURE,
                    "rds_login_events": _FEATURE,
                    "lambda_network_logs": _FEATURE,
                    "ai_protection": _FEATURE,
                    "runtime_monitoring": {
                        "status!": _ENABLED,
                        "additional_configuration": {
                            "eks_addon_management": _FEATURE,
                            "ec2_agent_management": _FEATURE,
                            "ecs_fargate_agent_management": _FEATURE,
                        },
                    },
                }
            }
        }
    },
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_security_hub_cspm_syntax.html
    "SECURITYHUB_CSPM_POLICY": {"*": _ANY},
}


def problems(policy_type: PolicyType, data: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with a policy, and where."""
    yield from _node(_GRAMMARS[policy_type], data, ())


def _node(node: Node, data: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(data, dict):
        kind = "a value by an operator, such as @@assign" if isinstance(node, Setting) else "a mapping"
        yield place, f"it must be {kind}"
        return
    if _FOR_CHILDREN in data:
        yield from _for_children(data[_FOR_CHILDREN], (*place, _FOR_CHILDREN))
    settings = {key: value for key, value in data.items() if key != _FOR_CHILDREN}
    if isinstance(node, Mapping):
        yield from _block(node, settings, place)
    elif node.open and not any(key.startswith("@@") for key in settings):
        for key, value in settings.items():
            yield from _node(_ANY, value, (*place, key))
    else:
        yield from _setting(node, settings, place)


def _block(block: Block, data: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    nodes = {key.removesuffix("!"): node for key, node in block.items()}
    for key in (key.removesuffix("!") for key in block if key.endswith("!")):
        if key not in data:
            yield place, f"{key} is missing"
    if not data:
        yield place, "it must not be empty"
    for key, value in data.items():
        node = nodes.get(key, nodes.get("*"))
        if key.startswith("@@"):
            yield (*place, key), f"{key} is for values; here are settings: {', '.join(nodes)}"
        elif node is None:
            close = get_close_matches(key, nodes, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(nodes)}"
            yield (*place, key), f"there is no setting {key}; {hint}"
        else:
            yield from _node(node, value, (*place, key))


def _setting(setting: Setting, data: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    lists = setting.many or setting.open
    operators = ("@@assign", "@@append", "@@remove") if lists else ("@@assign",)
    if not data:
        yield place, f"it has no value; give it one by {' or '.join(operators)}"
    for key, value in data.items():
        where = (*place, key)
        if key not in operators:
            yield where, f"there is no operator {key} here; there is {', '.join((*operators, _FOR_CHILDREN))}"
        elif setting.open:
            continue
        elif setting.many and not (isinstance(value, list) or value == "<<governed_regions>>"):
            yield where, "it must be a list"
        elif not setting.many and not isinstance(value, str | int):
            yield where, "it must be one value"
        elif setting.choices and value not in setting.choices and not VARIABLE.search(str(value)):
            yield where, f"it must be one of {', '.join(setting.choices)}"


def _for_children(operators: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(operators, list) or not set(map(str, operators)) <= set(_OPERATORS):
        yield place, f"it must be a list of {', '.join(_OPERATORS)}"
