"""Media types: what a Content-Type says, and which of our formats an Accept header asks for (RFC 9110, 12.5.1)."""

from dataclasses import dataclass

from serving import errors

JSON = "application/json"
CSV = "text/csv"
FORMATS = (JSON, CSV)  # in the order of preference, where a client has none
CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}


@dataclass(frozen=True, slots=True)
class Range:
    """One entry of an Accept header, such as `text/*;q=0.5`."""

    media_type: str
    quality: float

    def matches(self, media_type: str) -> bool:
        """Tell whether this entry covers a media type."""
        kind, _, _ = media_type.partition("/")
        return self.media_type in {media_type, f"{kind}/*", "*/*"}

    @property
    def precision(self) -> int:
        """Rank `text/csv` over `text/*` over `*/*`."""
        return 2 - self.media_type.count("*")


def content_type(header: str) -> str:
    """Give the media type of a request; JSON without the header. Raises RequestError for a foreign character set."""
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in CHARSETS:
            raise errors.unsupported(f"character set {value.strip()[: errors.MAX_TEXT]}", "UTF-8")
    return media_type or JSON


def choose(accept: str) -> str:
    """Choose the format of a response. Raises RequestError (406) when none will do."""
    ranges = parse_accept(accept)
    scored = [(_quality(offer, ranges), offer) for offer in FORMATS]
    quality, best = max(scored, key=lambda scored_offer: scored_offer[0])
    if quality <= 0:
        raise errors.not_acceptable(accept, " or ".join(FORMATS))
    return best


def first_choice(accept: str) -> str:
    """Give what the client would like most, whether we have it or not: what an output_fn is told. JSON for any."""
    best = max(parse_accept(accept), key=lambda entry: (entry.quality, entry.precision))
    return JSON if best.media_type in {"*/*", "application/*"} else best.media_type


def parse_accept(header: str) -> list[Range]:
    """Read an Accept header; a missing one accepts everything, a quality that is no number counts as 1."""
    return [_parse_range(entry) for entry in header.split(",") if entry.strip()] or [Range("*/*", 1.0)]


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
