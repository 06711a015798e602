"""Your code around the model. Every function is optional: without one, the server does what its comment says.

Change this file freely; byocgen never touches it again. Remove the comment signs of what you need. What goes wrong here
is logged with its traceback; the caller only sees the kind of error. `logging` goes to the endpoint's log as JSON.
Modules of your own beside this file can be imported. Each function may take one more parameter, `context`.
"""

# Make the module that weights (model.safetensors, or a state_dict in a .pt file) belong to. The server loads them into
# it. Not needed for torch.export (.pt2) and TorchScript (.pt), which bring their code.
#
# def build_model():
#     return Net(features=4, classes=3)


# Load the model. Without it: the .pt2, .pt, .pth or .safetensors file of the model folder, on the GPU where there is one.
# A pickled module (torch.save(model, ...)) is refused: loading it would run code of the file.
#
# def model_fn(model_dir):
#     return torch.jit.load(os.path.join(model_dir, "model.pt")).eval()


# Decode a request. Without it: JSON, CSV and .npy, checked against what the model takes, as a tensor on its device with
# a row an instance; a dict of tensors by name where the model takes several. A ValueError raised here becomes status 400.
#
# def input_fn(request_body, request_content_type):
#     return torch.tensor(json.loads(request_body)["instances"])


# Predict. Without it: model(input_data), in evaluation mode and without gradients.
# In a batch job it is called for each part of a large request by itself, and gives a result an instance.
#
# def predict_fn(input_data, model):
#     with torch.inference_mode():
#         return model(input_data).argmax(dim=1)


# Encode the response. Without it: {"predictions": [...]} or CSV, as the Accept header asks: for each row a list of
# numbers; an object where the model returns a dict of tensors.
# Return bytes or str, or a pair of body and content type.
#
# def output_fn(prediction, accept):
#     return json.dumps({"scores": prediction.tolist()}), "application/json"
