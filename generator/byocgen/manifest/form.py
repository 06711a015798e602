"""A text with a form: the pattern it must match, and the words that say so.

One object serves three readers: pydantic (validation), the JSON Schema (pattern) and the diagnostic (what is wanted).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler


@dataclass(frozen=True, slots=True)
class Form:
    """Annotation for `str`: the whole text matches `pattern` and has at most `maximum` characters.

    `hint` is the way out, or `repair` guesses what was meant; a guess counts only where it has the form itself.
    """

    pattern: str
    wanted: str
    maximum: int = 256
    hint: str = ""
    repair: Callable[[str], str] | None = None

    def check(self, value: str) -> str:
        """Return the value.

        Raises:
            PydanticCustomError: it has another form; the message says which is wanted.
        """
        if len(value) > self.maximum:
            raise PydanticCustomError(
                "text_form",
                "{count} characters; at most {maximum} fit",
                {
                    "count": len(value),
                    "maximum": self.maximum,
                },
            )
        if not re.fullmatch(self.pattern, value):
            raise PydanticCustomError("text_form", "{wanted}", {"wanted": self.wanted, "hint": self._hint(value)})
        return value

    def _hint(self, value: str) -> str:
        near = self.repair(value) if self.repair else ""
        return f'did you mean "{near}"?' if near and re.fullmatch(self.pattern, near) else self.hint

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$", "maxLength": self.maximum}
