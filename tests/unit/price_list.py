"""A stand-in for AWS's price list service on loopback: GetProducts with filters, pages and refusals, in AWS's own shapes."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 3
"""Products a page; AWS has 100."""
PUBLISHED = "2026-09-28T20:11:33Z"


def product(usage: str, usd: str, *, region: str = "us-east-1", unit: str = "Hrs", **changed: Any) -> dict[str, Any]:
    """Return a product as GetProducts describes it; `changed` are attributes."""
    sku = f"SKU{abs(hash((usage, region))):013d}"
    family = "ML Serverless" if "Serverless" in usage else "ML Instance"
    attributes = {
        "regionCode": region,
        "servicecode": "AmazonSageMaker",
        "usagetype": usage,
        "operation": "RunInstance",
        "location": "US East (N. Virginia)",
        "locationType": "AWS Region",
        "servicename": "Amazon SageMaker",
        **changed,
    }
    dimension = {
        "unit": unit,
        "beginRange": "0",
        "endRange": "Inf",
        "appliesTo": [],
        "rateCode": f"{sku}.JRTCKXETXF.6YS6EN2CT7",
        "description": f"${usd} per {usage}",
        "pricePerUnit": {"USD": f"{usd}00000000"},
    }
    term = {
        "sku": sku,
        "effectiveDate": "2026-09-01T00:00:00Z",
        "offerTermCode": "JRTCKXETXF",
        "termAttributes": {},
        "priceDimensions": {f"{sku}.JRTCKXETXF.6YS6EN2CT7": dimension},
    }
    return {
        "product": {"productFamily": family, "attributes": attributes, "sku": sku},
        "serviceCode": "AmazonSageMaker",
        "version": "20260928201133",
        "publicationDate": PUBLISHED,
        "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}},
    }


@dataclass
class PriceList:
    """What is asked and what is answered; `refusal` is an error's code and message instead."""

    url: str
    products: list[Any]
    refusal: tuple[str, str] = ("", "")
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Filter, and give one page."""
        wanted = {one["Field"]: one["Value"] for one in request["Filters"]}
        assert {one["Type"] for one in request["Filters"]} == {"TERM_MATCH"}
        found = [one for one in self.products if wanted.items() <= _fields(one).items()]
        start = int(request.get("NextToken", "0"))
        rest = {"NextToken": str(start + PAGE)} if start + PAGE < len(found) else {}
        return {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in found[start:][:PAGE]], **rest}


def _fields(one: dict[str, Any]) -> dict[str, str]:
    return {**one["product"]["attributes"], "productFamily": one["product"]["productFamily"]}


@contextmanager
def served(products: list[Any]) -> Iterator[PriceList]:
    """Serve a price list on a port that the system gives."""
    listed = PriceList("", products)

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["X-Amz-Target"] == "AWSPriceListService.GetProducts"
            listed.asked.append(request)
            code, message = listed.refusal
            answer = {"__type": code, "message": message} if code else listed.answer(request)
            body = json.dumps(answer).encode()
            self.send_response(400 if code else 200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    listed.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield listed
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
