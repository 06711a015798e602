"""Resource policies: a Deny statement counts only when its condition is met.

Moto answers 403 for a Deny whose condition is *not* met, so the usual TLS-only bucket policy blocks every upload.
"""

from typing import Any

from moto.iam.access_control import IAMPolicyStatement, PermissionResult

from .patching import Replace

# How requests are said to arrive: over TLS 1.3, as at AWS. The server itself speaks plain HTTP on the loopback device.
REQUEST = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}


def deny_only_when_the_condition_is_met(replace: Replace) -> None:
    """Evaluate `Bool` and `NumericLessThan`; another operator or key is an error, so that nothing is waved through."""
    stock = IAMPolicyStatement.is_action_permitted

    def is_action_permitted(self: IAMPolicyStatement, *args: Any, **kwargs: Any) -> PermissionResult:
        condition = self._statement.get("Condition")
        if self._statement["Effect"] != "Deny" or not condition:
            return stock(self, *args, **kwargs)
        tests = [(operator, *test) for operator, keys in condition.items() for test in keys.items()]
        if not all(_holds(*test) for test in tests):
            return PermissionResult.NEUTRAL
        met = IAMPolicyStatement({name: value for name, value in self._statement.items() if name != "Condition"})
        return stock(met, *args, **kwargs)

    replace(IAMPolicyStatement, "is_action_permitted", is_action_permitted)


def _holds(operator: str, key: str, wanted: str | list[str]) -> bool:
    values = wanted if isinstance(wanted, list) else [wanted]
    match operator:
        case "Bool":
            return REQUEST[key] in values
        case "NumericLessThan":
            return any(float(REQUEST[key]) < float(value) for value in values)
    message = f"the stand-in does not know the condition operator {operator}"
    raise NotImplementedError(message)
