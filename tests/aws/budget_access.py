"""What a call to Budgets needs of IAM, where an action stands for many calls.

Rules: Service Authorization Reference, "Actions defined by AWS Budget Service".
"""

from collections.abc import Iterator

from .calls import Call
from .needs import Need
from .stand_in import ACCOUNT_ID


def needs(call: Call) -> Iterator[Need]:
    """Yield every permission that a call needs."""
    parameters, operation = call.parameters, call.operation
    about = parameters.get("Budget") or parameters.get("NewBudget") or parameters
    name = about.get("BudgetName")
    budget = parameters.get("ResourceARN", f"arn:aws:budgets::{ACCOUNT_ID}:budget/{name}")
    if "ForResource" in operation or operation.endswith("TagResource") or operation == "UntagResource":
        yield Need(f"budgets:{operation}", budget)
        return
    yield Need("budgets:ViewBudget" if operation.startswith("Describe") else "budgets:ModifyBudget", budget)
    if parameters.get("ResourceTags"):
        yield Need("budgets:TagResource", budget)
