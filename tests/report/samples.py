"""A ladder and claims as a run at n = 40, d = 5 writes them."""

import copy
import json
import pathlib
from typing import Any


def rung(name: str, side: str, width: int | None, word: str, **more: Any) -> dict[str, Any]:
    return {
        "rung": name,
        "family": "ReLU, 1 hidden layer, hidden and output bias",
        "side": side,
        "width": width,
        "interval": None,
        "word": word,
        "quantifier": "this data set",
        "theorem": None,
        "starts": None,
        "budget": None,
        "certificate": None,
    } | more


def weights(name: str, neurons: int, largest: float, total: float, bits: int, error: float) -> dict[str, Any]:
    return {
        "rung": name,
        "neurons": neurons,
        "raw_params": neurons * 7 + 1,
        "effective_params": neurons * 6 + 1,
        "nonzero": neurons * 7,
        "max_abs_weight": largest,
        "total_weight": total,
        "path_norm": 3 * total,
        "bits": bits,
        "float64_error": error,
    }


LADDER: dict[str, Any] = {
    "data": {
        "name": "gaussian",
        "n": 40,
        "d": 5,
        "sha256": "5c1f0e4e1f6c2d0ab7b2c3d4e5f60718293a4b5c6d7e8f900112233445566778",
        "labels": "gaussian",
        "notes": ["points and labels drawn by default_rng(0)"],
        "findings": [
            {"name": "distinct points", "status": "holds", "how": "exact", "detail": "40 of 40 distinct"},
            {"name": "affine general position", "status": "holds", "how": "exact", "detail": "3838380 subsets"},
        ],
    },
    "rungs": [
        rung("counting", "lower", 7, "theorem", quantifier="almost every labelling", theorem="param-count"),
        rung("exact", "exact", None, "undecided", quantifier="this data set"),
        rung("rank", "threshold", None, "undecided", quantifier="this data set"),
        rung(
            "found",
            "upper",
            9,
            "certified",
            starts=64,
            budget="64 Levenberg-Marquardt starts a width, 500 steps each",
            certificate="certificates/gaussian/found",
        ),
        rung("gd", "threshold", None, "observed", interval=[7, 24], starts=40, budget="gd, 2 step sizes, 200000 steps"),
        rung(
            "pairs",
            "upper",
            13,
            "certified",
            quantifier="every data set in general position",
            theorem="pairs-2n-over-d-plus-1",
            certificate="certificates/gaussian/pairs",
        ),
        rung("greedy", "upper", 13, "certified", certificate="certificates/gaussian/greedy"),
        rung(
            "distinct",
            "upper",
            38,
            "certified",
            quantifier="every data set",
            theorem="relu-distinct-worst-case",
            certificate="certificates/gaussian/distinct",
        ),
        rung(
            "bubeck-4ceil",
            "upper",
            32,
            "certified",
            family="ReLU, 1 hidden layer, no output bias",
            quantifier="every data set in general position",
            theorem="bubeck2020-relu-baum",
            certificate="certificates/gaussian/bubeck-4ceil",
        ),
        rung("ceil-4n-d", "upper", 32, "theorem", quantifier="every data set in general position", theorem="s-baum"),
        rung(
            "zhang",
            "upper",
            40,
            "certified",
            family="ReLU, 1 hidden layer, no output bias",
            quantifier="every data set",
            theorem="zhang2017-thm1",
            certificate="certificates/gaussian/zhang",
        ),
        rung(
            "baum",
            "upper",
            None,
            "vacuous",
            family="threshold, 1 hidden layer",
            quantifier="labels that are signs",
            theorem="baum1988-threshold",
        ),
        rung("ntk", "threshold", None, "vacuous", quantifier="with probability 0.9"),
    ],
    "searches": {
        "found": [
            {
                "width": width,
                "starts": 64,
                "fitted": fitted,
                "certified": certified,
                "stuck": 64 - fitted - 3,
                "diverged": 0,
                "max_steps": 3,
                "best_residual": residual,
            }
            for width, fitted, certified, residual in ((7, 0, 0, 0.0312), (8, 0, 0, 4.1e-3), (9, 3, 2, 1.3e-29))
        ],
        "gd": {
            "q": 0.5,
            "level": 0.95,
            "grid": [7, 10, 13, 18, 24],
            "step_sizes": [0.01, 0.03],
            "trials": [
                {
                    "width": w,
                    "stage": stage,
                    "trials": t,
                    "fitted": s,
                    "max_steps": t - s,
                    "stuck": 0,
                    "diverged": 0,
                }
                for w, stage, t, s in (
                    (7, "explore", 10, 0),
                    (10, "explore", 10, 2),
                    (13, "explore", 10, 5),
                    (18, "explore", 10, 8),
                    (24, "explore", 10, 10),
                    (7, "confirm-low", 40, 0),
                    (24, "confirm-high", 40, 39),
                )
            ],
            "interval": [7, 24],
            "verdict": "ESTIMATED",
            "sentence": "Over 40 initializations, the success probability is below 0.5 at 7 and above it at 24.",
        },
    },
    "weights": [
        weights("found", 9, 14.2, 98.1, 2210, 3.1e-15),
        weights("pairs", 13, 5120.0, 20480.5, 480, 2.2e-11),
        weights("greedy", 13, 811.0, 4031.0, 470, 4.0e-12),
        weights("bubeck-4ceil", 32, 2.5e6, 9.1e6, 615, 8.8e-9),
        weights("distinct", 38, 3300.0, 8800.0, 390, 1.5e-11),
        weights("zhang", 40, 96.0, 1920.0, 212, 6.3e-14),
    ],
    "protocol": {
        "size": "ci",
        "seeds": "data 0, initialization 0..63",
        "loss": "half the sum of squares",
        "fitted": "every residual at most 1e-6",
        "dtype": "float64",
        "chunk": "64",
    },
    "versions": {"overparam": "0.1.0", "jax": "0.10.2", "numpy": "2.4.6", "python": "3.11.7", "device": "cpu"},
    "sentences": [
        "The found width is an upper bound on the minimal width of these data; a failed search proves nothing."
    ],
}

CLAIMS: list[dict[str, Any]] = [
    {
        "id": "pairs-2n-over-d-plus-1",
        "verdict": "CERTIFIED",
        "claim": "In affine general position, 2q - 1 + min(2, r) hidden ReLU neurons fit any n = q(d+1) + r labels.",
        "evidence": "Networks built and accepted by the checker on 12 data sets. It does not show the bound for more.",
        "instances": 12,
        "certificate": "certificates/claims/pairs",
    },
    {
        "id": "s-baum",
        "verdict": "SCOPED",
        "claim": "⌈4n/d⌉ hidden ReLU neurons memorize n points in general position.",
        "evidence": "True with an output bias; without one it fails for 2 <= n <= d/4.",
        "instances": 6,
        "certificate": None,
    },
    {
        "id": "gd-random-labels",
        "verdict": "INCONCLUSIVE",
        "claim": "Gradient descent fits random labels at width n.",
        "evidence": "40 trials at one width; 3 were still going after 200000 steps.",
        "instances": 40,
        "certificate": None,
    },
]


RICH_CLAIM: dict[str, Any] = {
    "id": "daniely-near-optimal-size",
    "verdict": "ESTIMATED",
    "claim": "One step memorizes a number of points that grows like a power of d q.",
    "evidence": "8 draws each. Exponent of n in d q: 0.86 [0.63, 1.08] at 99 %. It does not show other dimensions.",
    "instances": 16,
    "certificate": None,
    "topic": "Widths",
    "refuted_by": "Refuted by: an interval below 1/2.",
    "locator": "Theorem 1",
    "cites": ["du2019"],
    "width": {"asked": 14.0, "had": 42, "constants": "prefactor set to 1"},
    "links": [
        {"lemma": "points against d q", "kind": "at least", "bound": 4.0, "observed": 27.0},
        {"lemma": "loss left", "kind": "at most", "bound": 0.5, "observed": 0.25},
    ],
    "plots": [
        {
            "title": "points against d q",
            "x_label": "d q",
            "y_label": "points",
            "series": [
                {"label": "runs", "x": [1, 2], "y": [3, None], "low": [2, None], "high": [4, 5], "kind": "measured"}
            ],
            "log_x": True,
            "log_y": False,
            "marks": [[1.5, "here"]],
        }
    ],
    "tables": [{"caption": "by size", "columns": ["d", "points"], "rows": [[16, 27.5], ["64", None]]}],
    "sentences": ["1.2"],
    "roots": [2, 3],
    "run": {"size": "ci", "device": "cpu", "overparam": "0.1.0"},
}

KERNEL: dict[str, Any] = {
    "format": 1,
    "data": {"name": "gaussian", "n": 60, "d": 5, "sha256": "ab", "notes": ["drawn"]},
    "kernel": "dense ReLU network of 1 hidden layer",
    "which": "ntk",
    "word": "observed",
    "least": {"value": 0.1, "lower": 0.09, "upper": 0.11, "verified": True, "method": "all eigenvalues"},
    "largest": {"value": 31.0, "lower": 30.0, "upper": 32.0, "verified": False, "method": "Lanczos"},
    "condition": {"value": 310.0, "lower": 300.0, "upper": 320.0},
    "matrix": None,
    "versions": {"overparam": "0.1.0", "device": "cpu", "dtype": "float64", "source": "0123456789abcdef"},
}

NETWORK: dict[str, Any] = {
    "format": 1,
    "construction": "pairs",
    "data": {"name": "gaussian", "n": 8, "d": 2, "sha256": "cd", "notes": ["drawn"]},
    "claim": "exact",
    "theorem": "pairs-2n-over-d-plus-1",
    "accepted": "Among the networks with one hidden ReLU layer one of 5 neurons takes all 8 labels.",
    "notes": ["a note"],
    "numbers": {"neurons": 5},
    "sizes": {"neurons": 5, "bits": 40, "float64_error": 1e-13},
    "repair": {"greatest change of a weight": "1e-15"},
    "certificate": "certificates/cd/pairs",
    "versions": {"overparam": "0.1.0"},
}

COMPARISON: dict[str, Any] = {
    "format": 1,
    "data": {"name": "gaussian", "n": 24, "d": 3},
    "at": [12, 24],
    "rows": [
        {
            "construction": "pairs",
            "group": "shallow",
            "n": 24,
            "word": "certified",
            "claim": "exact",
            "theorem": "pairs-2n-over-d-plus-1",
            "promised": True,
            "certificate": "certificates/a/pairs",
            "says": "accepted",
            "sizes": {"neurons": 11, "bits": 50, "raw_params": 60, "max_abs_weight": 3.5},
            "survives": {"float64": True},
        },
        {"construction": "narrow", "n": 24, "sizes": None, "says": "does not apply"},
    ],
    "survival": [
        {"construction": "pairs", "float64": {"up_to": 24, "lost_at": None}, "float32": {"up_to": 12, "lost_at": 24}}
    ],
    "versions": {"overparam": "0.1.0"},
    "complete": True,
}


def ladder(**data: Any) -> dict[str, Any]:
    made = copy.deepcopy(LADDER)
    made["data"] |= data
    return made


def write_folder(out: pathlib.Path, ladders: dict[str, Any], claims: Any = CLAIMS) -> pathlib.Path:
    out.mkdir(parents=True, exist_ok=True)
    for stem, made in ladders.items():
        (out / f"ladder-{stem}.json").write_text(json.dumps(made))
    if claims is not None:
        (out / "claims.json").write_text(json.dumps(claims))
    return out
