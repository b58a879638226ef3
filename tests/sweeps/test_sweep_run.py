"""Start, resume, top up: rows are those of training itself, and nothing is computed twice, lost or mixed."""

import dataclasses
import json
import math

import jax
import numpy as np
import pytest

from overparam.data import load
from overparam.errors import InputError
from overparam.networks import Params
from overparam.sweeps import _environment as environment
from overparam.sweeps import _rows as row_room
from overparam.sweeps import _run as run_room
from overparam.sweeps import cells, run, sweep_state
from overparam.sweeps._confirm import Confirmation, confirmations
from overparam.training import ModelSpec, Outcome, Run, TrainSpec, train
from tests.sweeps.sweeping import computed, rows_of, small


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A sweep of 12 seeds that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, computed(small(), folder)


def files(folder):
    return {path: path.stat().st_mtime_ns for path in (folder / "shards").rglob("*.parquet")}


def test_rows_say_what_training_says(whole):
    _, rows = whole
    cell = cells(small())[0]
    data = [load(dataclasses.replace(cell.data, seed=seed)) for seed in range(12)]
    points, labels = np.stack([one.points for one in data]), np.stack([one.labels for one in data])
    runs = train(points, labels, jax.random.key(0), 12, model=cell.model, how=cell.train, chunk=4)
    assert [row["seed"] for row in rows] == [row["data_seed"] for row in rows] == list(range(12))
    assert [row["outcome"] for row in rows] == [Outcome(int(code)).name.lower() for code in runs.stopped]
    assert [row["n_steps"] for row in rows] == runs.n_steps.tolist()
    assert [row["residual_norm"] for row in rows] == runs.residual_norm.tolist()
    assert [row["gradient_norm"] for row in rows] == runs.gradient_norm.tolist()
    assert [row["params_sha256"] for row in rows] == row_room.params_hashes(runs.params, 12)
    assert len({row["params_sha256"] for row in rows}) == 12
    assert [row["label_norm"] for row in rows] == [math.sqrt(6)] * 12


def test_successes_of_float32_are_looked_at_in_float64(whole):
    _, rows = whole
    fitted = [row for row in rows if row["outcome"] == "fitted"]
    assert fitted and len(fitted) < 12
    for row in rows:
        assert (row["residual64"] is None) == (row["confirmed"] is None) == (row["outcome"] != "fitted")
    cell, row = cells(small())[0], fitted[0]
    data = load(dataclasses.replace(cell.data, seed=row["seed"]))
    run_ = train(
        data.points[None].repeat(12, 0), data.labels[None].repeat(12, 0), jax.random.key(0), 12,
        model=cell.model, how=cell.train, chunk=4,
    )  # fmt: skip
    u, b, v, c = (np.asarray(leaf[row["seed"]], np.float64) for leaf in run_.params)
    residual = np.linalg.norm(v @ np.maximum(u @ data.points.T + b[:, None], 0) + c - data.labels)
    # float64 rounding of 6 outputs of size one, each a sum of fewer than 20 terms
    assert abs(residual - row["residual64"]) <= 1e-13
    # float32 knows an output of size one to about 20 units of 6e-8
    assert abs(row["residual64"] - row["residual_norm"]) <= 6**0.5 * 20 * 2**-24 * 10
    assert row["confirmed"] == (row["residual64"] <= 0.5 * math.sqrt(6))


def test_what_float64_says_rests_on_the_data_and_the_weights_as_they_are():
    """The network x -> max(x, 0) on the points 1 and 2: labels off by 2^-30 are no fit at the tolerance 2^-32."""
    one = np.ones((2, 1, 1), np.float32)
    params = Params(u=one, b=0 * one[..., 0], v=one[..., 0], c=np.zeros(2, np.float32))
    stopped = np.array([Outcome.FITTED, Outcome.MAX_STEPS], np.int32)
    run_ = Run(params, stopped * 0.0, stopped * 0.0, stopped, stopped)
    points, how = np.array([[1.0], [2.0]]), TrainSpec(tolerance=2.0**-32)
    for labels, residual, holds in ((points[:, 0], 0.0, True), (points[:, 0] + [0, 2.0**-30], 2.0**-30, False)):
        found = confirmations(run_, points, labels, model=ModelSpec(width=1), how=how)
        assert found == [Confirmation(residual, holds), Confirmation(None, None)]
    double = dataclasses.replace(how, dtype="float64")
    assert confirmations(run_, points, points[:, 0], model=ModelSpec(width=1), how=double)[0].holds is None


@pytest.mark.slow
def test_deep_networks_and_margins_are_confirmed_too(tmp_path):
    spec = small(
        seeds=4,
        model={"architecture": "mlp", "depth": 2, "activation": "tanh"},
        train={"loss": "logistic", "tolerance": 0.05, "max_steps": 1000},
    )
    rows = computed(spec, tmp_path)
    fitted = [row for row in rows if row["outcome"] == "fitted"]
    assert fitted
    assert {row["residual64"] for row in rows} == {None}
    assert all((row["confirmed"] is None) == (row["outcome"] != "fitted") for row in rows)
    cell = cells(spec)[0]
    data = [load(dataclasses.replace(cell.data, seed=seed)) for seed in range(4)]
    points, labels = np.stack([one.points for one in data]), np.stack([one.labels for one in data])
    params = train(points, labels, jax.random.key(0), 4, model=cell.model, how=cell.train, chunk=4).params
    for seed in (row["seed"] for row in fitted):
        values = points[seed].T
        for number, layer in enumerate(params):
            weights, bias = (np.asarray(leaf[seed], np.float64) for leaf in layer)
            values = weights @ values + bias[:, None]
            values = np.tanh(values) if number < 2 else values
        least = (values[0] * labels[seed]).min()
        assert abs(least - 0.05) > 1e-12, "too close for another order of additions to decide"
        assert rows[seed]["confirmed"] == (least >= 0.05)


def test_a_success_that_float64_does_not_confirm_is_told(tmp_path, monkeypatch):
    def doubted(run, *_, **__):
        return [
            Confirmation(9.0, False) if code == Outcome.FITTED else Confirmation(None, None) for code in run.stopped
        ]

    monkeypatch.setattr(row_room, "confirmations", doubted)
    rows = computed(small(seeds=12), tmp_path)
    fits = sum(row["outcome"] == "fitted" for row in rows)
    assert fits > 0 and [row["confirmed"] for row in rows].count(False) == fits
    assert [state.unconfirmed for state in sweep_state(tmp_path)] == [fits]


def test_a_second_run_computes_nothing(whole):
    folder, rows = whole
    before = files(folder)
    summary = run(small(), folder)
    assert (summary.before, summary.computed, summary.compilations) == (3, 0, 0)
    assert files(folder) == before
    assert rows_of(folder) == rows


def test_cells_of_one_shape_share_their_programs_and_the_number_is_told(tmp_path):
    told = []
    first = run(small(seeds=4, model={"width": 7}), tmp_path / "a", tell=told.append)
    assert first.compilations > 0
    assert told[-1] == f"1 of 1 shards, 4 rows, {first.compilations} compilations"
    sizes = {"step_size": [0.3, 0.5], "max_steps": 200}
    again = run(small(seeds=10, model={"width": 7}, train=sizes), tmp_path / "b", tell=told.append)
    assert (again.computed, again.compilations) == (6, 0), "other step sizes, budgets and numbers of seeds"
    assert told[-1] == "6 of 6 shards, 20 rows, 0 compilations"


def test_more_seeds_and_more_cells_leave_what_is_there(whole, tmp_path):
    _, rows = whole
    assert computed(small(seeds=6, shard=4), tmp_path) == rows[:6]
    before = files(tmp_path)
    assert computed(small(seeds=12), tmp_path) == rows  # from 6 on, across a shard cut short
    grown = computed(small(seeds=12, model={"width": [4, 5]}), tmp_path)
    assert [{k: v for k, v in row.items() if k != "model.width"} for row in grown if row["model.width"] == 4] == rows
    assert len(grown) == 24
    assert before.items() <= files(tmp_path).items()
    with pytest.raises(InputError, match=r"(?s)seeds is 12 there and only 6 here.*-seeds = 12\n\+seeds = 6"):
        run(small(seeds=6), tmp_path)
    with pytest.raises(InputError, match="1 of its 2 cells are not among the 1 here"):
        run(small(seeds=12), tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chunk": 2}, "chunk is 4 there and 2 here"),
        ({"root_seed": 1}, "root_seed is 0 there and 1 here"),
        ({"data_per_seed": False}, "data_per_seed is True there and False here"),
        ({"train": {"max_steps": 200, "check_every": 50}}, r"(?s)1 of its 1 cells.*\+max_steps = 200"),
    ],
)
def test_another_sweep_in_the_folder_is_refused_with_the_difference(whole, change, said):
    folder, rows = whole
    text = (folder / "spec.toml").read_text()
    with pytest.raises(InputError, match=said):
        run(dataclasses.replace(small(), **change), folder)
    assert (folder / "spec.toml").read_text() == text
    assert rows_of(folder) == rows


def test_another_program_or_machine_is_refused_unless_mixed(whole, tmp_path, monkeypatch):
    _, rows = whole
    computed(small(seeds=4), tmp_path)
    here = environment.describe("auto")
    monkeypatch.setattr(environment, "describe", lambda device: here | {"jax": "0.0.1"})
    with pytest.raises(InputError, match=rf"jax '{jax.__version__}' there and '0.0.1' here.*--mixed"):
        run(small(seeds=8), tmp_path)
    assert computed(small(seeds=8), tmp_path, mixed=True) == rows[:8]
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {one["jax"] for one in manifest["environments"].values()} == {jax.__version__, "0.0.1"}


def test_an_environment_without_rows_binds_nobody(tmp_path, monkeypatch):
    here = environment.describe("auto")
    monkeypatch.setattr(environment, "describe", lambda device: here | {"jax": "0.0.1"})
    environment.admitted(tmp_path, "auto", False)
    monkeypatch.undo()
    computed(small(seeds=4), tmp_path)
    assert {one["jax"] for one in environment.environments(tmp_path).values()} == {jax.__version__}


def test_rows_whose_environment_has_no_record_are_refused_elsewhere_and_go_on_here(whole, tmp_path, monkeypatch):
    _, rows = whole
    computed(small(seeds=4), tmp_path)
    (record,) = (tmp_path / "environments").iterdir()
    record.unlink()
    (tmp_path / "environments" / "mine.json").write_text("{}")
    here = environment.describe("auto")
    monkeypatch.setattr(run_room, "describe", lambda device: here | {"jax": "0.0.1"})
    with pytest.raises(InputError, match=rf"no environments/{record.name} says what that was; .*--mixed"):
        run(small(seeds=8), tmp_path)
    monkeypatch.undo()
    assert computed(small(seeds=8), tmp_path) == rows[:8]
    assert record.exists() and (tmp_path / "environments" / "mine.json").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"a": NaN}', b"[" * 99999])
def test_a_record_that_is_damaged_is_a_sentence(tmp_path, content):
    computed(small(seeds=4), tmp_path)
    (record,) = (tmp_path / "environments").iterdir()
    record.write_bytes(content)
    with pytest.raises(InputError, match=rf"{record.name} is not as it was written; .*delete it"):
        run(small(seeds=8), tmp_path)
    (tmp_path / "spec.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="not text in UTF-8"):
        run(small(seeds=8), tmp_path)


@pytest.mark.parametrize(
    "content", ['{"format": "x"}', '{"format": null}', "[1]", "[" * 99999, '{"format": 1, "started": NaN}',
                '{"format": 1, "data_files": [1]}'],
)  # fmt: skip
def test_a_manifest_that_is_damaged_is_written_again(whole, tmp_path, content):
    _, rows = whole
    computed(small(seeds=4), tmp_path)
    (tmp_path / "manifest.json").write_text(content)
    assert computed(small(seeds=4), tmp_path) == rows[:4]
    assert json.loads((tmp_path / "manifest.json").read_text())["format"] == 1


def made_a_folder(victim):
    victim.unlink()
    victim.mkdir()


DAMAGES = {
    "cut": lambda victim: victim.write_bytes(victim.read_bytes()[:-9]),
    "one byte": lambda victim: victim.write_bytes(victim.read_bytes()[:40] + b"?" + victim.read_bytes()[41:]),
    "folder": made_a_folder,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_shard_that_is_not_whole_is_set_aside_and_computed_again(whole, tmp_path, damage):
    _, rows = whole
    computed(small(seeds=8), tmp_path)
    damage(min(files(tmp_path)))
    assert len(rows_of(tmp_path)) == 4, "a broken shard is nobody's rows"
    summary = run(small(seeds=8), tmp_path)
    assert (summary.before, summary.computed, len(summary.quarantined)) == (1, 1, 1)
    assert (tmp_path / "quarantine" / summary.quarantined[0]).exists()
    assert rows_of(tmp_path) == rows[:8]


def test_one_data_set_for_all_seeds(tmp_path):
    spec = dataclasses.replace(small(seeds=4, data={"seed": 7}), data_per_seed=False)
    rows = computed(spec, tmp_path)
    assert [row["data_seed"] for row in rows] == [7] * 4
    assert len({row["params_sha256"] for row in rows}) == 4


def test_a_diverging_seed_is_a_row(tmp_path):
    rows = computed(small(seeds=4, train={"step_size": 1e9, "step_unit": "absolute"}), tmp_path)
    assert {row["outcome"] for row in rows} == {"diverged"}
    assert not any(math.isnan(row["residual_norm"]) for row in rows)


def test_one_failing_cell_is_recorded_and_the_others_go_on(tmp_path, monkeypatch):
    real = row_room.compute_rows

    def failing(task, progress=None):
        if task.cell.model.width == 5:
            raise MemoryError("no room for 5")
        return real(task, progress)

    monkeypatch.setattr(row_room, "compute_rows", failing)
    spec = small(seeds=16, model={"width": [5, 4]})
    summary = run(spec, tmp_path)
    assert summary.exit_code == 6
    assert (summary.computed, len(summary.failures), summary.missing) == (4, 2, 4), "two tries, then the rest waits"
    record = json.loads(min((tmp_path / "failures").iterdir()).read_text())
    assert record["settings"]["model"]["width"] == 5
    assert "out of memory; take a smaller chunk" in record["message"]
    states = sweep_state(tmp_path)
    assert [(state.rows, state.complete, bool(state.failure)) for state in states] == [
        (0, False, True), (16, True, False),
    ]  # fmt: skip
    monkeypatch.undo()
    assert len(computed(spec, tmp_path)) == 32
    assert not list((tmp_path / "failures").iterdir()), "what went right is no failure any more"


def test_an_impossible_request_is_refused_before_anything_is_written(tmp_path):
    spec = small(data={"n": 60_000, "d": 100}, model={"width": 2**30})
    with pytest.raises(InputError, match=r"n = 60000 at width 1073741824 needs at least [\d,.]+ GiB .* lower chunk"):
        run(spec, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_device_is_refused_before_anything_is_written(tmp_path):
    if any(device.platform == "tpu" for device in jax.local_devices()):
        pytest.skip("this machine has one")
    with pytest.raises(InputError, match=r"--device tpu: JAX sees no such device here, only .*take --device auto"):
        run(small(), tmp_path / "out", device="tpu")
    assert not (tmp_path / "out").exists()


def test_a_data_file_that_changed_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.eye(4), y=np.ones(4))
    spec = dataclasses.replace(small(seeds=4), data={"data": str(tmp_path / "a.npz")}, data_per_seed=False)
    rows = computed(spec, tmp_path / "out")
    np.savez(tmp_path / "a.npz", X=np.eye(4), y=-np.ones(4))
    with pytest.raises(InputError, match=r"a\.npz is not the file"):
        run(spec, tmp_path / "out")
    assert rows_of(tmp_path / "out") == rows
    np.savez(tmp_path / "a.npz", X=np.full((4, 4), np.nan), y=np.ones(4))
    with pytest.raises(InputError, match="points"):
        run(spec, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_data_file_that_changes_while_a_sweep_runs_adds_no_rows(tmp_path):
    """Its cells fail, each with a sentence, and nothing stands beside rows of the old file."""
    np.savez(tmp_path / "a.npz", X=np.eye(4), y=np.ones(4))
    before = (tmp_path / "a.npz").read_bytes()
    spec = dataclasses.replace(small(seeds=8, shard=4), data={"data": str(tmp_path / "a.npz")}, data_per_seed=False)
    looked = []

    def swapped(text):
        if not looked:
            np.savez(tmp_path / "a.npz", X=np.eye(4), y=-np.ones(4))
        looked.append(text)

    found = run(spec, tmp_path / "out", tell=swapped)
    assert found.exit_code == 6 and all("has changed since the sweep began" in why for why in found.failures.values())
    (tmp_path / "a.npz").write_bytes(before)
    assert run(spec, tmp_path / "out").exit_code == 0
    assert rows_of(tmp_path / "out") == computed(spec, tmp_path / "other")


def test_two_sizes_of_one_sweep_that_met_in_a_folder_give_each_row_once(whole, tmp_path):
    _, rows = whole
    spec = small(seeds=6, shard=8)
    computed(spec, tmp_path)
    short = {path: path.read_bytes() for path in files(tmp_path)}
    for path in short:
        path.unlink()
    assert computed(small(seeds=8, shard=8), tmp_path) == rows[:8]
    for path, content in short.items():
        path.write_bytes(content)
    assert rows_of(tmp_path) == rows[:8]
    assert [(state.rows, sum(state.outcomes.values())) for state in sweep_state(tmp_path)] == [(8, 8)]
