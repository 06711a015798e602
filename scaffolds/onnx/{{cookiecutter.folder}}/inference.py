"""Your code around the model. Every function is optional: without one, the server does what its comment says.

Change this file freely; byocgen never touches it again. Remove the comment signs of what you need. What goes wrong here
is logged with its traceback; the caller only sees the kind of error. `logging` goes to the endpoint's log as JSON.
Each function may take one more parameter, `context`: the request's id and headers.
"""

# Load the model. Without it: model.onnx or another single .onnx or .ort file, as a session that shares the CPUs with the
# other workers (serving/session.py has the options). Files of external data belong beside it.
#
# def model_fn(model_dir):
#     return onnxruntime.InferenceSession(os.path.join(model_dir, "model.onnx"))


# Decode a request. Without it: {"instances": [...]} as JSON, text/csv and others, checked against the graph's inputs: rows
# for one input of [rows, features] or for inputs of one value a row, else an object with each input by its name.
# `request_body` is str for JSON and text, bytes for anything else. A ValueError raised here becomes status 400.
#
# def input_fn(request_body, request_content_type):
#     return {"measures": numpy.array(json.loads(request_body)["instances"], dtype=numpy.float32)}


# Predict. Without it: session.run for all outputs; one output as it is, several as {"name": value, ...} a row.
# `input_data` is a numpy array for one input, a dict of arrays by name for several, in the graph's types.
# In a batch job it is called for each part of a large request by itself, and gives a result an instance.
#
# def predict_fn(input_data, model):
#     names = ["setosa", "versicolor", "virginica"]
#     (probabilities,) = model.run(["probabilities"], {"measures": input_data})
#     return [names[index] for index in probabilities.argmax(axis=1)]


# Encode the response. Without it: {"predictions": [...]}, CSV or others, as the Accept header asks.
# Return bytes or str, or a pair of body and content type.
#
# def output_fn(prediction, accept):
#     return json.dumps({"scores": prediction.tolist()}), "application/json"
