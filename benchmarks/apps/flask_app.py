"""AWS's sample of a container of one's own: Flask under gunicorn, nginx in front (decision_trees in its examples)."""

import io
import os

import flask
from served import load

app = flask.Flask(__name__)
predict = load(os.environ["MODEL"])


@app.get("/ping")
def ping():
    return flask.Response(status=200)


@app.post("/invocations")
def invocations():
    if flask.request.content_type == "text/csv":
        import pandas

        rows = pandas.read_csv(io.StringIO(flask.request.data.decode()), header=None)
        return flask.Response("\n".join(map(str, predict(rows.to_numpy()))), mimetype="text/csv")
    return {"predictions": predict(flask.request.get_json()["instances"])}
