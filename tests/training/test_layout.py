"""Rows of many networks: what goes in comes out, sums are those of each network, and seats do not change bits."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overparam.networks import Params
from overparam.training._layout import BLOCK, UNROLLED, Even, Packed, packed, seats, to_params, to_weights

WIDTHS = np.array([3, 9, 4, 12, 1, 8])


def params_of(widths, width, dim=2, seed=0):
    """Random networks, filled up with neurons of zeros."""
    rng = np.random.default_rng(seed)
    live = np.arange(width) < np.asarray(widths)[:, None]
    u, b, v = (rng.normal(size=(len(widths), width, *more)) for more in ((dim,), (), ()))
    return Params(u * live[:, :, None], b * live, v * live, rng.normal(size=len(widths)))


def first_group(layout):
    return Packed(*(leaf[0] for leaf in layout))


PACKED = first_group(packed(-(-WIDTHS // BLOCK) * BLOCK, len(WIDTHS)))
LAYOUTS = [Even(len(WIDTHS), 12), PACKED]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_goes_in_comes_out(layout):
    params = params_of(WIDTHS, 12)
    weights = to_weights(layout, params)
    for out, given_ in zip(to_params(layout, weights), params, strict=True):
        np.testing.assert_array_equal(out, given_)


def test_packed_rows_are_the_blocks_in_use():
    rows = to_weights(PACKED, params_of(WIDTHS, 12)).v
    assert len(rows) == (-(-WIDTHS // BLOCK) * BLOCK).sum() < len(WIDTHS) * 12
    assert np.count_nonzero(rows) == WIDTHS.sum()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sums_and_spread_are_those_of_each_network(layout):
    """Integers, so that no sum rounds."""
    rng = np.random.default_rng(1)
    params = Params(*(np.rint(3 * leaf) for leaf in params_of(WIDTHS, 12)))
    values = np.where(params.v[..., None] != 0, rng.integers(-9, 9, size=(len(WIDTHS), 12, 5)), 0).astype(float)
    sums = layout.sums(layout.rows_of(jnp.asarray(params.v)), layout.rows_of(jnp.asarray(values)))
    np.testing.assert_array_equal(sums, (params.v[:, :, None] * values).sum(axis=1))
    names = jnp.arange(len(WIDTHS) * 2.0).reshape(-1, 2)
    spread = np.asarray(layout.networks_of(layout.spread(names)))
    for network, width in enumerate(WIDTHS):
        np.testing.assert_array_equal(spread[network, :width], np.tile(names[network], (width, 1)))


def test_a_network_adds_up_to_the_same_bits_in_any_seat():
    """Among others, in another place, in a seat that is larger than it needs, beside not-a-number."""
    rng = np.random.default_rng(2)
    v, values = rng.normal(size=11), rng.normal(size=(11, 7))
    seen = set()
    for capacities, slot in (([12, 4, 20, 8], 0), ([4, 4, 12, 20], 2), ([4, 20, 4, 8], 1), ([8, 8, 8, 20], 3)):
        layout = first_group(packed(np.array(capacities), 4))
        all_v, all_values = np.full((4, 20), np.nan), np.full((4, 20, 7), np.nan)
        all_v[slot], all_values[slot] = np.pad(v, (0, 9)), np.pad(values, ((0, 9), (0, 0)))
        sums = layout.sums(layout.rows_of(jnp.asarray(all_v)), layout.rows_of(jnp.asarray(all_values)))
        seen.add(np.asarray(sums)[slot].tobytes())
        assert np.isnan(np.delete(sums, slot, axis=0)).all()
    assert len(seen) == 1


def test_networks_of_many_blocks_add_them_all():
    """More blocks than are added in one loop; integers, so that no sum rounds."""
    widths = np.array([BLOCK * (UNROLLED + 5), 3, BLOCK * UNROLLED])
    width = int(widths.max())
    layout = first_group(packed(-(-widths // BLOCK) * BLOCK, len(widths)))
    rng = np.random.default_rng(3)
    live = np.arange(width) < widths[:, None]
    v, values = rng.integers(-9, 9, (3, width)) * live, rng.integers(-9, 9, (3, width, 2)) * live[..., None]
    sums = layout.sums(*(layout.rows_of(jnp.asarray(leaf, float)) for leaf in (v, values)))
    np.testing.assert_array_equal(sums, (v[..., None] * values).sum(axis=1))


@given(
    widths=st.lists(st.integers(1, 40), min_size=1, max_size=30),
    groups=st.integers(1, 4),
    group=st.integers(1, 6),
)
def test_seats_hold_the_widest_and_weigh_the_same(widths, groups, group):
    capacities = seats(np.array(widths), groups * group, group)
    assert capacities.shape == (groups * group,)
    assert capacities.max() == -(-max(widths) // BLOCK) * BLOCK
    assert (capacities % BLOCK == 0).all()
    loads = capacities.reshape(groups, group).sum(axis=1)
    assert loads.max() - loads.min() <= capacities.max()
    layout = packed(capacities, group)
    assert layout.owner.shape[1] == loads.max()
    for one in range(groups):
        rows = layout.row[one][layout.row[one] < loads.max()]
        assert len(set(rows.tolist())) == len(rows) == loads[one]
