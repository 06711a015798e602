"""The toolkit's logger; here its lines go where all others go."""

import logging


def configure_logger() -> None:
    """Do nothing: the server has set up its log."""


def get_logger() -> logging.Logger:
    """Give the logger."""
    return logging.getLogger("sagemaker-inference")
