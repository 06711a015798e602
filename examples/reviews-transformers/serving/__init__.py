"""The serving app: answers /ping and /invocations as a SageMaker endpoint expects. `python -m serving serve` starts it.

A file each: `supervisor` (process 1) keeps a `crew` of `worker` processes, which may be forked from a `template`; a
worker runs `app` (the routes) and `invoke` (a request's way) over a `predictor` (the model and the functions of
inference.py), in a `lane` of threads; `protocol` is HTTP with its limits; `access`, `board` and `metrics` say what
happened. `decoding` turns a request into what the model gets, `output` turns predictions into a response.
"""
