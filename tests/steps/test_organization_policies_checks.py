"""What is wrong with policies is told when config.yaml is read, with the line of it and that of the policy's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sra_bootstrap.config import Settings, example, load
from sra_bootstrap.errors import InputError
from sra_bootstrap.registry import discover
from steps.common.policy_types import EVERY
from steps.organization_policies.shipped import shipped
from tests.steps.organization_policies_by_hand import AI, RCP, SCP, STEP
from tests.steps.test_organization_policies import EXAMPLES, PERIMETER

EC2 = "DECLARATIVE_POLICY_EC2"


def loaded(folder: Path, text: str, policy_type: str = SCP, name: str = "policy.yaml", **more: Any) -> Settings:
    """What the command line reads where a policy of a file is all that there is."""
    (folder / name).write_text(text)
    config = YAML(typ="safe").load(example("eu-west-1", "aws+{key}@example.com"))
    section = {"type": policy_type, "file": name, "attach_to": ["root"]} | more
    config["steps"] = {STEP: {"policies": {"ours": section}}}
    path = folder / "config.yaml"
    path.write_text(json.dumps(config, indent=1))
    return load(path, discover())


def refusal(folder: Path, text: str, policy_type: str = SCP, name: str = "policy.yaml", **more: Any) -> list[str]:
    """What is wrong, without where in config.yaml it is, which is on the line of the file."""
    with pytest.raises(InputError) as raised:
        loaded(folder, text, policy_type, name, **more)
    lines = (folder / "config.yaml").read_text().splitlines()
    for problem in raised.value.problems:
        assert any(word in lines[problem.line - 1] for word in (name, "root", "Nowhere", '"ours"')), problem
    return [problem.message.partition("ours")[2].partition(": ")[2] for problem in raised.value.problems]


def scp(statement: str) -> str:
    return f'Version: "2012-10-17"\nStatement:\n  - {{{statement}}}\n'


DENY = "Effect: Deny, Action: s3:*, Resource: '*'"
WRONG: dict[str, tuple[str, str, str]] = {
    "neither JSON nor YAML": (SCP, "Version: [", "policy.yaml:1: this is not YAML"),
    "a list": (SCP, "- Version", "policy.yaml:1: it must be a mapping"),
    "a key twice": (SCP, scp(DENY) + "Version: x\n", "policy.yaml:4: Version: this key is there twice"),
    "an unknown variable": (SCP, scp(DENY.replace("'*'", "arn:<<acount.x>>")), "3: there is no variable <<acount.x>>"),
    "a list in a text": (
        SCP,
        scp(DENY.replace("'*'", "arn:<<governed_regions>>")),
        "3: <<governed_regions>> is a list",
    ),
    "a variable in a key": (AI, "services: {<<root>>: {}}", "policy.yaml:1: there can be no variable in the key"),
    "a fraction": (EC2, "ec2_attributes: {exception_message: {'@@assign': 1.5}}", "put it in quotes"),
    "no version": (SCP, scp(DENY).partition("\n")[2], "policy.yaml:1: Version must be 2012-10-17"),
    "an element too many": (SCP, "Name: x\n" + scp(DENY), "policy.yaml:1: a policy has no element Name"),
    "no statement": (SCP, 'Version: "2012-10-17"\nStatement: []', "policy.yaml:2: there must be at least one"),
    "a principal in an SCP": (
        SCP,
        scp(f"{DENY}, Principal: '*'"),
        "policy.yaml:3: a statement of such a policy has no",
    ),
    "no effect": (SCP, scp("Action: s3:*, Resource: '*'"), "policy.yaml:3: Effect must be Allow or Deny"),
    "no resource": (SCP, scp("Effect: Deny, Action: s3:*"), "3: a statement must have Resource or NotResource, once"),
    "both actions": (SCP, scp(f"{DENY}, NotAction: s3:*"), "3: a statement must have Action or NotAction, once"),
    "a number of a resource": (SCP, scp("Effect: Deny, Action: s3:*, Resource: 7"), "3: it must be text, or a list"),
    "no ARN": (SCP, scp(DENY.replace("'*'", "bucket")), "3: bucket is no resource"),
    "no service": (SCP, scp(DENY.replace("s3:*", "s4:*")), "3: there is no service s4"),
    "no action": (SCP, scp(DENY.replace("s3:*", "s3:GetObjekt")), "no action s3:GetObjekt; did you mean s3:GetObject?"),
    "no matching action": (SCP, scp(DENY.replace("s3:*", "s3:Gat*")), "3: no action of s3 is matched by Gat*"),
    "no colon": (SCP, scp(DENY.replace("s3:*", "s3")), "3: s3 is no action"),
    "no operator": (
        SCP,
        scp(f"{DENY}, Condition: {{Equals: {{'aws:a': b}}}}"),
        "3: there is no condition operator Equals",
    ),
    "no condition key": (SCP, scp(f"{DENY}, Condition: {{StringEquals: {{a: b}}}}"), "3: a is no condition key"),
    "a Sid": (SCP, scp(f"{DENY}, Sid: 'a b'"), "3: a Sid must be letters and digits"),
    "a Sid twice": (
        SCP,
        scp(f"{DENY}, Sid: a") + f"  - {{{DENY}, Sid: a}}\n",
        "policy.yaml:4: there are two statements with the Sid a",
    ),
    "an RCP that allows": (
        RCP,
        scp("Effect: Allow, Principal: '*', Action: s3:*, Resource: '*'"),
        "Effect must be Deny",
    ),
    "an RCP for some": (RCP, scp(f"{DENY}, Principal: {{AWS: '1'}}"), '3: Principal must be "*"'),
    "an RCP of everything": (
        RCP,
        scp("Effect: Deny, Principal: '*', Action: '*', Resource: '*'"),
        "must name services",
    ),
    "an RCP of EC2": (
        RCP,
        scp("Effect: Deny, Principal: '*', Action: ec2:RunInstances, Resource: '*'"),
        "3: resource control policies do not restrict the service of ec2:RunInstances",
    ),
    "another type": (EC2, "s3_attributes: {}", "1: there is no setting s3_attributes"),
    "a setting's name": (
        EC2,
        "ec2_attributes:\n  serial_console_acess: {}",
        "policy.yaml:2: there is no setting serial_console_acess; did you mean serial_console_access?",
    ),
    "a setting's value": (
        AI,
        "services:\n  default:\n    opt_out_policy:\n      '@@assign': out",
        "policy.yaml:4: it must be one of optIn, optOut",
    ),
    "no operator of a value": (
        AI,
        "services: {default: {opt_out_policy: optOut}}",
        "it must be a value by an operator",
    ),
    "a list where there is one": (
        AI,
        "services: {default: {opt_out_policy: {'@@append': [optOut]}}}",
        "there is no operator @@append here",
    ),
    "one where there is a list": (
        "SECURITYHUB_POLICY",
        "securityhub: {enable_in_regions: {'@@assign': eu-west-1}}",
        "it must be a list",
    ),
    "what must be there": (
        "INSPECTOR_POLICY",
        "inspector: {enablement: {ec2_scanning: {enable_in_regions: {'@@assign': []}}}}",
        "policy.yaml:1: disable_in_regions is missing",
    ),
    "operators of children": (
        AI,
        "services: {'@@operators_allowed_for_child_policies': [no]}",
        "it must be a list of @@all, @@none, @@assign, @@append, @@remove",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("policies")


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_file_is_told_with_its_line(folder: Path, what: str) -> None:
    policy_type, text, words = WRONG[what]

    assert any(words in message for message in refusal(folder, text, policy_type))


def test_json_is_checked_as_json(folder: Path) -> None:
    assert "policy.json:2: this is not JSON" in refusal(folder, '{\n"Version": ,}', name="policy.json")[0]
    assert loaded(folder, json.dumps(EXAMPLES[SCP], indent="\t"), name="policy.json")


def test_what_aws_measures_is_measured_without_white_space(folder: Path) -> None:
    def long(characters: int) -> str:
        resource = "arn:" + "x" * characters
        return scp(f"Effect: Deny, Action: s3:*, Resource: {resource}") + "\n" * 20_000

    [message] = refusal(folder, long(11_000))
    assert "policy.yaml: it has 11" in message
    assert "a policy of this type has 10240 at most" in message
    assert loaded(folder, long(10_000))


def test_what_policies_are_attached_to_must_be_there_once_and_have_room(folder: Path) -> None:
    text = json.dumps(EXAMPLES[AI])

    messages = refusal(folder, text, AI, attach_to=["Nowhere", "root", "root"])

    assert messages == [
        "there is no OU and no account Nowhere; the root is called root, OUs go by their paths, accounts by their keys",
        "it is attached to root twice; keep one of them",
    ]
    (folder / "policy.yaml").write_text(json.dumps(EXAMPLES[RCP]))
    config = json.loads((folder / "config.yaml").read_text())
    one = {"type": RCP, "file": "policy.yaml", "attach_to": ["root"]}
    config["steps"][STEP]["policies"] = {f"p{number}": one for number in range(5)}
    (folder / "config.yaml").write_text(json.dumps(config))
    with pytest.raises(
        InputError, match=f"root would have 5 of these and RCPFullAWSAccess; it may have 5 of the type {RCP}"
    ):
        load(folder / "config.yaml", discover())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"baseline": "ai-opt-out"}, "it must have either a file or a baseline"),
        ({"file": None, "type": None}, "it must have either a file or a baseline"),
        ({"type": None}, "it must have a type with its file"),
        ({"type": None, "file": None, "baseline": "x"}, 'no policy ships as "x"'),
    ],
)
def test_a_policy_is_a_file_with_its_type_or_one_that_ships(folder: Path, more: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        loaded(folder, "", **more)


def test_a_name_of_aws_is_not_for_us(folder: Path) -> None:
    loaded(folder, PERIMETER.replace("<<home_region>>", "iam"))
    config = json.loads((folder / "config.yaml").read_text())
    section = config["steps"][STEP]
    section["policies"] = {"FullAWSAccess": section["policies"]["ours"]}
    section["prefix"] = ""
    (folder / "config.yaml").write_text(json.dumps(config))

    with pytest.raises(InputError, match="FullAWSAccess is the name of a policy of AWS's own"):
        load(folder / "config.yaml", discover())


def test_an_action_that_is_newer_than_the_list_may_be_named(folder: Path) -> None:
    text = scp(DENY.replace("s3:*", "s3:FoldObject"))
    refusal(folder, text)
    config = json.loads((folder / "config.yaml").read_text())
    config["steps"][STEP]["newer_actions"] = ["s3:FoldObject"]
    (folder / "config.yaml").write_text(json.dumps(config))

    assert load(folder / "config.yaml", discover())


def test_what_is_right_is_accepted(folder: Path) -> None:
    for policy_type in EVERY:
        assert loaded(folder, json.dumps(EXAMPLES[policy_type]), policy_type)


def test_every_policy_that_ships_says_what_it_is_for() -> None:
    assert shipped()
    assert all(10 < len(one.description) < 490 and one.text.text.startswith("# ") for one in shipped().values())
