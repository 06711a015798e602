"""The serving app: answers /ping and /invocations as a SageMaker endpoint expects. `python -m serving serve` starts it.

A file each: `supervisor` (process 1) starts `worker` processes; a worker runs `app` (HTTP) over a `predictor` (the
model and the functions of inference.py); `json_body` and `csv_body` turn a request into rows, `reply` turns predictions
into a response.
"""
