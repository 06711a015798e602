"""Your code around the model. Every function is optional: without one, the server does what its comment says.

Change this file freely; byocgen never touches it again. Remove the comment signs of what you need. What goes wrong here
is logged with its traceback; the caller only sees the kind of error. `logging` goes to the endpoint's log as JSON.
Modules of your own beside this file can be imported. Each function may take one more parameter, `context`.
"""

# Load the model. Without it: what save_pretrained wrote into the model folder (config.json, model.safetensors, tokenizer
# files), for the task that model.task of byocgen.yaml or the model's architecture names. Nothing is fetched from the
# hub, and no code of a model folder is run (trust_remote_code).
#
# def model_fn(model_dir):
#     return transformers.pipeline("text-classification", model=model_dir)


# Decode a request. Without it: {"inputs": "a text" or ["a text", ...], "parameters": {...}}, {"instances": [...]}, CSV and
# JSON Lines, as a list with a dict an instance: {"text": ...}, or {"question": ..., "context": ...}. With a model_fn of
# yours it is {"inputs": [...]}, as in Hugging Face's containers. A ValueError raised here becomes status 400.
#
# def input_fn(request_body, request_content_type):
#     return json.loads(request_body)["texts"]


# Predict. Without it: the task's answer for each instance, for instance {"label": ..., "score": ...}.
# `model` is what model_fn returned; without that an object with .model, .tokenizer and .device.
# In a batch job it is called for each part of a large request by itself, and gives a result an instance.
#
# def predict_fn(input_data, model):
#     return model(input_data["inputs"])


# Encode the response. Without it: {"predictions": [...]}, an answer an instance.
# Return bytes or str, or a pair of body and content type.
#
# def output_fn(prediction, accept):
#     return json.dumps(prediction), "application/json"
