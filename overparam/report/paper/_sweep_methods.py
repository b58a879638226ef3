"""What a sweep trained, and what its intervals mean, in sentences."""

from collections.abc import Iterator
from typing import Any

from overparam.report._sweep_folder import Sweep
from overparam.report.paper._facts import setting
from overparam.report.paper._terms import laws_told
from overparam.report.paper._tex import escape

_OPTIMIZERS = {
    "gd": "gradient descent",
    "momentum": "gradient descent with momentum 0.9",
    "adam": "Adam",
    "lm": "Levenberg-Marquardt iterations",
}
_LOSSES = {
    "squared": "half the sum of squared residuals",
    "squared-mean": "half the mean of squared residuals",
    "logistic": "the logistic loss, a sum",
    "hinge": "the hinge loss, a sum",
}
_CURVATURES = {"squared": "1", "squared-mean": "$1/n$", "logistic": "$1/4$", "hinge": "by convention 1"}
_BY_SIGN = {"logistic", "hinge"}
_EXTRAS = ("batch_size", "weight_decay", "label_noise", "dropout", "augmentation", "augmentation_size")


def sweep_paragraphs(sweep: Sweep) -> Iterator[tuple[str, list[str]]]:
    """Data, networks, protocol and statistics of a sweep, as the other paragraphs of the methods."""
    root, seeds = sweep.settings.get("root_seed", 0), sweep.settings.get("seeds")
    axes = "; ".join(f"{escape(axis)} in {_listed(setting(sweep, axis))}" for axis in sweep.axes)
    own = "All seeds train on the same data."
    if sweep.settings.get("data_per_seed"):
        own = "Where data or labels are drawn, seed $s$ draws its own, with the data's seed plus $s$."
    wanted, there = sum(row["seeds"] for row in sweep.rows), sum(row["rows"] for row in sweep.rows)
    ran = f"Each cell was run for {escape(seeds)} seeds from root seed {escape(root)}."
    if there < wanted:
        ran = (
            f"For each cell {escape(seeds)} seeds from root seed {escape(root)} were asked for; of {wanted} in all "
            f"{there} are there."
        )
    deep = "mlp" in setting(sweep, "model.architecture") and setting(sweep, "model.depth") != [1]
    told = [
        f"The sweep {escape(sweep.name)} has {len(sweep.rows)} {'cell' if len(sweep.rows) == 1 else 'cells'}"
        + (f" ({axes})." if axes else "."),
        f"{ran}  {own}",
        *_data(sweep),
        f"Networks: {_said(sweep, 'model.architecture')}, width {_said(sweep, 'model.width')}, hidden layers "
        f"{_said(sweep, 'model.depth')}, activation {_said(sweep, 'model.activation')}, initial weights of the law "
        f"{_said(sweep, 'model.law')} times {_said(sweep, 'model.scale')}.",
        *filter(None, [laws_told(map(str, setting(sweep, "model.law")), deep=deep)]),
        *_protocol(sweep),
    ]
    yield "Sweep", told
    yield "Statistics of the sweep", list(_statistics(sweep))


def _data(sweep: Sweep) -> Iterator[str]:
    named = {"data.n": "points", "data.d": "dimension", "data.labels": "labels", "data.seed": "seed",
             "data.samples": "rows kept", "data.classes": "classes"}  # fmt: skip
    known = [(words, setting(sweep, axis)) for axis, words in named.items()]
    told = ", ".join(f"{words} {_listed(values)}" for words, values in known if values not in ([None], [()]))
    yield f"Data: {_said(sweep, 'data.data')}; {told}; what is not named is the default of the program."


def _protocol(sweep: Sweep) -> Iterator[str]:
    optimizers = _listed([_OPTIMIZERS.get(o, o) for o in setting(sweep, "train.optimizer")])
    losses, used = setting(sweep, "train.loss"), setting(sweep, "train.optimizer")
    sized = f", step size {_said(sweep, 'train.step_size')} (unit: {_said(sweep, 'train.step_unit')})"
    sized += ", which Levenberg-Marquardt iterations do not have" if "lm" in used else ""
    yield (
        f"Trained by {optimizers} on {_listed([_LOSSES.get(loss, loss) for loss in losses])}"
        f"{'' if used == ['lm'] else sized}, at most {_said(sweep, 'train.max_steps')} steps, in "
        f"{_said(sweep, 'train.dtype')}."
    )
    if "sharpness" in setting(sweep, "train.step_unit") and used != ["lm"]:
        bounds = ", ".join(f"{_CURVATURES[loss]} for {_LOSSES[loss]}" for loss in losses if loss in _CURVATURES)
        yield (
            "In units of sharpness a step size $c$ means the step $2c / (\\kappa\\lambda)$, where $\\lambda$ is the "
            "largest eigenvalue of $J J^{T}$ at the seed's initial weights, $J$ the Jacobian of the outputs at the "
            "data points in all weights and biases, and $\\kappa$ bounds the loss's second derivative in an output"
            f"{f' ({bounds})' if bounds else ''}."
        )
    for axis in _EXTRAS:
        values = setting(sweep, f"train.{axis}")
        if values not in ([None], [0.0], ["none"]):
            yield f"{escape(axis.replace('_', ' ').capitalize())}: {_listed(values)}."
    tolerance = _said(sweep, "train.tolerance")
    fits = []
    if set(losses) - _BY_SIGN:
        fits.append(f"the norm of the residual is at most {tolerance} times that of the labels")
    if set(losses) & _BY_SIGN:
        fits.append(f"every margin is at least {tolerance} (logistic and hinge loss)")
    often = " (Levenberg-Marquardt: every step)" if "lm" in used else ""
    yield f"A seed fitted if {', or '.join(fits)}, looked at every {_said(sweep, 'train.check_every')} steps{often}."


def _statistics(sweep: Sweep) -> Iterator[str]:
    yield (
        "A seed is fitted, diverged, stuck, or was still running at its step limit (censored).  It diverged if a "
        "number was no longer finite or the loss exceeded $10^{6}$ times the sum of the initial loss and of the loss "
        "of the zero function; it is stuck if the gradient is zero up to rounding, or Levenberg-Marquardt makes no "
        "progress, with a residual left.  For each cell the probability to fit has a two-sided Clopper--Pearson "
        "interval of level 95\\,\\%, for that cell alone and not jointly: a censored seed counts as a failure for the "
        "lower end and as a fit for the upper end."
    )
    if "float32" in setting(sweep, "train.dtype"):
        yield (
            "Fits in float32 were evaluated again in float64 with the same weights; those that no longer fit count as "
            "censored ones do."
        )
    limited = sum(bool(row["budget_limited"]) for row in sweep.rows)
    if limited:
        yield f"In {limited} of {len(sweep.rows)} cells more than 5\\,\\% of the seeds that are there were censored."
    if sweep.partial:
        lacking = sum(row["seeds"] - row["rows"] for row in sweep.partial)
        cells = "1 cell lacks" if len(sweep.partial) == 1 else f"{len(sweep.partial)} cells lack"
        yield f"PARTIAL: {cells} {lacking} seeds, which count as censored ones do."
    if sweep.failures:
        failed = "1 cell" if len(sweep.failures) == 1 else f"{len(sweep.failures)} cells"
        yield f"{failed} failed for reasons that are in the report."
    yield "A run that fails is no evidence that a network cannot fit; everything here is observed, nothing is proved."


def _said(sweep: Sweep, axis: str) -> str:
    return _listed(setting(sweep, axis))


def _listed(values: list[Any]) -> str:
    r"""One value as it is, several in braces."""
    told = [escape(f"{v:g}" if isinstance(v, float) else ", ".join(map(str, v)) if isinstance(v, (tuple, list)) else v)
            for v in values]  # fmt: skip
    return told[0] if len(told) == 1 else rf"\{{{', '.join(told)}\}}"
