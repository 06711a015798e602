"""The errors that files written for the toolkit raise: their status and message go to the caller."""


class BaseInferenceToolkitError(Exception):
    """An error with the HTTP status and the message that the caller gets."""

    def __init__(self, status_code: int, message: str, phrase: str = "") -> None:
        """`phrase` is the toolkit's third argument; it goes into no answer here."""
        super().__init__(message)
        self.status_code = int(status_code)
        self.message = message
        self.phrase = phrase


class GenericInferenceToolkitError(BaseInferenceToolkitError):
    """Any error of user code that knows its status."""

    def __init__(self, status_code: int, message: str | None = None, phrase: str | None = None) -> None:
        """Status, message and phrase."""
        super().__init__(status_code, message or "invalid request", phrase or "")


class UnsupportedFormatError(Exception):
    """A content type, or an Accept, that user code does not take."""

    def __init__(self, content_type: str, *_more: object) -> None:
        """Word the error."""
        self.message = f"content type {content_type} is not supported here"
        super().__init__(self.message)
