"""Specifications: every field refuses what it cannot be, with its name, and the defaults are a protocol."""

import dataclasses

import pytest

from overparam.errors import InputError
from overparam.training import ModelSpec, TrainSpec, validate

GOOD = [
    ModelSpec(),
    ModelSpec(architecture="mlp", width=1, depth=7, activation="gelu", law="small", scale=1e-3),
    TrainSpec(),
    TrainSpec(optimizer="lm", dtype="float64", max_steps=500, tolerance=1e-10),
    TrainSpec(loss="hinge", tolerance=1.0, label_noise=1.0, batch_size=1, dropout=0.99, weight_decay=3),
    TrainSpec(loss="squared-mean", label_noise=7.0, augmentation="shift", augmentation_size=2),
    TrainSpec(augmentation="flip"),
    TrainSpec(augmentation="noise", augmentation_size=0.1),
]


@pytest.mark.parametrize("spec", GOOD, ids=str)
def test_sensible_ones_pass_and_name_programs(spec):
    validate(spec)
    assert hash(spec) == hash(dataclasses.replace(spec))


WRONG = [
    (ModelSpec, {"architecture": "transformer"}, "architecture must be one of two-layer, mlp"),
    (ModelSpec, {"width": 0}, "width must be an integer from 1.*nothing to train"),
    (ModelSpec, {"width": 2**31}, "width"),
    (ModelSpec, {"width": 1.5}, "width must be an integer"),
    (ModelSpec, {"width": True}, "width must be an integer"),
    (ModelSpec, {"depth": 0, "architecture": "mlp"}, "depth must be an integer from 1.*linear regression"),
    (ModelSpec, {"depth": 2}, 'take architecture "mlp"'),
    (ModelSpec, {"activation": "tanh"}, 'take architecture "mlp"'),
    (ModelSpec, {"activation": "threshold", "architecture": "mlp"}, "activation must be one of"),
    (ModelSpec, {"law": "cauchy"}, "law must be one of"),
    (ModelSpec, {"scale": 0.0}, "scale must be a positive number"),
    (ModelSpec, {"scale": "1"}, "scale must be a finite number"),
    (TrainSpec, {"optimizer": "lion"}, "optimizer must be one of"),
    (TrainSpec, {"optimizer": None}, "optimizer must be one of"),
    (TrainSpec, {"step_size": 0}, "step_size must be a positive number"),
    (TrainSpec, {"step_size": 1e-320}, "step_size must be a positive number of dtype float32"),
    (TrainSpec, {"step_size": 1e39}, "step_size must be a positive number of dtype float32"),
    (TrainSpec, {"step_size": float("nan")}, "step_size must be a finite number"),
    (TrainSpec, {"step_size": [0.1]}, "step_size must be a finite number"),
    (TrainSpec, {"step_unit": "furlong"}, "step_unit must be one of"),
    (TrainSpec, {"loss": "absolute"}, "loss must be one of"),
    (TrainSpec, {"max_steps": 0}, "max_steps must be an integer from 1"),
    (TrainSpec, {"max_steps": 150}, "multiple of check_every = 100.*take 200"),
    (TrainSpec, {"tolerance": -1e-3}, "tolerance must be a positive number"),
    (TrainSpec, {"tolerance": 1.5, "loss": "hinge"}, "tolerance must be at most 1"),
    (TrainSpec, {"check_every": 0}, "check_every must be an integer from 1"),
    (TrainSpec, {"batch_size": 0}, "batch_size must be an integer from 1"),
    (TrainSpec, {"batch_size": 2.0}, "batch_size must be an integer"),
    (TrainSpec, {"weight_decay": -1.0}, "weight_decay must be a number of at least 0"),
    (TrainSpec, {"label_noise": -0.1}, "label_noise must be a number of at least 0"),
    (TrainSpec, {"label_noise": 1.1, "loss": "logistic"}, "label_noise must be a probability"),
    (TrainSpec, {"dropout": 1.0}, "dropout must be at least 0 and below 1"),
    (TrainSpec, {"augmentation": "rotate"}, "augmentation must be one of"),
    (TrainSpec, {"augmentation": "noise"}, "do not go together"),
    (TrainSpec, {"augmentation_size": 1.0}, "do not go together"),
    (TrainSpec, {"augmentation": "flip", "augmentation_size": 1.0}, "do not go together"),
    (TrainSpec, {"augmentation": "shift", "augmentation_size": 1.5}, "whole number of pixels"),
    (TrainSpec, {"dtype": "bfloat16"}, "dtype must be one of"),
    (TrainSpec, {"optimizer": "lm"}, 'set dtype to "float64"'),
    (TrainSpec, {"optimizer": "lm", "dtype": "float64", "dropout": 0.1, "loss": "hinge"}, "takes no dropout, loss"),
]


@pytest.mark.parametrize(("kind", "fields", "says"), WRONG, ids=str)
def test_refusals_name_the_field(kind, fields, says):
    # The type check that the tests put around every dataclass would come first; a file has no types.
    spec = kind()
    for name, value in fields.items():
        object.__setattr__(spec, name, value)
    with pytest.raises(InputError, match=says):
        validate(spec)


def test_every_field_is_described_and_has_a_refusal():
    refused = {(kind, name) for kind, fields, _ in WRONG for name in fields}
    for kind in (ModelSpec, TrainSpec):
        for field in dataclasses.fields(kind):
            assert (kind, field.name) in refused
