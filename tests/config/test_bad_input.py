from __future__ import annotations

from pathlib import Path

import pytest

from sra_bootstrap.config import example, load
from sra_bootstrap.errors import InputError
from sra_bootstrap.registry import discover
from tests.config.documents import edited, line_of, refusal

NETWORK = "    name: Network\n"
SIX_LEVELS = "  Security:\n    a:\n      b:\n        c:\n          d:\n            e:\n"


def with_email(email: str) -> tuple[str, str, str, list[str]]:
    return ("email: logs@example.com", f"email: {email}", "email: ", ["accounts.log-archive.email: AWS would refuse"])


@pytest.mark.parametrize(
    ("old", "new", "marker", "words"),
    [
        pytest.param("roles:\n", "bogus: 1\nroles:\n", "bogus", ['unknown key "bogus"', "roles"], id="key_at_the_top"),
        pytest.param(
            "  home_region",
            "  hom_region",
            "hom_region",
            ['"hom_region"; did you mean "home_region"?'],
            id="key_section",
        ),
        pytest.param(
            NETWORK,
            NETWORK + "    ouu: x\n",
            "ouu",
            ['accounts.network.ouu: unknown key "ouu"; did you mean "ou"?'],
            id="key_of_an_account",
        ),
        pytest.param(
            "  network: network", "  netwrok: network", "netwrok", ['did you mean "network"?'], id="key_of_a_role"
        ),
        pytest.param("  watch:", "  wacht:", "wacht:", ['"wacht"; did you mean "watch"?'], id="step_that_is_not_there"),
        pytest.param("    who:", "    whom:", "whom:", ["steps.watch.whom", 'did you mean "who"?'], id="key_of_a_step"),
        pytest.param(
            "logs: true", "log: true", "log:", ["steps.watch.plans.log", 'did you mean "logs"?'], id="key_in_a_step"
        ),
        pytest.param(
            "    ou: Workloads\n",
            "",
            "network:",
            ["accounts.network.ou", "missing", "Workloads/Prod"],
            id="key_missing",
        ),
        pytest.param(
            "name: Network", "name: 7", "name: 7", ["it must be text; put it in quotes"], id="number_for_text"
        ),
        pytest.param("name: Network", "name: [a]", "name: [a]", ["it must be text, not a list"], id="list_for_text"),
        pytest.param("name: Network", "'name':", "'name'", ["text, not nothing"], id="nothing_for_text"),
        pytest.param("    Prod: {}", "    Prod: x", "Prod", ["it must be a mapping, not 'x'"], id="text_for_a_mapping"),
        pytest.param(
            "    Prod: {}", "    - Prod", "Workloads:", ["it must be a mapping, not a list"], id="list_for_a_mapping"
        ),
        pytest.param("who: ALL", "who: SOME", "who:", ["'ALL' or 'NONE'"], id="word_that_is_none_of_the_choices"),
        pytest.param(
            "  cross_account_role",
            "  management_account_id: 111122223333\n  cross_account_role",
            "management_account_id",
            ["it must be text; put it in quotes"],
            id="account_id_without_quotes",
        ),
        pytest.param(
            "  cross_account_role",
            '  management_account_id: "1111"\n  cross_account_role',
            "management_account_id",
            ["it must be twelve digits"],
            id="account_id_that_is_too_short",
        ),
        pytest.param("OrganizationAccountAccessRole", "My Role", "cross_account_role", ["'My Role'"], id="role_name"),
        pytest.param(
            "home_region: eu-west-1",
            "home_region: eu-wets-1",
            "home_region",
            ['there is no region "eu-wets-1"; did you mean "eu-west-1"?'],
            id="region_that_does_not_exist",
        ),
        pytest.param("- us-east-1", "- us-gov-west-1", "- us-gov", ["another partition", "remove it"], id="partition"),
        pytest.param(
            "    - eu-west-1\n",
            "",
            "governed_regions",
            ["the home region eu-west-1 must be one of them; add"],
            id="home_region_that_is_not_governed",
        ),
        pytest.param(
            "    - us-east-1\n",
            "    - eu-west-1\n    - 'eu-west-1'\n",
            "- 'eu-west-1'",
            ["twice"],
            id="region_that_is_named_twice",
        ),
        pytest.param(
            "  Security:\n", SIX_LEVELS, "e:", ["6 levels deep; OUs go 5 levels deep at most"], id="six_levels"
        ),
        pytest.param("    Prod: {}", "    Pr/od: {}", "Pr/od", ["no slash, which separates"], id="slash_in_an_ou"),
        pytest.param("  Security:\n", f"  {'x' * 129}:\n", "xxx", ["1 to 128 characters"], id="long_name_of_an_ou"),
        pytest.param(
            "ou: Workloads/Prod",
            "ou: Workload/Prod",
            "ou: Workload/",
            ['there is no OU "Workload/Prod"', 'did you mean "Workloads/Prod"?'],
            id="ou_that_is_not_there",
        ),
        pytest.param("  network:\n", "  management:\n", "management:", ["choose another key"], id="reserved_key"),
        pytest.param(
            "  network:\n", "  Net_work:\n", "Net_work:", ["lower-case letters, digits and hyphens"], id="key"
        ),
        pytest.param("name: Network", f"name: {'x' * 51}", "name: xx", ["1 to 50 characters"], id="long_name"),
        pytest.param("name: Network", "name: Nëtwork", "name: Në", ["ASCII"], id="name_beyond_ascii"),
        pytest.param(
            "name: Network",
            "'name': Log Archive",
            "'name'",
            ["log-archive has the name Log Archive already"],
            id="two_accounts_with_one_name",
        ),
        pytest.param(
            NETWORK,
            NETWORK + "    email: LOGS@example.com\n",
            "email: LOGS",
            ["log-archive has the email address", "each account needs its own"],
            id="two_with_one_email",
        ),
        pytest.param(*with_email("a@b"), id="email_too_short"),
        pytest.param(*with_email(f"{'x' * 60}@example.com"), id="email_too_long"),
        pytest.param(*with_email("lögs@example.com"), id="email_beyond_ascii"),
        pytest.param(*with_email("logs.example.com"), id="email_without_an_at"),
        pytest.param(*with_email("lo@gs@example.com"), id="email_with_two_ats"),
        pytest.param(*with_email('"lo gs@example.com"'), id="email_with_a_space"),
        pytest.param(*with_email("lo(g)s@example.com"), id="email_with_brackets"),
        pytest.param(*with_email(".logs@example.com"), id="email_that_begins_with_a_dot"),
        pytest.param(*with_email("logs@exam_ple.com"), id="email_with_an_underscore_in_its_domain"),
        pytest.param(*with_email("logs@-example.com"), id="email_whose_domain_begins_with_a_hyphen"),
        pytest.param(*with_email("logs@examplecom"), id="email_whose_domain_has_no_dot"),
        pytest.param("aws+{key}@", "aws@", "email_template", ["it must hold {key}"], id="template_without_key"),
        pytest.param(
            "aws+{key}@", "aws{name}{key}@", "email_template", ["no other braces"], id="template_with_other_braces"
        ),
        pytest.param(
            "@example.com\naccounts", "@example\naccounts", "email_template", ["must have a dot"], id="template"
        ),
        pytest.param("environment: prod", "aws:x: prod", "aws:x", ["tags.aws:x"], id="tag_that_is_reserved"),
        pytest.param("environment: prod", f"{'x' * 129}: prod", "xxx", ["128"], id="long_tag_key"),
        pytest.param("environment: prod", f"environment: {'x' * 257}", "environment", ["256"], id="long_tag_value"),
        pytest.param("environment: prod", "environment: 7", "environment", ["put it in quotes"], id="number_for_a_tag"),
        pytest.param(
            "      environment: prod\n",
            "".join(f"      t{n}: x\n" for n in range(51)),
            "tags:",
            ["at most 50"],
            id="too_many_tags",
        ),
        pytest.param(
            "  network: network\n",
            "  network: net-work\n",
            "network: net-work",
            ['roles.network: there is no account "net-work" in accounts; did you mean "network"?'],
            id="role",
        ),
        pytest.param(
            "  ground:\n    enabled: true",
            "  ground:\n    enabled: false",
            "enabled: false",
            ["steps.ground.enabled: the step watch stands on it; enable it"],
            id="step_that_another_stands_on",
        ),
        pytest.param(
            "    Prod: {}", "    Prod: {}\n    'Prod':", "'Prod'", ["Prod", "keep one of them"], id="key_there_twice"
        ),
    ],
)
def test_what_is_wrong_is_said_on_its_line_with_what_would_be_right(
    tmp_path: Path, old: str, new: str, marker: str, words: list[str]
) -> None:
    text = edited(old, new)
    start = f"config.yaml:{line_of(text, marker)}: "

    said = refusal(tmp_path, text)

    assert [line for line in said if line.startswith(start) and all(word in line for word in words)], said


@pytest.mark.parametrize(
    ("key", "use"), [("names", "names: {cloudtrial: x}"), ("buckets", "buckets: {cloudtrial: {name: xyz}}")]
)
def test_a_use_that_no_step_has_is_refused(tmp_path: Path, key: str, use: str) -> None:
    text = example("eu-west-1", "aws+{key}@example.com").replace(f"    {key}: {{}}\n", f"    {use}\n", 1)
    file = tmp_path / "config.yaml"
    file.write_text(text)

    with pytest.raises(InputError) as raised:
        load(file, discover())

    assert 'no step has a use called "cloudtrial"; did you mean "cloudtrail"?' in str(raised.value)
