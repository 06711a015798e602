"""FastAPI as its documentation shows it: a typed body in, a dict out, the model in a plain `def`."""

import os
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from served import load, streamer

app = FastAPI()
if os.environ.get("STREAM"):
    stream = streamer(os.environ["MODEL"])
else:
    predict = load(os.environ["MODEL"])


class Body(BaseModel):
    instances: list[Any]


class Prompt(BaseModel):
    inputs: str
    tokens: int


@app.get("/ping")
def ping():
    return Response()


@app.post("/invocations")
def invocations(body: Body):
    return {"predictions": predict(body.instances)}


@app.post("/csv")
async def csv(request: Request):
    import io

    import numpy

    rows = numpy.loadtxt(io.BytesIO(await request.body()), delimiter=",", ndmin=2)
    return Response("\n".join(map(str, predict(rows))), media_type="text/csv")


@app.post("/stream")
def streamed(body: Prompt):
    return StreamingResponse(stream(body.inputs, body.tokens), media_type="text/plain")
