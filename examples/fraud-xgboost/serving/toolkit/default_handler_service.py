"""The toolkit's class between its server and a transformer: here for files that name it, see `transformer`."""

from typing import Any

from serving.toolkit.transformer import Transformer


class DefaultHandlerService:
    """Hands everything to its transformer."""

    def __init__(self, transformer: Any = None) -> None:
        """Keep the transformer."""
        self._service = transformer or Transformer()

    def initialize(self, context: Any) -> None:
        """Load the model."""
        self._service.initialize(context)

    def handle(self, data: Any, context: Any) -> Any:
        """Answer a request."""
        return self._service.transform(data, context)
