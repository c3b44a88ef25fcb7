"""Traces as files, xarray data and data frames."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import rnnviz as rv
from rnnviz import flow
from rnnviz.netcdf import NetCDFError, Variable, read_netcdf, write_netcdf
from rnnviz.store import TraceFileError
from rnnviz.variants import LayerNormLSTM


class Model(nn.Module):
    """Everything a file must be able to hold."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 3, num_layers=2, dropout=0.4, bidirectional=True)
        self.lstm = nn.LSTM(6, 4, num_layers=2, proj_size=2)
        self.rnn = nn.RNN(2, 3, nonlinearity="relu", bias=False)
        self.own = LayerNormLSTM(3, 2)

    def forward(self, x):
        y, _ = self.gru(x)
        y, (h_n, c_n) = self.lstm(y)
        y, _ = self.rnn(y)
        y, _ = self.rnn(y[:, :, :2])
        y, _ = self.own(y)
        return y.square().sum() + h_n.sum() + c_n.sin().sum()


@pytest.fixture
def trace():
    torch.manual_seed(0)
    model = Model().double()
    with rv.record(model) as trace:
        model(torch.randn(5, 3, 2).double()).backward()
    return trace


@pytest.fixture
def small(tmp_path):
    gru = nn.GRU(1, 2)
    with rv.record(gru) as trace:
        gru(torch.randn(4, 2, 1))[0].sum().backward()
    trace.save(tmp_path / "small.nc")
    return tmp_path / "small.nc"


def assert_equal(a, b):
    assert a.layers == b.layers
    for name in a.layers:
        assert len(a.calls(name)) == len(b.calls(name))
        for one, two in zip(a.calls(name), b.calls(name), strict=True):
            assert repr(one) == repr(two)
            assert one.reverse == two.reverse
            first, second = one.arrays(), two.arrays()
            assert list(first) == list(second)
            for array, values in first.items():
                assert torch.equal(values, second[array]), (name, array)
                assert values.dtype == second[array].dtype
            for attribute in ("input", "initial_hidden", "lengths", "mask"):
                assert torch.equal(getattr(one, attribute), getattr(two, attribute))


def test_a_loaded_trace_is_the_same(trace, tmp_path):
    path = tmp_path / "run.nc"
    trace.save(path)
    loaded = rv.load(path)
    assert_equal(trace, loaded)
    assert torch.equal(loaded["lstm.l0"].weights.weight_hr, trace["lstm.l0"].weights.weight_hr)
    assert loaded.calls("rnn.l0")[0].weights.bias_ih is None
    assert loaded.calls("rnn.l0")[0].nonlinearity == "relu"
    loaded.save(path)  # over the file it came from
    assert_equal(trace, rv.load(path))


def test_everything_works_on_a_loaded_trace(trace, tmp_path):
    trace.save(tmp_path / "run.nc")
    loaded = rv.load(tmp_path / "run.nc")
    for name in trace.layers:
        if name == "own":
            continue
        for one, two in zip(trace.calls(name), loaded.calls(name), strict=True):
            for function in (flow.gradient_flow, flow.jacobians, flow.influence):
                torch.testing.assert_close(function(two), function(one), rtol=0, atol=1e-12)
            for part in ("weight_ih", "weight_hh"):
                torch.testing.assert_close(
                    getattr(flow.weight_contributions(two), part),
                    getattr(flow.weight_contributions(one), part),
                )
    assert repr(rv.diagnose(loaded)) == repr(rv.diagnose(trace))


def test_padding_and_missing_gradients_survive(tmp_path):
    rnn = nn.LSTM(1, 2, bidirectional=True)
    packed = pack_padded_sequence(torch.randn(5, 3, 1), torch.tensor([2, 5, 4]), enforce_sorted=False)
    with rv.record(rnn) as trace, torch.no_grad():
        rnn(packed)
    trace.save(tmp_path / "run.nc")
    loaded = rv.load(tmp_path / "run.nc")
    assert_equal(trace, loaded)
    with pytest.raises(RuntimeError, match="saved before any backward pass"):
        loaded["l0"].grad_hidden  # noqa: B018


def test_forward_passes_are_kept_apart(tmp_path):
    gru = nn.GRU(1, 2)
    with rv.record(gru, every=2) as trace:
        for _ in range(5):
            gru(torch.randn(3, 1, 1))
    trace.save(tmp_path / "run.nc")
    loaded = rv.load(tmp_path / "run.nc")
    assert loaded.steps == (0, 2, 4)
    assert torch.equal(loaded.at(2)["l0"].hidden, trace.at(2)["l0"].hidden)


def test_other_tools_read_the_file(trace, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    trace.save(tmp_path / "run.nc")
    with xarray.open_dataset(tmp_path / "run.nc", engine="netcdf4") as data:
        assert data.attrs["format"] == "rnnviz trace"
        assert data.attrs["format_version"] == 1
        forget = data["lstm.l1.gate.forget"]
        assert forget.dims == ("time", "batch", "lstm.l1.cell_unit")
        assert forget.attrs["long_name"] == "forget gate"
        np.testing.assert_array_equal(forget, trace["lstm.l1"].gates["forget"])
        np.testing.assert_array_equal(data["rnn.l0[1].hidden"], trace.calls("rnn.l0")[1].hidden)


def test_a_failed_save_leaves_the_old_file(small):
    before = small.read_bytes()
    with pytest.raises(ValueError, match="no real number"):
        write_netcdf(small, {"a": Variable(("x",), np.array([1j]))}, {})
    assert small.read_bytes() == before
    assert [path.name for path in small.parent.iterdir()] == ["small.nc"]


# ------------------------------------------------------------------------------------------------------
# hostile files


def test_every_truncation_is_one_clear_error(small, tmp_path):
    data = small.read_bytes()
    path = tmp_path / "cut.nc"
    for length in range(len(data) - 4):
        path.write_bytes(data[:length])
        with pytest.raises(TraceFileError, match=r"cut\.nc is not a readable trace: "):
            rv.load(path)


def test_damaged_files_give_a_trace_or_the_one_error(small, tmp_path):
    """Thousands of random damages; none may raise anything else, hang, or take memory."""
    data = small.read_bytes()
    generator = random.Random(0)
    path = tmp_path / "damaged.nc"
    refused = 0
    for _ in range(3000):
        damaged = bytearray(data)
        for _ in range(generator.randint(1, 4)):
            # most of them in the header, where they do harm
            damaged[int(len(data) * generator.random() ** 2)] = generator.choice(
                (0, 255, generator.randrange(256))
            )
        path.write_bytes(damaged)
        try:
            trace = rv.load(path)
        except TraceFileError:
            refused += 1
        else:
            for name in trace.layers:
                for call in trace.calls(name):
                    call.arrays()
    assert refused > 500


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is something else"),
        (b"\x80\x04\x95 a pickle", "it is something else"),
        (b"PK\x03\x04 a zip or a torch checkpoint", "it is something else"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"CDF\x05", "neither classic nor 64-bit offset"),
        (b"CDF\x02" + b"\xff" * 4, "it has records"),
        (b"CDF\x02\0\0\0\0\0\0\0\x0a" + b"\xff" * 4, "more entries than the file has room for"),
    ],
)
def test_foreign_files(tmp_path, content, message):
    path = tmp_path / "foreign"
    path.write_bytes(content)
    with pytest.raises(TraceFileError, match=message):
        rv.load(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        rv.load(tmp_path / "nothing.nc")


def test_other_netcdf_files_and_later_versions(tmp_path):
    path = tmp_path / "other.nc"
    values = {"a": Variable(("x",), np.arange(3))}
    write_netcdf(path, values, {})
    with pytest.raises(TraceFileError, match="rnnviz did not write it"):
        rv.load(path)
    write_netcdf(path, values, {"format": "rnnviz trace", "format_version": 99})
    with pytest.raises(TraceFileError, match=r"version is 99; this rnnviz reads up to 1. Update rnnviz"):
        rv.load(path)
    write_netcdf(path, values, {"format": "rnnviz trace", "format_version": 1})
    with pytest.raises(TraceFileError, match="does not say which layer"):
        rv.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.pop("l0.hidden"), "no hidden states"),
        (lambda v: v.pop("l0.gate.reset"), "lacks one of its gates"),
        (lambda v: v.pop("l0.weight_hh"), "incomplete"),
        (lambda v: v.pop("l0.input"), "'input' of a layer is missing"),
        (lambda v: v["l0.lengths"].values.fill(9), "do not fit its steps"),
        (lambda v: v["l0.hidden"].attributes.update(above="l1"), "'l1', which another refers to, is missing"),
        (lambda v: v["l0.hidden"].attributes.pop("kind"), "'kind' of a layer is missing"),
        (
            lambda v: v.update({"l0.bias_ih": v["l0.weight_hh"]}) or fix(v, "bias_ih"),
            r"does not have the shape \(6,\)",
        ),
    ],
)
def test_arrays_that_do_not_fit_together(small, change, message):
    variables, attributes = read_netcdf(small)
    change(variables)
    write_netcdf(small, variables, attributes)
    with pytest.raises(TraceFileError, match=message):
        rv.load(small)


def fix(variables, name):
    """Make a variable claim to be another array."""
    old = variables[f"l0.{name}"]
    variables[f"l0.{name}"] = Variable(old.dimensions, old.values, {**old.attributes, "array": name})


def test_netcdf_keeps_names_values_and_attributes(tmp_path):
    variables = {
        "α": Variable(
            ("x", "y"), np.arange(6, dtype=np.float64).reshape(2, 3), {"units": "1", "n": 3, "f": 0.5}
        ),
        "flag": Variable(("y",), np.array([True, False, True])),
        "scalar": Variable((), np.array(7, dtype=np.int64)),
        "empty": Variable(("none",), np.zeros(0, dtype=np.float32)),
    }
    write_netcdf(tmp_path / "a.nc", variables, {"title": "β"})
    found, attributes = read_netcdf(tmp_path / "a.nc")
    assert attributes == {"title": "β"}
    assert list(found) == list(variables)
    for name, variable in variables.items():
        np.testing.assert_array_equal(found[name].values, variable.values)
        assert found[name].dimensions == variable.dimensions
    assert found["α"].attributes == {"units": "1", "n": 3, "f": 0.5}


def test_netcdf_refuses_what_does_not_fit(tmp_path):
    path = tmp_path / "a.nc"
    with pytest.raises(ValueError, match="beyond 32 bits"):
        write_netcdf(path, {"a": Variable(("x",), np.array([2**40]))}, {})
    with pytest.raises(ValueError, match="'x' has sizes 1 and 2"):
        write_netcdf(path, {n: Variable(("x",), np.zeros(k)) for n, k in (("a", 1), ("b", 2))}, {})
    assert not path.exists()
    path.write_bytes(b"CDF\x01" + b"\0" * 28)  # an empty classic file
    assert read_netcdf(path) == ({}, {})
    path.write_bytes(b"CDF\x01" + b"\0" * 20)
    with pytest.raises(NetCDFError):
        read_netcdf(path)


# -------------------------------------------------------------------------------------------------- xarray
# and pandas


def test_xarray(trace):
    pytest.importorskip("xarray")
    tree = trace.to_xarray()
    assert "rnn.l0[1]" in tree.children
    data = tree["lstm.l0"].to_dataset()
    assert data["hidden"].dims == ("time", "batch", "unit")
    assert data["forget"].dims == ("time", "batch", "cell_unit")
    assert data["input_gate"].attrs["long_name"] == "input gate"
    assert data["time"].attrs["units"] == "step"
    np.testing.assert_array_equal(data["grad_cell"], trace["lstm.l0"].grad_cell)
    np.testing.assert_array_equal(data["mask"], trace["lstm.l0"].mask)
    assert float(data["cell"].sel(time=2, batch=1).isel(cell_unit=0)) == float(trace["lstm.l0"].cell[2, 1, 0])
    assert data.attrs == {"layer": "lstm.l0", "kind": "LSTM", "reverse": 0}


def test_data_frame(trace):
    pytest.importorskip("pandas")
    frame = trace.to_frame()
    row = frame.query("layer == 'gru.l1_reverse' and time == 3 and batch == 2 and unit == 1").iloc[0]
    layer = trace["gru.l1_reverse"]
    assert row["update"] == float(layer.gates["update"][3, 2, 1])
    assert row["grad_hidden"] == float(layer.grad_hidden[3, 2, 1])
    assert np.isnan(row["cell"])
    row = frame.query("layer == 'lstm.l0' and time == 1 and batch == 0 and unit == 3").iloc[0]
    assert row["cell"] == float(trace["lstm.l0"].cell[1, 0, 3])
    assert np.isnan(row["hidden"])  # projected to two units
    assert sorted(frame.query("layer == 'rnn.l0'")["call"].unique()) == [0, 1]


def test_data_frames_leave_padding_out():
    pytest.importorskip("pandas")
    rnn = nn.RNN(1, 2)
    with rv.record(rnn) as trace:
        rnn(pack_padded_sequence(torch.randn(4, 2, 1), torch.tensor([4, 1])))
    assert len(trace.to_frame()) == (4 + 1) * 2
    with rv.record(rnn) as empty:
        pass
    with pytest.raises(ValueError, match="the trace is empty"):
        empty.to_frame()
