"""BentoML, batching as its documentation advises."""

import os
from typing import Any

import bentoml
from served import load


@bentoml.service(
    workers=int(os.environ.get("WORKERS", "1")), traffic={"timeout": 60}, logging={"access": {"enabled": False}}
)
class Service:
    def __init__(self) -> None:
        self.model = load(os.environ["MODEL"])

    @bentoml.api(route="/invocations")
    def invocations(self, instances: list[Any]) -> dict[str, Any]:
        return {"predictions": self.model(instances)}
