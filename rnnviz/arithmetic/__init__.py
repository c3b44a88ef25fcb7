"""What follows from the step equations for a whole sequence: no hooks, no modules of torch's.

`states` holds what a layer computed, `rnn`, `gru` and `lstm` what follows from each step equation (gates, slopes,
adjoint, Jacobian, forward pass of our own), and `kinds` says what such a module has. There are several ways to one
array, and each has its place:

* **States and gates from outputs** (`derive`): what torch's layer returned gives every gate of every step in one
  product of matrices, and cell states by a scan over time.
* **Our own forward pass** (`kernels`): the equations step by step, with all that is recorded kept on the way, and the
  backward pass that belongs to it. `rnnviz.LSTM` and its siblings run on it.
* **Gradients by a loop** (`adjoint`): from the last step to the first, exact; on a CPU the fastest way.
* **Gradients without a loop** (`replay`, `scan`): torch's kernel (`torch_kernel`) runs once more with ghost inputs,
  whose gradients are what flows back through the recurrence; what is linear in time is scanned in log₂T rounds. On a
  GPU the way of choice.
* **Many rows at once** (`rnnviz.analysis.propagate`): all T backward passes of a map of gradient flow, side by side.

All of them keep one order of axes, (time, batch, feature), and are tested against each other and against autograd.
"""
