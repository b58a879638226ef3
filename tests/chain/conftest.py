"""The issue's first recipe, climbed once."""

import pytest

from tests.chain.ladders import GAUSSIAN, climb


@pytest.fixture(scope="session")
def gaussian(tmp_path_factory):
    """Output folder, ladder and rungs of 40 points in dimension 5; not to be changed."""
    out = tmp_path_factory.mktemp("gaussian")
    return out, *climb(out, *GAUSSIAN)
