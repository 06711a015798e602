"""The catalogue that ships, loaded once."""

import pytest

from byocgen.catalog import Catalog, load


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load()
