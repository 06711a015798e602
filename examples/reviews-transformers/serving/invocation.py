"""A request to predict, as it came; nothing of it has been looked at yet."""

import msgspec

from serving.context import Context


class Invocation(msgspec.Struct, frozen=True):
    """The body, the two headers that say what it is and what shall come back, and the rest as context."""

    body: bytes
    content_type: str
    accept: str
    context: Context = msgspec.field(default_factory=Context)
