"""The server: `python -m tests.aws.server --port N` (0: any free port). It prints its address when it listens.

Rules: loopback only; every patch is applied before the first request; `POST /_stand_in/FAULT` orders a fault,
`GET /_stand_in/needs/ROLE` tells what a role asked for (see `gate`).
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from . import budgets, ecr, gate, jobs, network, policies, replication, runtime, sagemaker, scaling, variants
from .faults import ORDERS, Fault
from .patching import Patch

HOST = "127.0.0.1"
CONTROL = "/_stand_in/"
ASKED = f"{CONTROL}needs/"
PATCHES: tuple[Patch, ...] = (
    policies.deny_only_when_the_condition_is_met,
    sagemaker.accept_every_hosting_instance_type,
    sagemaker.describe_without_empty_blocks,
    sagemaker.isolate_models,
    sagemaker.refuse_names_that_are_taken,
    sagemaker.remember_the_deployment_configuration,
    sagemaker.update_endpoints,
    variants.remember_shadow_variants,
    variants.keep_the_kind_of_an_endpoint,
    scaling.scale_what_is_kept_warm,
    scaling.tag_scalable_targets,
    scaling.keep_the_machine_of_a_scaled_variant,
    network.describe_rules_of_groups_and_prefix_lists,
    ecr.address_repositories_on_a_loopback_registry,
    ecr.describe_images_of_the_registry,
    runtime.invoke_the_container,
    runtime.invoke_the_container_later,
    jobs.transform_with_the_container,
    budgets.tell_the_subscribers,
    budgets.tag_budgets,
    budgets.update_budgets,
    replication.tell_all_of_a_rule,
)

Application = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]


class _QuietHandler(MotoRequestHandler):
    """One line a request would bury what a failing test prints."""

    def log_request(self, *_args: Any) -> None:
        return


def controlled(application: Application) -> Application:
    """Answer the control path here and hand everything else to `application`."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(CONTROL):
            return application(environ, start_response)
        if path.startswith(ASKED):
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(gate.told(path.removeprefix(ASKED))).encode()]
        ORDERS.place(Fault(path.removeprefix(CONTROL)))
        start_response("204 No Content", [])
        return []

    return call


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.aws.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    port = parser.parse_args().port
    for patch in PATCHES:
        patch(setattr)
    application = controlled(gate.guarded(DomainDispatcherApplication(create_backend_app)))
    server = make_server(HOST, port, application, threaded=True, request_handler=_QuietHandler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"http://{HOST}:{server.server_port}", flush=True)  # noqa: T201 - how the caller learns the port
    server.serve_forever()


if __name__ == "__main__":
    main()
