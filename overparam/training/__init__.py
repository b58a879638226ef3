"""Training two-layer ReLU networks in floating point: one run as a pure function, and many seeds of it at once.

Two engines share one shape.  `descend` is full-batch gradient descent, momentum or Adam; `levenberg_marquardt` is
the strong optimizer, in float64.  Both minimize 1/2 ||r||^2, a sum over the samples, with r = outputs - labels, and
both end in a `Run` whose `stopped` says how: fitted, step limit, diverged or stuck.  `train_seeds` and
`levenberg_marquardt_seeds` run thousands of seeds of them in chunks of one fixed shape.

What comes out is observed, never certified: a fit becomes a statement only after exact repair, and a failure says
nothing about the network family.
"""

from overparam._doors import door

__getattr__, __all__ = door(
    __name__,
    outcome="Outcome Run",
    tangent="sharpness tangent_kernel",
    optimizers="OptimizerName apply_update optimizer",
    descent="descend",
    lm="levenberg_marquardt polish",
    follow="Followed follow",
    seeds="StepUnit levenberg_marquardt_seeds train_seeds",
    spec="ModelSpec TrainSpec validate",
    traces="compilations",
    train="train",
    **{
        "general._run": "train_model",
        "classification._history": "History first_epoch",
        "classification._spec": "ClassTrainSpec",
        "classification._train": "train_classifiers",
    },
)
