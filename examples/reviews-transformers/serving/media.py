"""Media types: what a Content-Type says, and which of our formats an Accept header asks for (RFC 9110, 12.5.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec

from serving import errors

JSON = "application/json"
CSV = "text/csv"
JSON_LINES = "application/jsonlines"
NPY = "application/x-npy"
PARQUET = "application/x-parquet"
EVENTS = "text/event-stream"
TEXT = "text/plain"
# Other names in use for what we call by one.
ALIASES = {
    "application/jsonl": JSON_LINES,
    "application/x-ndjson": JSON_LINES,
    "application/x-jsonlines": JSON_LINES,
    "application/vnd.apache.parquet": PARQUET,
}
HAS_PARQUET = find_spec("pyarrow") is not None
# In the order of preference, where a client has none.
FORMATS = (JSON, CSV, JSON_LINES, NPY, *([PARQUET] if HAS_PARQUET else []))
STREAMS = (EVENTS, TEXT)
CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}
remembered = lru_cache(256)  # clients send the same few headers again and again


@dataclass(frozen=True, slots=True)
class Range:
    """One entry of an Accept header, such as `text/*;q=0.5`."""

    media_type: str
    quality: float

    def matches(self, media_type: str) -> bool:
        """Tell whether this entry covers a media type."""
        kind, _, _ = media_type.partition("/")
        return canonical(self.media_type) in {media_type, f"{kind}/*", "*/*"}

    @property
    def precision(self) -> int:
        """Rank `text/csv` over `text/*` over `*/*`."""
        return 2 - self.media_type.count("*")


def canonical(media_type: str) -> str:
    """Give our name for a media type that has several."""
    return ALIASES.get(media_type, media_type)


@remembered
def content_type(header: str) -> str:
    """Give the media type of a request; JSON without the header. Raises RequestError for a foreign character set."""
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in CHARSETS:
            raise errors.unsupported(f"character set {value.strip()[: errors.MAX_TEXT]}", "UTF-8")
    return canonical(media_type) or JSON


@remembered
def choose(accept: str, offers: tuple[str, ...] = FORMATS) -> str:
    """Choose the format of a response. Raises RequestError (406) when none will do."""
    if not accept:
        return offers[0]
    ranges = parse_accept(accept)
    quality, best = max(((_quality(offer, ranges), offer) for offer in offers), key=lambda scored: scored[0])
    if quality <= 0:
        raise errors.not_acceptable(accept, listed(FORMATS))
    return best


@remembered
def spelled(accept: str, chosen: str) -> str:
    """Give the chosen format the name that the client used for it."""
    names = [entry.media_type for entry in parse_accept(accept)] if accept else []
    return chosen if chosen in names else next((name for name in names if canonical(name) == chosen), chosen)


@remembered
def first_choice(accept: str) -> str:
    """Give what the client would like most, whether we have it or not: what an output_fn is told. JSON for any."""
    best = max(parse_accept(accept), key=lambda entry: (entry.quality, entry.precision))
    return JSON if best.media_type in {"*/*", "application/*"} else best.media_type


@remembered
def is_open(accept: str) -> bool:
    """Tell whether the client takes anything, so that the format is ours to choose."""
    return all(entry.media_type == "*/*" for entry in parse_accept(accept))


def parse_accept(header: str) -> list[Range]:
    """Read an Accept header; a missing one accepts everything, a quality that is no number counts as 1."""
    return [_parse_range(entry) for entry in header.split(",") if entry.strip()] or [Range("*/*", 1.0)]


def listed(formats: Sequence[str]) -> str:
    """Word a choice: `a`, `a or b`, `a, b or c`."""
    *most, last = formats
    return f"{', '.join(most)} or {last}" if most else last


def _parse_range(entry: str) -> Range:
    media_type, *parameters = (part.strip().lower() for part in entry.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 1.0
    return Range(media_type, quality if 0 <= quality <= 1 else 1.0)


def _quality(offer: str, ranges: list[Range]) -> float:
    covering = [entry for entry in ranges if entry.matches(offer)]
    return max(covering, key=lambda entry: entry.precision).quality if covering else 0.0
