from __future__ import annotations

import pytest

from loading_world import World, make_world


@pytest.fixture
def world(tmp_path):
    """Makes worlds from catalog YAML; their files are closed at the end."""
    made: list[World] = []

    def make(catalog: str, **given) -> World:
        made.append(make_world(tmp_path, catalog, **given))
        return made[-1]

    yield make
    for one in made:
        one.engine.close()
