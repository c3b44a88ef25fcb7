"""Traces as files, xarray data and data frames."""

import hashlib
import sys
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz as rv
from rnnviz import flow
from rnnviz.arithmetic.states import GATES
from rnnviz.recording.netcdf import CONVERT, NetCDFError, Variable, read_netcdf, write_netcdf
from rnnviz.recording.store import TraceFileError
from rnnviz.variants import LayerNormLSTM

FIRST_FORMAT = Path(__file__).parent / "traces" / "format-1.nc"


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
    with pytest.raises(FileExistsError, match=r"run\.nc exists already.*overwrite=True"):
        loaded.save(path)
    loaded.save(path, overwrite=True)  # over the file it came from
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
        assert data.attrs["format_version"] == 2
        forget = data["lstm.l1.gate_forget"]
        assert forget.dims == ("time", "sequence", "lstm.l1.cell_unit")
        assert forget.attrs["long_name"] == "forget gate"
        np.testing.assert_array_equal(forget, trace["lstm.l1"].gates["forget"])
        np.testing.assert_array_equal(data["rnn.l0[1].hidden"], trace.calls("rnn.l0")[1].hidden)


class Odd(rv.Cell):
    """Names intermediates of every type and shape that a file must hold."""

    def step(self, x, hidden):
        hidden = (hidden + x.mean(-1, keepdim=True)).tanh()
        return hidden, {
            "over/zero": hidden > 0,
            "over.zero": hidden.sum(-1) > 0,
            "rank": hidden.argsort(-1),
            "glimpse": hidden[:, None, :].expand(-1, 3, -1).half(),
            "rate": hidden.bfloat16(),
        }


def test_a_cell_of_ones_own_keeps_names_types_and_shapes(tmp_path):
    model = nn.ModuleDict({"a/b": Odd(2, 3), "a_b": Odd(2, 3)})
    model.forward = lambda x: [cell(x)[0] for cell in model.values()]
    with rv.record(model) as trace:
        model(torch.randn(4, 2, 2))
    trace.save(tmp_path / "run.nc")
    loaded = rv.load(tmp_path / "run.nc")
    assert_equal(trace, loaded)
    assert loaded["a/b"].gates["over/zero"].dtype == torch.bool
    assert loaded["a/b"].gates["over.zero"].shape == (4, 2)
    assert loaded["a/b"].gates["rank"].dtype == torch.int64
    with pytest.raises(AttributeError, match="read its parameters from the module"):
        loaded["a/b"].weights  # noqa: B018
    assert trace.to_xarray()["a_b"]["glimpse"].dims == ("time", "sequence", "glimpse_0", "glimpse_1")
    assert "glimpse" not in trace.to_frame()


def test_half_precision_is_kept(tmp_path):
    model = rv.LSTMCell(2, 3).bfloat16()
    with rv.record(model) as trace:
        model(torch.randn(4, 2, 2).bfloat16())[0].sum().backward()
    trace.save(tmp_path / "run.nc")
    loaded = rv.load(tmp_path / "run.nc")
    assert_equal(trace, loaded)
    assert loaded["cell"].weights.weight_hh.dtype == trace["cell"].weights.weight_hh.dtype
    assert torch.equal(loaded["cell"].weights.weight_hh, trace["cell"].weights.weight_hh)


def test_a_type_without_a_place_in_the_file_is_refused(tmp_path):
    class Complex(rv.Cell):
        def step(self, x, hidden):
            return hidden, {"phase": hidden.to(torch.complex64)}

    with rv.record(cell := Complex(2, 3)) as trace:
        cell(torch.zeros(4, 1, 2))
    with pytest.raises(TypeError, match=r"gate\.phase of cell is of type complex64"):
        trace.save(tmp_path / "run.nc")
    assert list(tmp_path.iterdir()) == []


def test_a_batch_of_no_sequences_is_not_saved(tmp_path):
    with rv.record(gru := nn.GRU(1, 2)) as trace:
        gru(torch.zeros(3, 0, 1))
    with pytest.raises(ValueError, match="l0 was given a batch of no sequences"):
        trace.save(tmp_path / "run.nc")
    assert not list(tmp_path.iterdir())


def test_an_empty_trace_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="the trace is empty"):
        rv.Trace().save(tmp_path / "run.nc")


def test_padding_never_looks_like_data(tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    rnn = nn.GRU(1, 2, bidirectional=True)
    with rv.record(rnn) as trace:
        output, _ = rnn(pack_padded_sequence(torch.randn(4, 2, 1), torch.tensor([4, 1])))
        output.data.sum().backward()
    trace.save(tmp_path / "run.nc")
    with xarray.open_dataset(tmp_path / "run.nc", engine="netcdf4") as file:
        for name in ("input", "hidden", "gate_reset", "grad_hidden"):
            padding = ~trace["l0"].mask[..., None].expand(-1, -1, file[f"l0_reverse.{name}"].shape[2])
            np.testing.assert_array_equal(np.isnan(file[f"l0_reverse.{name}"]), padding)
    data = trace.to_xarray()["l0"]
    assert int(data["hidden"].count()) == (4 + 1) * 2
    assert float(data["hidden"].sel(sequence=1).mean()) == pytest.approx(
        float(trace["l0"].hidden[0, 1].mean())
    )
    assert int(data["lengths"].sel(sequence=1)) == 1
    loaded = rv.load(tmp_path / "run.nc")
    assert_equal(trace, loaded)


def test_names_of_layers_that_did_not_run_are_kept(tmp_path):
    model = nn.ModuleDict({"used": nn.GRU(1, 2), "idle": nn.GRU(1, 2)})
    with rv.record(model) as trace:
        model["used"](torch.zeros(3, 1, 1))
    trace.save(tmp_path / "run.nc")
    with pytest.raises(KeyError, match=r"'idle\.l0' did not run"):
        rv.load(tmp_path / "run.nc")["idle.l0"]


def test_a_file_of_the_first_format_opens():
    """Made by ``golden`` below when the format was new; it must open for ever."""
    loaded = rv.load(FIRST_FORMAT)
    trace = golden()
    assert loaded.layers == trace.layers == ("gru.l0", "gru.l0_reverse", "own")
    for name in trace.layers:
        for array, values in trace[name].arrays().items():
            torch.testing.assert_close(loaded[name].arrays()[array], values, rtol=1e-9, atol=1e-12)
    assert repr(loaded["gru.l0"].weights) == repr(trace["gru.l0"].weights)


def golden():
    """Record something that does not depend on random numbers."""
    model = nn.ModuleDict({"gru": nn.GRU(1, 2, bidirectional=True), "own": LayerNormLSTM(4, 2)}).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.linspace(-1, 1, parameter.numel()).reshape(parameter.shape))
    packed = pack_padded_sequence(torch.linspace(-2, 2, 6).double().reshape(3, 2, 1), torch.tensor([3, 2]))
    with rv.record(model) as trace:
        output, _ = pad_packed_sequence(model["gru"](packed)[0])
        model["own"](output)[0].square().sum().backward()
    return trace


def test_an_interrupted_save_leaves_the_old_file(small, monkeypatch):
    before = small.read_bytes()

    def fail(descriptor):
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="the disk is full"):
        rv.load(small).save(small, overwrite=True)
    assert small.read_bytes() == before
    assert [path.name for path in small.parent.iterdir()] == ["small.nc"]


def test_a_failed_save_leaves_the_old_file(small):
    before = small.read_bytes()
    with pytest.raises(ValueError, match="no real number"):
        write_netcdf(small, {"a": Variable(("x",), np.array([1j]))}, {})
    assert small.read_bytes() == before
    assert [path.name for path in small.parent.iterdir()] == ["small.nc"]


# ------------------------------------------------------------------------------------------------------
# hostile files


def assert_refused_or_whole(path, data):
    """Load what is written there: either the one error, or a trace that can be read throughout."""
    path.write_bytes(data)
    try:
        trace = rv.load(path)
    except TraceFileError as error:
        message = str(error)
    else:
        read_all(trace)
        return True
    assert message.startswith(f"{path} is not a readable trace: ")
    assert message.endswith(" rnnviz.load reads what trace.save wrote; save or copy the file again.")
    return False


def read_all(trace):
    for name in trace.layers:
        for call in trace.calls(name):
            call.arrays()
            call.source.above()
            if call.has_gradients and call.kind in GATES:
                call.source.from_outside()


def seal(data):
    """Give changed bytes a checksum that fits, as somebody with bad intentions would."""
    place = data.find(b"sha256\0\0") + 16
    if place < 16 or place + 64 > len(data):
        return data
    unsealed = data[:place] + b"0" * 64 + data[place + 64 :]
    return data[:place] + hashlib.sha256(unsealed).hexdigest().encode() + data[place + 64 :]


def test_a_sealed_file_is_its_own_proof(small):
    assert seal(small.read_bytes()) == small.read_bytes()


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A file with every kind of array, and a place to put what is made of it."""
    folder = tmp_path_factory.mktemp("saved")
    torch.manual_seed(0)
    model = nn.LSTM(1, 2, num_layers=2, proj_size=1, dropout=0.5).double()
    with rv.record(model) as trace:
        model(pack_padded_sequence(torch.randn(3, 2, 1).double(), torch.tensor([3, 1])))[
            0
        ].data.sum().backward()
    trace.save(folder / "run.nc")
    return folder


@settings(deadline=None)
@given(st.integers(0, 2**20), st.binary(min_size=1, max_size=8))
def test_a_truncated_file_is_one_clear_error(saved, length, more):
    whole, path = (saved / "run.nc").read_bytes(), saved / "changed.nc"
    assert not assert_refused_or_whole(path, whole[: length % len(whole)])
    assert not assert_refused_or_whole(path, whole + more)


FLIPS = st.dictionaries(st.integers(0, 2**20), st.integers(1, 255), min_size=1, max_size=4)


def flip(whole, flips):
    changed = bytearray(whole)
    for place, bits in flips.items():
        changed[place % len(whole)] ^= bits
    return bytes(changed)


@settings(deadline=None)
@given(FLIPS)
def test_any_flipped_byte_is_noticed(saved, flips):
    whole, path = (saved / "run.nc").read_bytes(), saved / "changed.nc"
    damaged = flip(whole, flips)
    assert assert_refused_or_whole(path, damaged) == (damaged == whole)


@settings(max_examples=300, deadline=None)
@given(FLIPS)
def test_a_forged_checksum_leads_no_further(saved, flips):
    whole, path = (saved / "run.nc").read_bytes(), saved / "changed.nc"
    assert_refused_or_whole(path, seal(flip(whole, flips)))


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 2**18),
    st.sampled_from((0, 1, 2, 7, 2**31 - 1, 2**31, 2**32 - 4, 2**32 - 1)),
)
def test_forged_sizes_lead_no_further(saved, place, word):
    """Every word of a file can be a size, a count or a place: try the ones that overflow."""
    whole, path = (saved / "run.nc").read_bytes(), saved / "changed.nc"
    place = 4 * place % len(whole)
    assert_refused_or_whole(path, seal(whole[:place] + word.to_bytes(4, "big") + whole[place + 4 :]))


#: Of what xarray can write, with the engines that write it.
CLASSIC = [
    ("NETCDF3_CLASSIC", "scipy"),
    ("NETCDF3_64BIT", "scipy"),
    ("NETCDF3_CLASSIC", "netcdf4"),
    ("NETCDF3_64BIT_OFFSET", "netcdf4"),
]


def rewrite(old, new, form, engine):
    """Have xarray read a file and write it again."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4" if engine == "netcdf4" else "scipy")
    xarray.load_dataset(old).to_netcdf(new, format=form, engine=engine)


@pytest.mark.parametrize(("form", "engine"), CLASSIC)
def test_what_xarray_wrote_again_is_read_without_a_checksum_and_says_so(trace, tmp_path, form, engine):
    old, new = tmp_path / "old.nc", tmp_path / "new.nc"
    trace.save(old)
    rewrite(old, new, form, engine)
    with pytest.warns(UserWarning, match="new.nc was written again by another program"):
        found = rv.load(new)
    assert found.layers == trace.layers
    for name in trace.layers:
        for call, other in zip(trace.calls(name), found.calls(name), strict=True):
            for array, values in call.arrays().items():
                torch.testing.assert_close(other.arrays()[array], values, rtol=0, atol=0, equal_nan=True)
    found.save(new, overwrite=True)
    rv.load(new)  # has a checksum again


def test_the_line_that_converts_hdf5_does(trace, tmp_path, monkeypatch):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    monkeypatch.chdir(tmp_path)
    trace.save("saved.nc")
    rewrite("saved.nc", "old.nc", "NETCDF4", "netcdf4")
    with pytest.raises(TraceFileError, match="HDF5") as refused:
        rv.load("old.nc")
    assert CONVERT in str(refused.value)
    exec(CONVERT, {"xarray": xarray})
    with pytest.warns(UserWarning, match="written again"):
        assert repr(rv.load("new.nc")) == repr(trace)


@settings(max_examples=300, deadline=None)
@given(FLIPS)
def test_damage_to_what_has_no_checksum_leads_no_further(saved, flips):
    path = saved / "changed.nc"
    rewrite(saved / "run.nc", saved / "again.nc", "NETCDF3_64BIT", "scipy")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*written again by another program", UserWarning)
        assert_refused_or_whole(path, flip((saved / "again.nc").read_bytes(), flips))


def test_many_names_for_the_same_bytes_do_not_unfold(tmp_path):
    """A small file that would fill any memory, were its offsets believed."""
    path = tmp_path / "bomb.nc"
    write_netcdf(path, {f"v{n}": Variable((f"x{n}",), np.zeros(1000)) for n in range(3)}, {})
    data = path.read_bytes()
    first, second = (len(data) - k * 8000 for k in (3, 2))
    assert data.count(second.to_bytes(8, "big")) == 1
    path.write_bytes(seal(data.replace(second.to_bytes(8, "big"), first.to_bytes(8, "big"))))
    with pytest.raises(TraceFileError, match="'v1' does not follow what stands before it"):
        rv.load(path)


@pytest.mark.parametrize("header", ["whole", "axes without end", "a name without end"])
def test_a_sparse_file_is_refused_before_it_is_read(small, tmp_path, header):
    path = tmp_path / "sparse.nc"
    start = {
        "whole": small.read_bytes(),
        # A hundred million axes without a name or a length: all of it zeros, which take no room on a disk.
        "axes without end": b"CDF\x02"
        + bytes(4)
        + (10).to_bytes(4, "big")
        + (100_000_000).to_bytes(4, "big"),
        "a name without end": b"CDF\x02" + bytes(4) + b"\0\0\0\x0a\0\0\0\x01" + (2**29).to_bytes(4, "big"),
    }[header]
    with path.open("wb") as file:
        file.write(start)
        file.truncate(2**30)
    message = {
        "whole": f"it has {2**30} bytes where its header promises {len(start)}",
        "axes without end": "declares an axis twice",
        "a name without end": f"text of {2**29} bytes, where {2**26} are the most",
    }[header]
    tracemalloc.start()
    try:
        with pytest.raises(TraceFileError, match=message):
            rv.load(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2_000_000


def test_a_folder_is_not_a_trace(tmp_path):
    with pytest.raises(TraceFileError, match="it is not a file"):
        rv.load(tmp_path)


def test_nothing_of_a_pickle_runs(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"weights": torch.zeros(1)}, path)
    with pytest.raises(TraceFileError, match="it is something else"):
        rv.load(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is something else"),
        (b"\x80\x04\x95 a pickle", "it is something else"),
        (b"PK\x03\x04 a zip or a torch checkpoint", "it is something else"),
        (b"\x89HDF\r\n\x1a\n", r"HDF5\) file. Convert it first: xarray.load_dataset"),
        (b"CDF\x05", "another netCDF format"),
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
    with pytest.raises(TraceFileError, match=r"version is 99; this rnnviz reads up to 2. Update rnnviz"):
        rv.load(path)
    write_netcdf(path, values, {"format": "rnnviz trace", "format_version": 1})
    with pytest.raises(TraceFileError, match="does not say which layer"):
        rv.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.pop("l0.hidden"), "no hidden states"),
        (lambda v: v.pop("l0.gate_reset"), "lacks one of its gates"),
        (lambda v: v.pop("l0.weight_hh"), "incomplete"),
        (lambda v: v.pop("l0.input"), "'input' of a layer is missing"),
        (lambda v: v["l0.lengths"].values.fill(9), "do not fit its steps"),
        (
            lambda v: v["l0.hidden"].attributes.update(above="1"),
            "layer number 1, which another refers to, is missing",
        ),
        (lambda v: v["l0.hidden"].attributes.update(above="0"), "layer number 0, which another"),
        (lambda v: v["l0.hidden"].attributes.update(above="x" * 99), "are given as 'xxx"),
        (lambda v: v["l0.hidden"].attributes.update(layer="l7"), "the name 'l7' and the step 0"),
        (lambda v: v["l0.hidden"].attributes.update(torch_dtype="int64"), "holds float32 as torch's 'int64'"),
        (lambda v: v["l0.hidden"].attributes.update(torch_dtype="load"), "holds float32 as torch's 'load'"),
        (lambda v: v.update(more=Variable((), np.zeros(()))), "'more' does not say which layer"),
        (lambda v: v.update(more=v["l0.hidden"]), "'more' is no array of a layer, or is there twice"),
        (lambda v: v["l0.hidden"].attributes.pop("kind"), "'kind' is missing"),
        (
            lambda v: v.update({"l0.bias_ih": v["l0.weight_hh"]}) or fix(v, "bias_ih"),
            r"does not have the shape \(6,\)",
        ),
    ],
)
def test_arrays_that_do_not_fit_together(small, change, message):
    variables, attributes, _ = read_netcdf(small)
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
    found, attributes, sealed = read_netcdf(tmp_path / "a.nc")
    assert sealed
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
    write_netcdf(path, {}, {})
    assert read_netcdf(path) == ({}, {}, True)
    path.write_bytes(b"CDF\x02" + b"\0" * 28)
    with pytest.raises(NetCDFError, match="no checksum, so another program wrote it"):
        read_netcdf(path)
    path.write_bytes(b"CDF\x02" + b"\0" * 20)
    with pytest.raises(NetCDFError):
        read_netcdf(path)


# -------------------------------------------------------------------------------------------------- xarray
# and pandas


def test_xarray(trace, tmp_path):
    xarray = pytest.importorskip("xarray")
    tree = trace.to_xarray()
    assert "rnn.l0[1]" in tree.children
    data = tree["lstm.l0"].to_dataset()
    assert data["hidden"].dims == ("time", "sequence", "unit")
    assert data["forget"].dims == ("time", "sequence", "cell_unit")
    assert data["input_gate"].attrs["long_name"] == "input gate"
    assert data["time"].attrs["units"] == "step"
    np.testing.assert_array_equal(data["grad_cell"], trace["lstm.l0"].grad_cell)
    np.testing.assert_array_equal(data["mask"], trace["lstm.l0"].mask)
    assert float(data["cell"].sel(time=2, sequence=1).isel(cell_unit=0)) == float(
        trace["lstm.l0"].cell[2, 1, 0]
    )
    about = {"layer": "lstm.l0", "kind": "LSTM", "reverse": 0, "call": 0, "forward_pass": 0}
    assert data.attrs == about
    tree.to_netcdf(tmp_path / "tree.nc")
    with xarray.open_datatree(tmp_path / "tree.nc") as again:
        xarray.testing.assert_identical(again["lstm.l0"].to_dataset()["forget"], data["forget"])


@pytest.mark.parametrize(
    ("method", "library"), [("to_xarray", "xarray"), ("to_frame", "pandas")], ids=["xarray", "pandas"]
)
def test_a_missing_library_is_explained(trace, monkeypatch, method, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf'{method} needs {library}: pip install "rnnviz\[export\]"'):
        getattr(trace, method)()


def test_data_frame(trace):
    pytest.importorskip("pandas")
    frame = trace.to_frame()
    row = frame.query("layer == 'gru.l1_reverse' and step == 3 and sequence == 2 and unit == 1").iloc[0]
    layer = trace["gru.l1_reverse"]
    assert row["update"] == float(layer.gates["update"][3, 2, 1])
    assert row["grad_hidden"] == float(layer.grad_hidden[3, 2, 1])
    assert np.isnan(row["cell"])
    row = frame.query("layer == 'lstm.l0' and step == 1 and sequence == 0 and unit == 3").iloc[0]
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
