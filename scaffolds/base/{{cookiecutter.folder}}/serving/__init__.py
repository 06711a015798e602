"""The serving app: answers /ping and /invocations as a SageMaker endpoint expects. `python -m serving serve` starts it.

A map, in the order in which to read. Each file opens with what it is and the rules it keeps.

The model: what most changes to this folder are about.
    framework       the one file that knows your library: load, describe, call; files of its own may stand beside it
    loading         which model answers: model_fn's, a faster equal of the artifact, or the artifact itself
    trial           rows that show whether a faster way to call a model gives the same answers
    model_files     which file in the model's folder it is; pickles
    categories      columns of categories, for tree libraries
    hooks           inference.py: model_fn, input_fn, predict_fn, output_fn, transform_fn; `calling` calls them
    context         what these functions may ask about a request
    toolkit/        stands in for the package sagemaker_inference, where inference.py imports it
    predictor       all of it together: decode, predict, encode
    together        the same for several requests, with one prediction; `equality` says when answers are the same

What a request holds, and reading it.
    inputs          the three kinds: a table (`columns`), texts, tensors; and parameters
    declared        what the manifest says of the inputs against what the model says
    examples        a request made up from that
    decoding        which of these reads a body:
                    json_body (json_numbers), jsonl_body, npy_body, parquet_body,
                    csv_body (csv_lines, csv_header, csv_columns, csv_cells)
    instances       what the readers of JSON instances share: table, texts, tensors (tensor_values)
    cells, rows     one value of a table, and all of them as an array
    parameters      "parameters" of a request
    places          where in the request a value stands that turned out to be wrong

Predicting and answering.
    predictions     calling the model, block by block; `out_of_memory` makes the batch smaller
    media           Content-Type and Accept
    output          the response's format, all at once (`encoders`) or in pieces (`stream`)
    invocation, reply      what goes into the predictor and what comes out
    errors          every error, worded in one place

A request's way through a worker.
    application     stands for `app`, which it imports late
    app             the routes; also `batch`, `metrics`, `openapi` (openapi_schemas)
    invoke          from the body to the last byte of the answer; `body` reads the one, `streaming` sends pieces
    pace            how fast the model is: measured when it is warmed up
    gathering       so: which requests are answered together, in the event loop or beside it; a `call` waits there
    lane            threads, the queue in front of them, deadlines
    engine          what the routes share
    health          what /ping says
    memory_guard    refuses work while memory is short; `memory` reads the control group
    direct          /invocations and /ping below the application, where they are plain; `heads` knows what was read before
    protocol        HTTP with its limits; `upgrade` is a special case, `idling` waits for the client; `listening` sets
                    uvicorn up, `accepting` shares connections among workers, `handing` a busy one's requests

Processes.
    settings        serving.toml and the environment
    supervisor      process 1: starts workers, counts their `deaths`, stops; `crew` holds them, `workers` starts one
    worker          a worker's life; `startup` times its phases
    channel         messages between the two
    sharing         one copy of the model for all, forked from a `template`
    gpus            which GPU a worker has to itself
    board           numbers that all processes see
    multi_model/    many models in one container, loaded and unloaded as the platform says

What is logged.
    logs            JSON lines; `prints` makes them of print()
    access          the line for a request
"""
