"""`state` writes the statements of the kinds about matrices and tangent kernels, the same as in the cases."""

import json
from fractions import Fraction as F

import pytest

from proofs_check.cli import main
from proofs_check.stating import state
from tests.certificates.cases import (
    exact_lazy,
    fits,
    full_row_rank,
    interpolates_near,
    interpolates_residual,
    interpolates_smooth,
    least_eigenvalue,
    not_polynomial,
    parameter_count,
)
from tests.certificates.spelling import sha

# files of a certificate, and the arguments after the kind: $dataset, $network and $matrix stand for paths
COMMANDS = {
    "given": (least_eigenvalue.given(), "least-eigenvalue --gram given --matrix $matrix --at-least 1 --at-most 1"),
    "limit": (
        least_eigenvalue.of_limit(least_eigenvalue.UNITS, F(1, 3), None, None),
        "least-eigenvalue $dataset --gram relu-limit --no-hidden-bias --at-least 1/3",
    ),
    "network": (
        least_eigenvalue.of_network(F(3), None),
        "least-eigenvalue $dataset --gram network --network $network --free 0 1 --width 3 --at-least 3",
    ),
    "rank": (
        full_row_rank.of_network(full_row_rank.BENT, [0]),
        "full-row-rank $dataset --gram network --network $network --free 0 --width 2",
    ),
    "near": (
        interpolates_near.bent(),
        "interpolates-near $dataset --network $network --free 0 --width 2 --distance 1/1024",
    ),
    "fits": (
        fits.fits(F(2, 3), fits.CONSTANT, (0,), activation="tanh"),
        "fits $dataset --width 0 --activation tanh --at-most 2/3",
    ),
    "smooth": (
        interpolates_smooth.at_one(F(1, 5), activation="gelu"),
        "interpolates $dataset --width 1 --activation gelu --tolerance 1/5",
    ),
    "residual": (
        interpolates_residual.residual(interpolates_residual.LONG_DATA, interpolates_residual.LONG, (2, 1), 2),
        "interpolates-residual $dataset --width 2 1 --stream 2",
    ),
    "polynomial": (
        not_polynomial.against(not_polynomial.HAT, 1, (1, -2, 1)),
        "not-polynomial $dataset --degree 1",
    ),
    "count": (
        parameter_count.counts((2352,), parameter_count.MLP, 1_209_866),
        "parameter-count --input 2352 --layers $layers --trainable 1209866",
    ),
    "lazy": (exact_lazy.lazy(), "exact-lazy $dataset --network $network --width 2 --step 1/11"),
}


def lay(tmp_path, files):
    """The path of each object, by what it is."""
    found = {}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        form = json.loads(content)["format"].split("-")[1]
        found[f"${form}"] = str(tmp_path / name)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_writes_the_statement(name, tmp_path, capsys):
    files, command = COMMANDS[name]
    paths = lay(tmp_path, files) | {"$layers": str(tmp_path / "layers.json")}
    layers = json.loads(files["statement.json"]).get("layers")
    (tmp_path / "layers.json").write_text(json.dumps(layers))
    assert main(["state", *(paths.get(word, word) for word in command.split())]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(files["statement.json"])


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"at_least": F(1)}, "the matrix needs a gram"),
        ({"gram": "given"}, "must not both be null"),
        ({"gram": "relu-limit", "at_least": F(1)}, "lacks the key 'dataset'"),
        ({"gram": "network", "at_least": F(1), "widths": [2]}, "lacks the key 'dataset'"),
        ({"gram": "network", "at_least": F(1)}, "the family needs widths"),
    ],
)
def test_what_is_missing_is_named(fields, complaint, tmp_path):
    path = tmp_path / f"{sha(least_eigenvalue.PLAIN)}.json"
    path.write_bytes(least_eigenvalue.PLAIN)
    with pytest.raises(ValueError, match=complaint):
        state("least-eigenvalue", matrix=path, **fields)


def test_layers_come_from_a_file_that_is_one(tmp_path, capsys):
    (tmp_path / "layers.json").write_text("[")
    for path in ("layers.json", "none.json"):
        with pytest.raises(SystemExit) as left:
            main(["state", "parameter-count", "--input", "5", "--layers", str(tmp_path / path), "--trainable", "0"])
        assert left.value.code == 64
        assert "is no file with a JSON list" in capsys.readouterr().err


def test_numbers_may_be_integers(tmp_path):
    """A whole number is spelled as every other; the degree and the stream are counted, not measured."""
    path = tmp_path / f"{sha(fits.HAT)}.json"
    path.write_bytes(fits.HAT)
    assert json.loads(state("fits", path, widths=[2], at_most=1))["at_most"] == "1*2^0"
    assert json.loads(state("interpolates", path, widths=[2], tolerance=0))["tolerance"] == "0*2^0"
    assert json.loads(state("not-polynomial", path, degree=2))["degree"] == 2
    document = json.loads(state("interpolates-residual", path, widths=[2], stream=3))
    assert (document["stream"], document["tolerance"], document["theorem"]) == (3, "0*2^0", None)


@pytest.mark.parametrize(
    ("kind", "fields", "complaint"),
    [
        ("fits", {"widths": [1]}, "lacks the key 'at_most'"),
        ("interpolates", {"widths": [1], "activation": "tanh"}, "the tolerance must be above 0"),
        ("interpolates-residual", {"widths": [1]}, "lacks the key 'stream'"),
        (
            "interpolates-residual",
            {"widths": [1], "stream": 1, "output_bias": False, "theorem": "zhang2017-thm1"},
            "not that of zhang2017-thm1",
        ),
        ("not-polynomial", {}, "lacks the key 'degree'"),
        ("parameter-count", {"input": [2], "layers": [], "trainable": 0}, "unknown key 'dataset'"),
    ],
)
def test_what_cannot_be_stated(kind, fields, complaint, tmp_path):
    path = tmp_path / f"{sha(fits.HAT)}.json"
    path.write_bytes(fits.HAT)
    with pytest.raises(ValueError, match=complaint):
        state(kind, path, **fields)
