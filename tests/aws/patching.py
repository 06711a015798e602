"""How a gap of moto is closed: a patch is a function that gets `replace` and calls it for every method it takes over.

The server passes `setattr`, for good; a test passes `monkeypatch.setattr`, and stock moto is back after it.
"""

from collections.abc import Callable
from typing import Any

Replace = Callable[[Any, str, Any], None]
Patch = Callable[[Replace], None]
