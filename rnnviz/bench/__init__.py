"""What recording costs, measured against the plain training step: ``rnnviz bench``.

Where a figure is over its bound, this is why. Measured at one thread on a processor with AVX-512, where a product
of float32 matrices reaches about 98 billion floating-point operations a second; times are those of the calling
thread, the least of many runs.

**The smallest sizes.** A training step of a plain RNN at (50, 20, 1, 100) takes 1.6 ms, so a bound of 1.05 leaves 80
µs and one of 1.2 leaves 320 µs, whatever the size of the layer.

* *unread*, about 100 µs: 15 µs attach and detach the hooks, once a block; the rest is one forward hook, which copies
  four parameters, keeps references to input and output and registers where gradients arrive. One block around many
  steps pays less than the table, which opens one for each step.
* *one*, 140 µs more, and what it costs to copy the chosen sequence out of the batch: 39 µs check that the step
  equations give the recorded outputs, and 52 µs are the 39 calls into torch that the adjoint of 20 steps consists of,
  1.3 µs each, hardly any of it arithmetic. The check is what finds data changed behind autograd's back, so it stays.
* *whole*, 390 µs: 230 of them are the 19 products of (50, 100) with (100, 100) in the adjoint. torch's own backward
  pass has done them before, inside its kernel, which does not show them.
* *packed*, LSTM and RNN at the two smallest sizes: what torch's packed kernel pays for is the number of steps. For
  an LSTM the ratio is 1.09 at 20 steps, 1.01 at 28, 0.29 at 200 and 0.08 at 1000.

**Gradient flow.** The T×T map needs, for every pair of steps, one vector times W_hh, and nothing can be left out of
that: 200 · 200 / 2 products a sequence. For a plain RNN of 64 units at batch 8 these take 14 of 19 ms, at the
processor's full speed, while 200 backward passes, one after the other, take 200 ms: 14 times as long as the products
alone, 10.7 times as long as the map. At batch 1 it is 4.2 against 171 ms, 40 times. For an LSTM at batch 8 about seven
tenths of 72 ms are products, and the passes take 970 ms, 13.5 times as long as the map. A faster map would need a
cheaper product.
"""
