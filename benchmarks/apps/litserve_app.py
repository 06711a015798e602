"""LitServe, batching as its documentation advises."""

import os

import litserve
from served import load, streamer


class Api(litserve.LitAPI):
    def setup(self, device):
        self.model = load(os.environ["MODEL"])

    def decode_request(self, request):
        return request["instances"]

    def predict(self, batch):
        rows = [row for one in batch for row in one]
        labels = iter(self.model(rows))
        return [[next(labels) for _ in one] for one in batch]

    def batch(self, inputs):
        return inputs

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return {"predictions": output}


class Stream(litserve.LitAPI):
    def setup(self, device):
        self.model = streamer(os.environ["MODEL"])

    def decode_request(self, request):
        return request["inputs"], request["tokens"]

    def predict(self, prompt):
        yield from self.model(*prompt)

    def encode_response(self, output):
        yield from output


if __name__ == "__main__":
    api = (
        Stream(stream=True, api_path="/stream")
        if os.environ.get("STREAM")
        else Api(max_batch_size=32, batch_timeout=0.002, api_path="/invocations")
    )
    server = litserve.LitServer(
        api, accelerator="cpu", workers_per_device=int(os.environ["WORKERS"]), healthcheck_path="/ping"
    )
    server.run(port=int(os.environ["PORT"]), host="127.0.0.1", generate_client_file=False, log_level="error")
