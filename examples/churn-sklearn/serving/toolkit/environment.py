"""What the toolkit tells of the container: where things lie. The server's own numbers are in serving.toml."""

import os

from serving.settings import CONTAINER_MODEL_DIR, CONTAINER_PORT, PROJECT
from serving.toolkit import content_types, parameters

model_dir = os.environ.get("SM_MODEL_DIR") or CONTAINER_MODEL_DIR
code_dir = str(PROJECT)
base_dir = os.path.dirname(model_dir)  # noqa: PTH120 - text, as the toolkit has it


class Environment:
    """The same as attributes of an object."""

    def __init__(self) -> None:
        """Read the environment."""
        self.module_name = "inference"
        self.default_accept = os.environ.get(parameters.DEFAULT_INVOCATIONS_ACCEPT_ENV) or content_types.JSON
        self.inference_http_port = os.environ.get(parameters.BIND_TO_PORT_ENV) or CONTAINER_PORT
