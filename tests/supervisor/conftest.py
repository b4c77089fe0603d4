from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.supervisor.product import Product, prepared


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    yield from prepared(tmp_path)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    for product in prepared(tmp_path_factory.mktemp("running")):
        product.start()
        yield product
