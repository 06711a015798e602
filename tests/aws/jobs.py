"""Batch transform in front of a real container: every object of the input becomes an object of the output.

Rules: without a container (see `runtime`) moto's job stays, which is Completed at once and has written nothing. Each object is
one request; how SageMaker cuts lines into requests is not imitated.
"""

import os
import posixpath
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.responses import SageMakerResponse

from . import objects
from .patching import Replace
from .runtime import VARIABLE, ask

REFUSED = "ClientError: See job logs for more information"


def transform_with_the_container(replace: Replace) -> None:
    """Moto reads no input and writes no output."""
    container = os.environ.get(VARIABLE)
    if not container:
        return
    create = SageMakerResponse.create_transform_job

    def create_transform_job(self: SageMakerResponse) -> ActionResult:
        answer = create(self)
        name = self._get_param("ModelName")
        self.sagemaker_backend.describe_model(name)  # an error where there is none
        job = self.sagemaker_backend.transform_jobs[self._get_param("TransformJobName")]
        failed = _transform(self, container)
        vars(job).update(
            transform_job_status="Failed" if failed else "Completed", failure_reason=REFUSED if failed else None
        )
        return answer

    replace(SageMakerResponse, "create_transform_job", create_transform_job)


def _transform(response: SageMakerResponse, container: str) -> bool:
    """Write the answers; whether one was refused."""
    given: Any = response._get_param("TransformInput")  # noqa: SLF001 - moto has no public way to parameters
    output: str = response._get_param("TransformOutput")["S3OutputPath"]  # noqa: SLF001
    prefix: str = given["DataSource"]["S3DataSource"]["S3Uri"]
    headers = {"Content-Type": given.get("ContentType", "")}
    failed = False
    for location in objects.below(response.current_account, prefix):
        body = objects.read(response.current_account, location) or b""
        status, _, answered = ask(f"{container}/invocations", body, headers)
        failed = failed or status != 200
        if status == 200:
            inside = posixpath.basename(location)
            objects.write(response.current_account, f"{output.rstrip('/')}/{inside}.out", answered)
    return failed
