"""The release flow, from a built image and a model archive to an endpoint that answers. `make help` shows its commands.

Rules: what is released is written in one committed file (see `record`), so a rollback is a revert of that file and an
apply. Names and addresses come from Terraform's outputs, never from here. Data goes to stdout, all else to stderr. A
failure is one line that says what to change, with exit status 2; 1 for a deployment that failed, Terraform's own when
Terraform failed, 130 when interrupted.
"""
