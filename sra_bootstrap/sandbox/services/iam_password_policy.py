"""AWS IAM: the password policy of an account, which moto keeps."""

from __future__ import annotations

from typing import Any

from moto.iam.models import iam_backends

from sra_bootstrap.sandbox.extension import Call, operation
from sra_bootstrap.sandbox.faults import AwsFault


@operation("iam", "GetAccountPasswordPolicy")
def get_account_password_policy(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html.

    What is not limited is left out: moto says that passwords are good for 0 days.

    Raises:
        AwsFault: the account has none of its own.
    """
    policy = iam_backends[call.account_id][call.partition].account_password_policy
    if policy is None:
        raise AwsFault("NoSuchEntity", f"The Password Policy with domain name {call.account_id} cannot be found.")
    limits = {"MaxPasswordAge": policy.max_password_age, "PasswordReusePrevention": policy.password_reuse_prevention}
    return {
        "PasswordPolicy": {
            "MinimumPasswordLength": policy.minimum_password_length,
            "RequireSymbols": policy.require_symbols,
            "RequireNumbers": policy.require_numbers,
            "RequireUppercaseCharacters": policy.require_uppercase_characters,
            "RequireLowercaseCharacters": policy.require_lowercase_characters,
            "AllowUsersToChangePassword": policy.allow_users_to_change_password,
            "ExpirePasswords": bool(policy.max_password_age),
            "HardExpiry": bool(policy.hard_expiry),
            **{name: limit for name, limit in limits.items() if limit},
        }
    }
