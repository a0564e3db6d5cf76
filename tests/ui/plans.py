"""Plans as steps make them, put together by hand."""

from __future__ import annotations

from collections.abc import Iterable

from sra_bootstrap.model import Action, Address, Blocked, Change, Plan, Resource, StepPlan, Target
from sra_bootstrap.values import Attrs, Ref

ORGANIZATION = Target("organization")
REGIONS = (
    *("eu-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1"),
    *("eu-west-2", "eu-west-3", "eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-southeast-1", "ap-southeast-2"),
)
MEMBERS = ("security-tooling", "log-archive", "network", "shared-services", *(f"workload-{n}" for n in range(1, 8)))
ACCOUNTS = ("management", *MEMBERS)
PLANS = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING")


def create(kind: str, at: Target, name: str = "", /, **after: object) -> Change:
    return Change(Address(kind, at, name), Action.CREATE, {}, _attrs(after))


def update(kind: str, at: Target, name: str, before: Attrs, after: Attrs) -> Change:
    return Change(Address(kind, at, name), Action.UPDATE, before, after)


def delete(kind: str, at: Target, name: str = "", /, **before: object) -> Change:
    return Change(Address(kind, at, name), Action.DELETE, _attrs(before), {})


def targets(accounts: Iterable[str], regions: Iterable[str]) -> list[Target]:
    regions = tuple(regions)
    return [Target(account, region) for account in accounts for region in regions]


def _attrs(attrs: object) -> Attrs:
    assert isinstance(attrs, dict)
    return attrs


EMPTY = Plan((StepPlan("preflight"), StepPlan("organization"), StepPlan("guardduty")))

FIRST = Plan(
    (
        StepPlan("preflight", notes=("AWS Control Tower has no landing zone here.",)),
        StepPlan("organization", (create("organization", Target("management"), feature_set="ALL"),)),
        StepPlan(
            "policy_types",
            tuple(create("policy-type", ORGANIZATION, n) for n in ("SERVICE_CONTROL_POLICY", "TAG_POLICY")),
        ),
        StepPlan(
            "trusted_access",
            tuple(
                create("trusted-access", ORGANIZATION, f"{service}.amazonaws.com")
                for service in ("access-analyzer", "account", "config", "guardduty", "malware-protection.guardduty")
            ),
        ),
        StepPlan(
            "accounts",
            (
                *(create("account", ORGANIZATION, key, email=f"aws+{key}@example.com", name=key) for key in MEMBERS),
                *(create("placement", ORGANIZATION, key, unit="Security") for key in MEMBERS[:2]),
                *(create("placement", ORGANIZATION, key, unit="Infrastructure") for key in MEMBERS[2:4]),
                *(create("placement", ORGANIZATION, key, unit="Workloads/Prod") for key in MEMBERS[4:]),
            ),
        ),
        StepPlan(
            "guardduty",
            (
                *(
                    create("administrator", at, account=Ref("account.security-tooling.id"))
                    for at in targets(["management"], REGIONS)
                ),
                *(
                    create("detector", at, status="ENABLED", features=dict.fromkeys(PLANS, "ENABLED"))
                    for at in targets(ACCOUNTS, REGIONS)
                ),
                *(
                    create(
                        "members",
                        at,
                        **{
                            key: {"status": "ENABLED", "features": dict.fromkeys(PLANS, "ENABLED")}
                            for key in MEMBERS[1:]
                        },
                    )
                    for at in targets(["security-tooling"], REGIONS)
                ),
            ),
            notes=tuple(
                f"GuardDuty does not offer AI_PROTECTION in {region}. It is left out at security-tooling/{region}."
                for region in REGIONS[5:8]
            ),
        ),
    )
)

UPDATES = Plan(
    (
        StepPlan("organization"),
        StepPlan("organizational_units"),
        StepPlan(
            "accounts",
            (
                update("placement", ORGANIZATION, "network", {"unit": ""}, {"unit": "Infrastructure"}),
                update("tags", ORGANIZATION, "network", {"owner": None, "tier": "1"}, {"owner": "net", "tier": "2"}),
            ),
            notes=("The account old (444455556666) is SUSPENDED, and is left out of everything.",),
            unmanaged=tuple(
                Resource(Address("account", ORGANIZATION, f"team-{n}@example.com"), {"name": f"team {n}"})
                for n in range(1, 14)
            ),
        ),
        StepPlan(
            "guardduty",
            (
                *(
                    update(
                        "detector",
                        at,
                        "",
                        {"features": {"S3_DATA_EVENTS": "DISABLED", "EKS_AUDIT_LOGS": "DISABLED"}, "frequency": "X"},
                        {"features": {"S3_DATA_EVENTS": "ENABLED", "EKS_AUDIT_LOGS": "ENABLED"}, "frequency": "Y"},
                    )
                    for at in targets(["security-tooling"], REGIONS[:3])
                ),
                update(
                    "filter",
                    Target("security-tooling", "eu-west-1"),
                    "quiet",
                    {"accounts": tuple("abcdef"), "archive": None, "account": "111122223333", "rank": 1},
                    {"accounts": tuple("bcdefg"), "archive": True, "account": Ref("account.network.id"), "rank": 2},
                ),
            ),
        ),
    )
)

BLOCKED = Plan(
    (
        StepPlan("preflight"),
        StepPlan(
            "accounts",
            (create("account", ORGANIZATION, "network", email="aws+network@example.com"),),
            (
                Blocked(
                    "organization account log-archive",
                    "The account 111122223333 has the address aws+log@example.com, and is SUSPENDED.",
                    "Reopen it through AWS Support, or give the new account another address.",
                ),
            ),
        ),
        StepPlan(
            "guardduty",
            blocked=(
                *(
                    Blocked(
                        f"management/{region} administrator",
                        f"GuardDuty is administered by old (444455556666) in {region}.",
                        "Name that account as roles.security_tooling, or remove it in every region first: aws "
                        f"guardduty disable-organization-admin-account --region {region} --admin-account-id 4444",
                    )
                    for region in REGIONS
                ),
                *(
                    Blocked(
                        f"security-tooling/{region} {kind}",
                        f"It stands on what is blocked: management/{region} administrator.",
                    )
                    for kind in ("detector", "organization-configuration", "members")
                    for region in REGIONS[:3]
                ),
                Blocked("workload-1/eu-west-1", "It cannot be read. AWS denies guardduty:ListDetectors.", "Allow it."),
            ),
        ),
    )
)

DESTROY = Plan(
    (
        StepPlan(
            "guardduty",
            tuple(
                delete(kind, at, status="ENABLED")
                for kind in ("members", "detector")
                for at in targets(["security-tooling"], REGIONS)
            ),
        ),
        StepPlan("accounts", kept=tuple(Address("account", ORGANIZATION, key) for key in MEMBERS)),
        StepPlan("organizational_units", (delete("unit", ORGANIZATION, "Workloads/Prod"),)),
        StepPlan("organization"),
    ),
    destroy=True,
)

HOSTILE = Plan(
    (
        StepPlan(
            "accounts",
            (
                create(
                    "tags",
                    ORGANIZATION,
                    "[red]a|b`c[/red]",
                    **{"[bold]k.y": "<img src=x> | `rm` **x** \\| $$x$$\nline\x1b[2J", "blank": " "},
                ),
            ),
            (
                Blocked(
                    "the [red] role", "It _has_ <b>|</b> [link](http://x) and `code`\non two lines\x1b[0m.", "~~no~~"
                ),
            ),
            ("A [blink]note[/blink] | with <script> & \x07.",),
            (Resource(Address("account", ORGANIZATION, "*x*|@team")),),
        ),
    )
)
