"""What a spec may say, and the sentences that refuse the rest."""

import dataclasses
import re
import subprocess
import sys

import pytest
import tyro

from overparam.data import DataSpec, load, validate
from overparam.errors import InputError


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (DataSpec("iris"), r"generators are gaussian, .*real data sets are breast_cancer, .*ends in \.csv or \.npz"),
        (DataSpec("points.txt"), r"ends in \.csv or \.npz"),
        (DataSpec("gaussian", samples=3), r"--samples does not apply to --data gaussian.*number of points is --n"),
        (DataSpec("gaussian", label_column="y"), "--label-column does not apply"),
        (DataSpec("gaussian", angle=0.1), "--angle belongs to clusters"),
        (DataSpec("sphere", spread=0.1), "--spread belongs to line and plane"),
        (DataSpec("digits", n=3), "number of rows is --samples"),
        (DataSpec("digits", label_column="y"), "--label-column does not apply"),
        (DataSpec("diabetes", classes=("1", "2")), "real numbers, not classes"),
        (DataSpec("diabetes", one_vs_rest="1"), "real numbers, not classes"),
        (DataSpec("a.npz", label_column="y"), "labels in the array y"),
        (DataSpec("a.csv"), "--label-column"),
        (DataSpec("a.csv", labels="gaussian", classes=("a",)), "--label-column"),
        (DataSpec("a.csv", d=3), "--d does not apply"),
        (DataSpec("digits", labels="signs", one_vs_rest="1"), "--one-vs-rest makes labels out of classes"),
        (DataSpec("gaussian", n=0), "--n must be an integer of at least 1, not 0"),
        (DataSpec("gaussian", d=-1), "--d must be an integer of at least 1"),
        (DataSpec("digits", samples=0), "--samples must be an integer of at least 1"),
        (DataSpec("gaussian", n=True), "--n must be an integer"),
        (DataSpec("gaussian", seed=-1), "--seed must be an integer of at least 0"),
        (DataSpec("gaussian", labels="own"), "no labels of its own.*clusters, collinear, moment"),
        (DataSpec("line", labels="shuffled"), "no labels of its own"),
        (DataSpec("gaussian", n=2**20, d=2**10), "take fewer"),
    ],
)
def test_refused_before_anything_is_drawn_or_read(spec, sentence):
    with pytest.raises(InputError, match=sentence):
        validate(spec)
    with pytest.raises(InputError, match=sentence):
        load(spec)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("n", 4.0, "--n must be an integer"),
        ("seed", "0", "--seed must be an integer"),
        ("labels", "random", "--labels must be gaussian, signs, own or shuffled"),
        ("classes", "01", "--classes must be names"),
        ("classes", (0, 1), "--classes must be names"),
    ],
)
def test_wrong_types_are_refused_by_name(field, value, sentence):
    spec = DataSpec("gaussian" if field in ("n", "seed", "labels") else "digits")
    object.__setattr__(spec, field, value)  # past the type check that the tests put around the constructor
    with pytest.raises(InputError, match=re.escape(sentence)):
        validate(spec)


@pytest.mark.parametrize(
    ("flags", "spec"),
    [
        ("--data gaussian --n 40 --d 5 --labels gaussian --seed 0", DataSpec("gaussian", n=40, d=5, labels="gaussian")),
        (
            "--data breast_cancer --samples 60 --labels shuffled",
            DataSpec("breast_cancer", samples=60, labels="shuffled"),
        ),
        ("--data digits --classes 0 1 --samples 60", DataSpec("digits", classes=("0", "1"), samples=60)),
        ("--data points.csv --label-column y", DataSpec("points.csv", label_column="y")),
        ("--data points.npz", DataSpec("points.npz")),
        ("--data clusters --angle 0.2 --clusters 3", DataSpec("clusters", angle=0.2, clusters=3)),
    ],
)
def test_is_the_command_line(flags, spec):
    assert tyro.cli(DataSpec, args=flags.split()) == spec
    validate(spec)


def test_every_flag_is_explained(capsys):
    with pytest.raises(SystemExit):
        tyro.cli(DataSpec, args=["--help"])
    helptext = capsys.readouterr().out
    for field in dataclasses.fields(DataSpec):
        assert "--" + field.name.replace("_", "-") in helptext
    for word in ("breast_cancer", "radians", "midpoints", "i^(-exponent)"):
        assert word in helptext


def test_loading_needs_no_jax_and_a_spec_not_even_numpy():
    code = (
        "import sys; from overparam.data import DataSpec, validate; validate(DataSpec());"
        "assert 'numpy' not in sys.modules, 'spec';"
        "from overparam.data import load, describe; describe(load(DataSpec(n=6, d=2)));"
        "assert not {'jax', 'sklearn', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
