"""Your code around the model. Every function is optional: without one, the server does what its comment says.

Change this file freely; byocgen never touches it again. Remove the comment signs of what you need. What goes wrong here
is logged with its traceback; the caller only sees the kind of error. `logging` goes to the endpoint's log as JSON.
Each function may take one more parameter, `context`: the request's id and headers.
"""

# Load the model. Without it: model.ubj, model.json or another single .ubj or .json file, written by save_model; a pickle
# of XGBClassifier and its like (.joblib, .pkl) only where the same XGBoost wrote it. nthread is set to what is free.
#
# def model_fn(model_dir):
#     return xgboost.Booster(model_file=os.path.join(model_dir, "model.ubj"))


# Decode a request. Without it: {"instances": [...]} as JSON, text/csv and others, checked against the model's columns.
# `request_body` is str for JSON and text, bytes for anything else. A ValueError raised here becomes status 400.
#
# def input_fn(request_body, request_content_type):
#     return xgboost.DMatrix(numpy.array(json.loads(request_body)["instances"]))


# Predict. Without it: what the objective gives (probabilities of binary:logistic and multi:softprob, class numbers of
# multi:softmax, values of reg:...), from the best iteration; for a pickled XGBClassifier the labels of its predict().
# `input_data` is a numpy array of float32, a row an instance, NaN where a value is missing, a number for each category.
# In a batch job it is called for each part of a large request by itself, and gives a result an instance.
#
# def predict_fn(input_data, model):
#     names = ["setosa", "versicolor", "virginica"]
#     return [names[index] for index in model.inplace_predict(input_data).argmax(axis=1)]


# Encode the response. Without it: {"predictions": [...]}, CSV or others, as the Accept header asks.
# Return bytes or str, or a pair of body and content type.
#
# def output_fn(prediction, accept):
#     return json.dumps({"scores": prediction.tolist()}), "application/json"
