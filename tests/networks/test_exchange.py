"""Networks that come from files: three spellings, and refusals that teach."""

import pickle

import numpy as np
import pytest

from overparam.errors import InputError
from overparam.networks import Params, load_network, save_network

U, B, V, C = np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([7.0, 8, 9]), np.array([-1.0, 0.5, 2]), np.array(0.25)


def same(params: Params) -> bool:
    return all(np.array_equal(got, want) for got, want in zip(params, (U, B, V, C), strict=True))


def test_our_own_names_round_trip(tmp_path):
    save_network(tmp_path / "net.npz", Params(U, B, V, C))
    assert same(load_network(tmp_path / "net.npz"))


@pytest.mark.parametrize(("hidden", "output"), [("0", "2"), ("fc2", "fc1"), ("a.hidden", "a.readout")])
def test_torch_names(tmp_path, hidden, output):
    arrays = {f"{output}.weight": V[None], f"{output}.bias": C[None], f"{hidden}.weight": U, f"{hidden}.bias": B}
    np.savez(tmp_path / "net.npz", **{k: v.astype(np.float32) for k, v in arrays.items()})
    assert same(load_network(tmp_path / "net.npz"))


def test_flax_names(tmp_path):
    np.savez(
        tmp_path / "net.npz",
        **{
            "params/Dense_0/kernel": U.T,
            "params/Dense_0/bias": B,
            "params/Dense_1/kernel": V[:, None],
            "params/Dense_1/bias": C[None],
        },
    )
    assert same(load_network(tmp_path / "net.npz"))


def test_a_missing_bias_is_zero(tmp_path):
    np.savez(tmp_path / "net.npz", u=U, v=V)
    params = load_network(tmp_path / "net.npz")
    assert not params.b.any()
    assert params.c == 0


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"u": U, "v": V[:2]}, "do not fit"),
        ({"u": U, "v": V, "c": np.array([1.0, 2])}, "do not fit"),
        ({"w": U}, "no two-layer network"),
        ({"a.weight": U, "b.weight": np.ones((2, 3))}, "no two-layer network"),
        ({"u": U * np.nan, "v": V}, "finite"),
        ({"u": U.astype(complex), "v": V}, "complex"),
        ({"u": U, "v": np.array([2**53 + 1, 1, 1])}, "cannot hold exactly"),
        ({"u": np.array([["1", "2"]]), "v": V[:1]}, "text"),
    ],
)
def test_refused_arrays(tmp_path, arrays, says):
    np.savez(tmp_path / "net.npz", **arrays)
    with pytest.raises(InputError, match=says):
        load_network(tmp_path / "net.npz")


def test_refused_files(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        load_network(tmp_path / "absent.npz")
    np.savez(tmp_path / "pickled.npz", u=np.array([object()]), v=V)
    (tmp_path / "text.npz").write_text("not an archive")
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps({"u": 1}))
    np.save(tmp_path / "single.npy", U)
    for name, says in {
        "pickled.npz": "pickled objects",
        "text.npz": "no NPZ file",
        "empty.npz": "is empty",
        "pickle.npz": "is a pickle",
        "single.npy": "one array",
        "folder.npz": "is a folder",
    }.items():
        with pytest.raises(InputError, match=says):
            load_network(tmp_path / name)
