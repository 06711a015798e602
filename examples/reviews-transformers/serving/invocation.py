"""A request to predict, as it came; nothing of it has been looked at yet."""

from dataclasses import dataclass, field

from serving.context import Context


@dataclass(frozen=True, slots=True)
class Invocation:
    """The body, the two headers that say what it is and what shall come back, and the rest as context."""

    body: bytes
    content_type: str
    accept: str
    context: Context = field(default_factory=Context)
