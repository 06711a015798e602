"""An AWS that runs on this machine: moto's server with the gaps closed that a SageMaker stack meets.

Rules: nothing here knows byocgen or a generated project. A gap is one function that `server.PATCHES` lists: it
replaces methods of moto, and a test beside it shows that stock moto still has the gap; when that test fails, the
function goes. `started` (in `stand_in`) runs the server; `overrides` writes what Terraform needs.
"""
