"""Your code around the model. Every function is optional: without one, the server does what its comment says.

Change this file freely; byocgen never touches it again. Remove the comment signs of what you need. What goes wrong here
is logged with its traceback; the caller only sees the kind of error. `logging` goes to the endpoint's log as JSON.
"""

# Load the model. Without it: the .joblib or .pkl file of the model folder; refused when another scikit-learn wrote it.
#
# def model_fn(model_dir):
#     return joblib.load(os.path.join(model_dir, "model.joblib"))


# Decode a request. Without it: {"instances": [...]} as JSON, and text/csv, checked against the model's columns.
# `request_body` is str for JSON and text, bytes for anything else. A ValueError raised here becomes status 400.
#
# def input_fn(request_body, request_content_type):
#     return numpy.array(json.loads(request_body)["instances"])


# Predict. Without it: model.predict(input_data). `input_data` is a numpy array with a row an instance, or a pandas
# DataFrame when the model was fitted on one and pandas is installed.
# In a batch job it is called for each part of a large request by itself, and gives a result an instance.
#
# def predict_fn(input_data, model):
#     return model.predict_proba(input_data)


# Encode the response. Without it: {"predictions": [...]} or CSV, as the Accept header asks.
# Return bytes or str, or a pair of body and content type.
#
# def output_fn(prediction, accept):
#     return json.dumps({"scores": prediction.tolist()}), "application/json"
