"""Earlier versions of the manifest, and what makes the next version of each: one small function a version.

Rules: a step takes the text of one version to that of the next with the changes of `edit`, so that comments, order and
quotes stay; the field `version` is not its business. It is total: a manifest of its version may lack any field. A step
stays for good, for projects that skip releases. Whoever adds one raises VERSION, `model` and docs/manifest.md with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Step = Callable[[str], str]

VERSION: Final = 1
"""What this byocgen reads and writes."""
STEPS: tuple[Step, ...] = ()
"""The last one makes VERSION, the one before it the version before. So far there is no other version."""
