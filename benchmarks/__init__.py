"""The generated server beside its peers: `python -m benchmarks`, or `make bench`.

Rules: every server has an environment of its own with exact versions, serves the same model files, and is loaded in the
same run, round by round in turn, by the same load generator (wrk); answers are compared before anything is timed. What
is printed is ratios. Nothing here is a test: a timed assertion would fail on a busy machine and prove nothing on an idle one.

workloads     what is asked: a model, rows, a form
models        makes the model files, the same for everybody
peers         who answers, and how each wants to be asked
environments  installs a peer
server        a running one: its start, its memory, its end
load          wrk, and a client for streams
rounds        answers compared, warm-up, rounds in turn
queueing      requests on kept connections, behind a busy worker: a program of its own
stages        where a plain request's time goes inside the server: a program of its own; profile.md
limits        what HTTP alone and the model alone can do
predicting    one prediction in process: `python -m benchmarks.predicting`
generating    `byocgen new`, `--help`, a thousand manifests
results       what a run measured, as JSON
report        tables of ratios, plots
"""
