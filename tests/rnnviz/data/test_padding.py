import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.data import make_batches, measure_padding

LENGTHS = st.lists(st.integers(1, 50), min_size=1, max_size=40)


@given(LENGTHS, st.integers(1, 12), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_every_sequence_is_in_one_batch_and_no_batch_is_too_large(lengths, size, buckets, seed):
    for order in ("random", "bucketed", "sorted"):
        batches = make_batches(lengths, size, order=order, buckets=buckets, seed=seed)
        assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
        assert all(0 < len(batch) <= size for batch in batches)


@given(LENGTHS, st.integers(1, 12))
def test_the_padding_is_what_torch_s_padded_batches_hold(lengths, size):
    from torch.nn.utils.rnn import pad_sequence

    batches = make_batches(lengths, size)
    padded = sum(pad_sequence([torch.ones(lengths[k]) for k in batch]).numel() for batch in batches)
    counted = measure_padding(lengths, batches)
    assert (counted.real, counted.computed) == (sum(lengths), padded)


@given(LENGTHS, st.integers(1, 12))
def test_packing_pads_nothing_and_sorting_never_more_than_one_batch_to_the_longest(lengths, size):
    batches = make_batches(lengths, size)
    assert measure_padding(lengths, batches, to="own").share == 0
    to_all = measure_padding(lengths, batches, to="all")
    assert to_all.computed == len(lengths) * max(lengths)
    by_length = measure_padding(lengths, make_batches(lengths, size, order="sorted"))
    assert by_length.computed <= to_all.computed


def test_buckets_lie_between_chance_and_order():
    lengths = [1 + (37 * k) % 60 for k in range(64)]
    shares = [
        measure_padding(lengths, make_batches(lengths, 8, **options)).share
        for options in (
            {"order": "random"},
            {"order": "bucketed", "buckets": 2},
            {"order": "bucketed", "buckets": 4},
            {"order": "sorted"},
        )
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.3 > 0.15 > shares[-1]


def test_shuffling_depends_on_the_seed_alone():
    lengths = [3] * 20
    assert make_batches(lengths, 5, seed=1) == make_batches(lengths, 5, seed=1)
    assert make_batches(lengths, 5, seed=1) != make_batches(lengths, 5, seed=2)


def test_each_order_of_three_comes_about_equally_often():
    counts = {}
    for seed in range(1200):
        order = tuple(make_batches([1, 1, 1], 3, seed=seed)[0])
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert min(counts.values()) > 150


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([], 2), "no sequences"),
        (([1, 0], 2), "A length is 0"),
        (([1, 2], 0), "size is 0"),
    ],
)
def test_refuses_batches_that_cannot_be(arguments, says):
    with pytest.raises(ValueError, match=says):
        make_batches(*arguments)
    with pytest.raises(ValueError, match="order is 'alphabetic'"):
        make_batches([1], 1, order="alphabetic")
    with pytest.raises(ValueError, match="to is 'none'"):
        measure_padding([1], [[0]], to="none")
