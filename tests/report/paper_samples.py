"""A folder with something of everything that a paper can quote."""

import copy
import json
import pathlib
import re
from typing import Any

from overparam.report._reading import Folder, read_folder
from overparam.report._references import references
from overparam.report._sweep_folder import Sweep
from overparam.report.paper._write import write_paper
from tests.report.samples import CLAIMS, LADDER, write_folder

NASTY = "<b>%_&$#{}~^\\\n\x00|\"'`⌈x⌉ -- é č Đ 目 <= ß.csv"

CHAIN: dict[str, Any] = {
    "id": "mean-field_1",
    "verdict": "CONSISTENT",
    "claim": "A width of n^2 suffices, up to constants & logarithms.",
    "evidence": "One instance. It does not show more.",
    "instances": 1,
    "certificate": None,
    "topic": "Widths",
    "refuted_by": "Refuted by: a larger distance.",
    "cites": ["du2019", "no-such-key"],
    "width": {"asked": 2.128948e21, "had": 1024, "constants": "hidden ones set to 1"},
    "links": [
        {"lemma": "distance moved", "bound": 1.76732135, "observed": 0.18355002, "kind": "at most"},
        {"lemma": "least eigenvalue", "bound": -0.0, "observed": None, "kind": "at least"},
    ],
    "tables": [
        {"caption": "Measured & published.", "columns": ["what", "here_1"], "rows": [["a <b>", 1.5], ["c", None]]}
    ],
    "roots": [0, 1],
    "run": {"size": "ci", "overparam": "0.1.0", "device": "cpu", "source": "00ff00ff00ff00ff"},
}

MEMORIZERS: dict[str, Any] = {
    "data": {"name": "points_1", "n": 8, "d": 2},
    "at": [4, 8],
    "rows": [
        {
            "construction": name,
            "group": "shallow",
            "n": n,
            "word": "certified",
            "claim": "exact",
            "theorem": theorem,
            "promised": True,
            "certificate": f"certificates/{n}/{name}",
            "says": "accepted",
            "sizes": {
                "hidden_layers": 1,
                "neurons": n,
                "raw_params": 4 * n,
                "nonzero": 3 * n,
                "max_abs_weight": 1.0e12,
                "total_weight": 2.5,
                "bits": 40,
                "total_bits": 10**12,
                "float64_error": 1.23456e-13,
            },
            "survives": {"float32": False, "float64": True},
        }
        for n in (4, 8)
        for name, theorem in (("pairs", "pairs-2n-over-d-plus-1"), ("zhang", "zhang2017-thm1"))
    ],
    "survival": [
        {
            "construction": "pairs",
            "float32": {"up_to": 4, "lost_at": 8},
            "float64": {"up_to": 8, "lost_at": None},
        }
    ],
    "versions": {"overparam": "0.1.0", "device": "cpu"},
    "complete": True,
}

KERNEL: dict[str, Any] = {
    "data": {"name": "gaussian", "n": 60, "d": 5, "notes": ["points: numpy.random.default_rng(0)"]},
    "kernel": "dense network, hidden layers: 3, activation: gelu (exact)",
    "which": "ntk",
    "word": "observed",
    "least": {"value": 0.0638743161, "lower": 0.0638743159, "upper": 0.06387651, "verified": True, "method": "dense"},
    "largest": {"value": 116.4374, "lower": 116.4373, "upper": 116.4399, "verified": False, "method": "lanczos"},
    "condition": {"value": 1822.91, "lower": 1822.90, "upper": 1822.92},
    "certified": {
        "at_least": 0.0638743159,
        "at_most": 0.06387651,
        "certificate": "certificates/k",
        "accepted": f"The least eigenvalue of the matrix with SHA-256 {'ef' * 32} is at least 6387431591/100000000000 "
        "and at most 6387650/100000000.",
    },
    "matrix": None,
}

NETWORK: dict[str, Any] = {
    "construction": "vardi",
    "data": {"name": "digits-5", "n": 5, "d": 5, "sha256": "cd" * 32, "notes": ["source: digits, as packaged"]},
    "claim": "exact",
    "theorem": "vardi2022-sqrt",
    "accepted": "Among the networks with 9 hidden layers of exactly 63 (in order 3, 7, 7, .., none wider than 7) ReLU "
    "neurons, there is one whose output equals the label at each point.",
    "notes": ["9 blocks"],
    "numbers": {"code length": 12, "total_weight": 3.5},
    "sizes": {"neurons": 63, "hidden_layers": 9, "bits": 272, "max_abs_weight": 2.399520772412445},
    "certificate": "certificates/cd/vardi",
}

CERTIFY: dict[str, Any] = {  # of one's own network: the sentence states the distance, the record rounds it
    "construction": "the network in net.npz, moved a little",
    "data": {"name": "points.csv-n20", "n": 20, "d": 3, "sha256": "4f" * 32},
    "theorem": None,
    "accepted": "Among the networks with one hidden layer of exactly 30 ReLU neurons, with hidden biases, with an "
    f"output bias, there is one that equals every label exactly at the 20 points in dimension 3 of the data set with "
    f"SHA-256 {'4f' * 32} and differs from the network with SHA-256 {'55' * 32} only in the parameters of layers 0 and "
    "1 (from 0), by at most 3817/576460752303423488 in Euclidean norm.",
    "repair": {"distance": "6.62144E-15", "greatest change of a weight": "1.1e-15"},
    "certificate": "certificates/4f/own-net-near",
}

PROVE: dict[str, Any] = {
    "construction": "lazy",
    "data": {"name": "points.csv-n20", "n": 20, "d": 3, "sha256": "4f" * 32},
    "theorem": None,
    "accepted": "Exact gradient descent with step 17849/549755813888 on half the sum of squared errors, from the "
    f"network with SHA-256 {'41' * 32} (networks with one hidden layer of exactly 32 ReLU neurons), converges.",
    "repair": {"neurons": "16, each twice", "size of the output weights": "266.375", "step": "3.24671E-8"},
    "certificate": "certificates/4f/prove-lazy",
}


def cell(name: str, width: int, fitted: int, **more: Any) -> dict[str, Any]:
    counts = {"seeds": 64, "rows": 64, "fitted": fitted, "max_steps": 64 - fitted, "diverged": 0, "stuck": 0}
    ends = {"fit_low": 0.123456789, "fit_high": 0.987654321}
    tail = {"unconfirmed": 0, **ends, "budget_limited": fitted < 60, "state": "complete"}
    return {"cell": name, "model.width": width, **counts, **tail} | more


SWEEP = Sweep(
    name="widths_1",
    rows=[cell("00aa", 8, 3), cell("00bb", 16, 64, rows=32, state="PARTIAL")],
    axes=["model.width"],
    settings={
        "root_seed": 0,
        "seeds": 64,
        "data_per_seed": True,
        "data": {"data": "sphere", "n": 20, "d": 5},
        "model": {"width": [8, 16]},
        "train": {"max_steps": [2000], "tolerance": 0.01},
        "grid": (),
    },
    spec='name = "widths_1"\n',
    failures=[{"cell": "00bb", "message": "out of memory"}],
    quarantined=[],
    damaged=[],
    environments={"99fab738ded1be88": {"overparam": "0.1.0", "jax": "0.12.0", "threads": 2, "xla_flags": ""}},
)


def written(out: pathlib.Path, *, name: str = "gaussian") -> pathlib.Path:
    """An output folder as several commands would leave it together."""
    made = copy.deepcopy(LADDER)
    made["data"]["name"] = name
    write_folder(out, {"gaussian-n40": made}, [*CLAIMS, CHAIN | {"claim": f"{CHAIN['claim']} {name}"}])
    for file, record in (
        ("memorizers-points-1", MEMORIZERS),
        ("kernel-gaussian", KERNEL),
        ("memorize-vardi-gaussian", NETWORK),
        ("certify-net-near", CERTIFY),
        ("prove-lazy", PROVE),
    ):
        (out / f"{file}.json").write_text(json.dumps(record))
    return out


def everything(out: pathlib.Path, *, name: str = "gaussian") -> Folder:
    """The same with a sweep, as records."""
    folder = read_folder(written(out, name=name))
    return Folder(**{**vars(folder), "sweep": SWEEP})


def paper(folder: Folder, out: pathlib.Path) -> pathlib.Path:
    """Everything that goes into a paper about it."""
    write_paper(folder, {}, references(folder), out)
    return out


def body(tex: str) -> str:
    """The source without its comments."""
    return "\n".join(re.sub(r"(?<!\\)%.*", "", line) for line in tex.splitlines())


def cited_keys(tex: str) -> set[str]:
    return {key for group in re.findall(r"\\cite\{([^}]*)\}", tex) for key in group.split(",")}
