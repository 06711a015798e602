"""A conformance suite for SageMaker containers: it does what the platform does, and says which rule a server breaks.

Rules: standard library only, imports by dots only, because byocgen copies this folder into every project it makes,
where `python -m verify` and the project's tests run it. The parts: `rule` says what a check and its outcome are,
`check_*` hold the checks by subject, `session` is one server under test, `suite` runs checks, `report` words them.
"""
