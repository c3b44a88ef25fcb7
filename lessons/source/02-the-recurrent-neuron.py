# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   rnnviz:
#     title: The recurrent neuron
#     minutes: 60
#     outcomes:
#       - explain how a neuron remembers when its output comes back
#       - fold and unroll a recurrent layer, and say what the steps share
#       - write one step for one instance, for a batch, and as a single product
#       - unroll a network by hand, as a list of steps, and as one loop
#       - measure what a long sequence costs in memory
#     summary: One neuron, its own echo, and how a loop becomes a network that can be trained.
# ---

# %% [markdown]
# # The recurrent neuron
#
# After this lesson you can
#
# * explain how a neuron remembers when its output comes back,
# * fold and unroll a recurrent layer, and say what the steps share,
# * write one step for one instance, for a batch, and as a single product,
# * unroll a network by hand, as a list of steps, and as one loop,
# * measure what a long sequence costs in memory.

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %%
import torch

import rnnviz as rv
import rnnviz_widgets as rw

# %% [markdown]
# ## A neuron that hears itself
#
# An ordinary neuron looks at its input and answers. Show it the same input again, and it gives the same
# answer. It cannot know what came before.
#
# What if it could hear its own last answer?

# %%
rw.Picture("02-one-neuron")

# %% [markdown]
# One step is one line of arithmetic. The input is $x_t$, the output $y_t$, and the output of the step
# before is $y_{t-1}$:
#
# $$y_t = \tanh(w_x\, x_t + w_y\, y_{t-1})$$
#
# There is nothing before the first step, so we start from $y_{-1} = 0$. In code it is a loop, and one
# variable that survives from turn to turn. Show it a single 1:

# %% tags=["show-code"]
from math import tanh


def listen(inputs, w_x=1.0, w_y=0.9):
    y, outputs = 0.0, []
    for x in inputs:
        y = tanh(w_x * x + w_y * y)
        outputs.append(round(y, 4))
    return outputs


print("out comes", listen([1]))

# %% [markdown]
# A 1 went in, and 0.76 came out. Now follow zeros, nothing but zeros. What will the neuron say?
#
# Commit to a prediction. Then a graph of the neuron appears below it, and is yours to play with. Graphs have
# their own letters: $h$ is what a neuron hands on. Here it is our $y$, so our $w_y$ is called
# $\mathbf{W}_h$. There is one layer, `l0`, with one neuron, unit 0. Most neurons also add a constant, their
# [**bias**](glossary.ipynb#bias), to each sum. This one has none.

# %%
one_neuron = torch.nn.RNN(1, 1, bias=False)
with torch.no_grad():
    one_neuron.weight_ih_l0.fill_(1.0)
    one_neuron.weight_hh_l0.fill_(0.9)

impulse = torch.zeros(10, 1, 1)  # (time, batch, feature)
impulse[0] = 1.0
with rv.record(one_neuron) as echo:
    one_neuron(impulse)
rw.ask("02", "echo", show=rw.UnrolledGraph(echo, folded=False))

# %% [markdown]
# In the graph, click a step to open its sum. Then **change the weight of the loop**, $w_y$, and watch all
# later steps follow. Try 0, try −0.9, try 1, try 2. Which one forgets at once? Which one rings, up and down?
# Which one never forgets?
#
# “Never” means that the output stays away from 0, however long you wait. Look twice at 1. It fades too, only
# more and more slowly: after a hundred zeros, 0.12 is left.

# %%
rw.ask("02", "memory-place")

# %% [markdown]
# ## Unrolling
#
# A loop is awkward to draw and awkward to think about. There is an old trick for it, which compilers play
# too: write the loop out.
#
# ```python
# y = 0                 y = 0
# for x in xs:          y = step(xs[0], y)
#     y = step(x, y)    y = step(xs[1], y)
#                       y = step(xs[2], y)
# ```
#
# Both do the same. On the left is one line, passed three times. On the right are three lines, passed once.
# On the right nothing goes in circles any more: time has become a direction on the page.
#
# In the graph above, press **Fold into a loop**, then **Unfold in time**: it is the same trick, as a picture.
#
# How many [weights](glossary.ipynb#weight) does such a picture have? Commit first.

# %%
rw.ask("02", "count-weights")

# %%
rw.ask("02", "shared-weights")

# %% [markdown]
# ## Two neurons, then a layer
#
# One echo is little to remember with. Take two neurons. Each hears both inputs. Each hears *both* last
# outputs: its own, and the other's.

# %%
rw.Picture("02-two-neurons")

# %% [markdown]
# Begin with a special case. Take away the arrows from each neuron to itself. Now each hears only the *other's*
# last output, times 0.9. Show the first neuron a single 1. Commit, and the two appear below.

# %%
pair = torch.nn.RNN(2, 2, bias=False)
with torch.no_grad():
    pair.weight_ih_l0.copy_(torch.eye(2))  # each has an input of its own
    pair.weight_hh_l0.copy_(torch.tensor([[0.0, 0.9], [0.9, 0.0]]))  # and hears only the other

touch = torch.zeros(10, 1, 2)
touch[0, 0, 0] = 1.0
with rv.record(pair) as two:
    pair(touch)
rw.ask("02", "two-neurons", show=rw.UnrolledGraph(two, folded=False))

# %% [markdown]
# The graph counts from 0: unit 0 is the first neuron, unit 1 the second. Click one at any step to see whom it
# heard.
#
# A neuron alone could fade, stay, or flip its sign at every step. It could not ring any slower than that. Two can:
#
# * **A slow ring.** Click unit 0. Set the weight with which it hears *unit 1* to −0.9. After how many steps is it
#   at its highest again?
# * **A slower one.** Set all four weights of the loop to 0.7, but that one to −0.7. And now?
# * **Two hermits.** Let each hear only itself: 0.9 from itself, 0 from the other. What does unit 1 say, and why?
#
# So the arrows *between* neurons carry memory, too. A layer remembers as a whole.

# %% [markdown]
# Now for the general case. Give every arrow its weight, and every neuron a [bias](glossary.ipynb#bias). The first
# neuron computes
#
# $$y_1 \leftarrow \tanh(w_{11} x_1 + w_{21} x_2 + v_{11} y_1 + v_{21} y_2 + b_1)$$
#
# and the second the same with its own numbers. It is a lot of letters for a simple thing. So put the
# weights of the inputs into one table $\mathbf{W}_x$ and the weights of the loop into another,
# $\mathbf{W}_y$. Row $i$ says where number $i$ goes; column $j$ says what neuron $j$ hears. Then a layer of
# any size is one line:
#
# $$\mathbf{y}_t = \tanh(\mathbf{x}_t \mathbf{W}_x + \mathbf{y}_{t-1} \mathbf{W}_y + \mathbf{b})$$
#
# | | what it is | shape, for 3 inputs and 5 neurons |
# |---|---|---|
# | $\mathbf{x}_t$ | this step's inputs | 3 |
# | $\mathbf{y}_{t-1}$ | last step's outputs | 5 |
# | $\mathbf{W}_x$ | from each input to each neuron | 3 × 5 |
# | $\mathbf{W}_y$ | from each output to each neuron | 5 × 5 |
# | $\mathbf{b}$ | one bias for each neuron | 5 |
#
# PyTorch has the same three, under names of its own:

# %% tags=["show-code"]
torch.manual_seed(4)
layer = torch.nn.RNN(3, 5)
for name, table in layer.named_parameters():
    print(f"{name:13} {tuple(table.shape)}")

# %% [markdown]
# `ih` leads from the input to the state: our $\mathbf{W}_x$. `hh` leads from state to state: our $\mathbf{W}_y$.
# Both lie on their side: here it is *row* $j$ that says what neuron $j$ hears. And the bias comes in two parts,
# which are simply added. So PyTorch stores 50 numbers where 45 would do.

# %% [markdown]
# ## Many at once
#
# Four shares, four patients, four sentences: a network usually reads several sequences side by side. Each is an
# [**instance**](glossary.ipynb#instance), and together they are a [**mini-batch**](glossary.ipynb#batch). They do
# not hear each other. They only share the weights.
#
# Write one instance in each row. Then the line stays as it is, and only the letters grow:
#
# $$\mathbf{Y}_t = \tanh(\mathbf{X}_t \mathbf{W}_x + \mathbf{Y}_{t-1} \mathbf{W}_y + \mathbf{b})$$
#
# $\mathbf{X}_t$ is 4 × 3 now and $\mathbf{Y}_t$ is 4 × 5. The weights are what they were.
#
# Here are four instances, in one layer of 5 neurons. The first reads nothing but zeros. The second reads a single
# 1 at $t = 0$, the third the same 1 at $t = 3$. The fourth reads all sorts of things.

# %%
batch = torch.zeros(7, 4, 3)  # (time, batch, feature)
batch[0, 1, 0] = batch[3, 2, 0] = 1.0
batch[:, 3] = torch.randn(7, 3)
with rv.record(layer) as four:
    layer(batch)
rw.UnrolledGraph(four, folded=False, title="One layer, four instances")

# %% [markdown]
# The list above the graph chooses the instance. It calls them sequence 0 to 3.
#
# * Look at 0. It reads only zeros, and yet the neurons speak. Click one at $t = 0$: which term of its sum is it?
# * Choose 1, then 2. Before its 1 arrives, whom does instance 2 follow to the last digit?
# * **Change a weight**, and walk through all four. Whose numbers have moved?

# %%
rw.ask("02", "shape-of-feedback")

# %% [markdown] tags=["exercise"]
# ### Exercise 1: one step
#
# Write one step of a recurrent layer, for a mini-batch. Run the cell: the check tells you what holds, and
# shows the smallest numbers on which something does not.


# %% tags=["exercise"]
def step(X, Y, W_x, W_y, b):
    """X: (batch, inputs), Y: (batch, neurons), the outputs of the step before."""
    return ...


rw.exercise("02", "step", step)

# %% [markdown] tags=["exercise"]
# A solution lies folded up below. Open it when yours holds, or when you are stuck.


# %% tags=["solution"]
def step(X, Y, W_x, W_y, b):
    return torch.tanh(X @ W_x + Y @ W_y + b)


rw.exercise("02", "step", step, keep=False)

# %% [markdown]
# Two products and a sum. Can it be one product?
#
# Lay the inputs and the last outputs side by side. Put the two tables of weights on top of each other:

# %%
rw.Picture("02-side-by-side")

# %% [markdown]
# $$\mathbf{Y}_t = \tanh\left([\mathbf{X}_t\ \mathbf{Y}_{t-1}] \cdot
# \begin{bmatrix}\mathbf{W}_x \\ \mathbf{W}_y\end{bmatrix} + \mathbf{b}\right)$$
#
# Seen like this, a recurrent layer is an ordinary layer with a wider input: part of it comes from the
# world, part from itself.

# %% [markdown] tags=["exercise"]
# ### Exercise 2: side by side
#
# The same step, but with a single product. `W` holds $\mathbf{W}_x$ on top of $\mathbf{W}_y$.


# %% tags=["exercise"]
def step_side_by_side(X, Y, W, b):
    """W: (inputs + neurons, neurons)."""
    return ...


rw.exercise("02", "side-by-side", step_side_by_side)


# %% tags=["solution"]
def step_side_by_side(X, Y, W, b):
    return torch.tanh(torch.cat([X, Y], dim=1) @ W + b)


rw.exercise("02", "side-by-side", step_side_by_side, keep=False)

# %% [markdown]
# Are the two ways really equal? Here are both, on the same random numbers:

# %% tags=["show-code"]
generator = torch.Generator().manual_seed(2)
X, Y = torch.randn(4, 3, generator=generator), torch.randn(4, 5, generator=generator)
W_x, W_y = torch.randn(3, 5, generator=generator), torch.randn(5, 5, generator=generator)
b = torch.randn(5, generator=generator)

two_products = torch.tanh(X @ W_x + Y @ W_y + b)
one_product = torch.tanh(torch.cat([X, Y], dim=1) @ torch.cat([W_x, W_y], dim=0) + b)
print("two products:", tuple(two_products.shape))
print("one product: ", tuple(one_product.shape))
print("largest difference below 1e-6:", bool((two_products - one_product).abs().max() < 1e-6))

# %% [markdown]
# ## What a cell remembers, and what it says
#
# A part of a network that keeps something from step to step is a [**memory cell**](glossary.ipynb#cell). What it
# keeps is its [**state**](glossary.ipynb#hidden-state), $\mathbf{h}$. Everything the cell knows of the past is in
# there:
#
# $$\mathbf{h}_t = f(\mathbf{x}_t, \mathbf{h}_{t-1})$$
#
# In the layers so far the state and the output were the same numbers, so one letter was enough. They need
# not be. Often the cell remembers with many numbers and is asked for one:

# %%
rw.Picture("02-state-and-output")

# %% [markdown]
# On the right a second function reads the output off the state: $\mathbf{y}_t = g(\mathbf{h}_t)$. In
# PyTorch, $f$ is a recurrent layer, and $g$ is mostly a linear one behind it.

# %% tags=["show-code"]
memory, readout = torch.nn.RNN(1, 3), torch.nn.Linear(3, 1)
with rv.record(memory) as recorded:
    h, last = memory(impulse)  # a single 1, then zeros: (time, batch, feature)
y = readout(h)
print("state  h:", tuple(h.shape), "comes back")
print("output y:", tuple(y.shape), "does not")

# %% [markdown]
# Do not take the word “does not” on trust. In the graph, the output stands in blue above the state.
#
# * Click an output, and change one of *its* weights. Which numbers move, and which stay?
# * Press **Undo my changes**. Click a state, and change a weight *from the state one step before*. And now?

# %%
rw.UnrolledGraph(recorded, readout=readout, folded=False)

# %%
rw.ask("02", "state-or-output")

# %% [markdown]
# ## A page from a book
#
# *Hands-On Machine Learning* (A. Géron, first edition, chapter 14) runs the smallest network worth looking
# at: 3 inputs, 5 neurons, 2 steps, a mini-batch of 4. It prints what went in, and what came out.

# %% tags=["show-code"]
from rnnviz.experiments import two_step_rnn as book

X0, X1 = book.INPUTS
for t, (X, Y) in enumerate(zip(book.INPUTS.tolist(), book.OUTPUTS.tolist(), strict=True)):
    print(f"t={t}   inputs     outputs")
    for x, y in zip(X, Y, strict=True):
        print("     ", *(f"{value:.0f}" for value in x), "  ", *(f"{value:11.8f}" for value in y))

# %% [markdown]
# It does not print the weights. They were random, and are long gone. Are they?
#
# ### The detective
#
# Look at the first step. There was nothing before it, and the bias is 0. So
#
# $$\mathbf{Y}_0 = \tanh(\mathbf{X}_0 \mathbf{W}_x)$$
#
# and therefore, with the tanh undone,
#
# $$\mathbf{X}_0 \mathbf{W}_x = \operatorname{artanh}(\mathbf{Y}_0).$$
#
# Take one neuron, one column of $\mathbf{W}_x$. It has 3 unknown weights. The table gives 4 equations. That
# is more than enough, if the printed numbers can be trusted. Can they?

# %%
rw.ask("02", "why-weighted")

# %% [markdown]
# So each equation gets a say according to what it knows: its weight is the slope of the tanh there, $1 -
# y^2$. A row near ±1 hardly counts.
#
# The second step adds $\mathbf{Y}_0 \mathbf{W}_y$ to the sum. What is missing is
#
# $$\mathbf{Y}_0 \mathbf{W}_y = \operatorname{artanh}(\mathbf{Y}_1) - \mathbf{X}_1 \mathbf{W}_x.$$
#
# Now a neuron has 5 unknown weights and only 4 equations. Many answers fit. We take the smallest, and say so:
# $\mathbf{W}_x$ is the book's own, $\mathbf{W}_y$ is *one* table that does what the book's did.

# %% [markdown] tags=["exercise"]
# ### Exercise 3: be the detective
#
# Recover $\mathbf{W}_x$ from $\mathbf{X}_0$ and $\mathbf{Y}_0$. `book.invert_tanh(Y0)` undoes the tanh.
# `torch.linalg.lstsq(A, c).solution` finds the vector $w$ for which $A w$ comes closest to $c$.


# %% tags=["exercise"]
def recover_input_weights(X0, Y0):
    columns = []
    for y in Y0.T:  # one neuron, its output for the four instances
        z = book.invert_tanh(y)
        columns.append(...)
    return torch.stack(columns, dim=1)


rw.exercise("02", "detective", recover_input_weights)


# %% tags=["solution"]
def recover_input_weights(X0, Y0):
    columns = []
    for y in Y0.T:
        z, sureness = book.invert_tanh(y), 1 - y**2
        columns.append(torch.linalg.lstsq(X0 * sureness[:, None], z * sureness).solution)
    return torch.stack(columns, dim=1)


rw.exercise("02", "detective", recover_input_weights, keep=False)

# %% [markdown]
# Does it matter how much each equation is trusted? Make it harder for the detective: cut the printed table down to
# a few digits. Recover $\mathbf{W}_x$ from what is left, and compute $\mathbf{Y}_0$ with it. By how much does it
# miss the book's, at worst?


# %% tags=["show-code"]
def misses(digits, weighted):
    table = book.OUTPUTS[0].mul(10**digits).round() / 10**digits
    columns = []
    for y in table.T:
        z, sureness = book.invert_tanh(y), 1 - y**2 if weighted else torch.ones(4)
        columns.append(torch.linalg.lstsq(X0 * sureness[:, None], z * sureness, driver="gelsd").solution)
    return (torch.tanh(X0 @ torch.stack(columns, dim=1)) - book.OUTPUTS[0]).abs().max()


trust = {
    "by what it knows": lambda digits: misses(digits, weighted=True),
    "all alike": lambda digits: misses(digits, weighted=False),
}
rw.Experiment(trust, x="digits", low=1, high=8, first=[2, 8])

# %% [markdown]
# Turn the knob to each number of digits. With a say according to what it knows, two digits are enough to come
# within 0.01. With one say for all it takes seven: a few loud, unsure rows drown the sure ones.
#
# And here are the lost weights, from all eight:

# %% tags=["show-code"]
W_x, W_y = book.recover_weights()
print("W_x, the book's own:", W_x.numpy().round(4), sep="\n")
print("W_y, the smallest that fits:", W_y.numpy().round(4), sep="\n")

# %% [markdown]
# ## Three ways to run it
#
# ### By hand
#
# Two steps, two lines:
#
# $$\mathbf{Y}_0 = \tanh(\mathbf{X}_0 \mathbf{W}_x)$$
#
# $$\mathbf{Y}_1 = \tanh(\mathbf{X}_1 \mathbf{W}_x + \mathbf{Y}_0 \mathbf{W}_y)$$
#
# Do they print the book's tables? Compare digit by digit:

# %% tags=["show-code"]
Y0 = torch.tanh(X0 @ W_x)
Y1 = torch.tanh(X1 @ W_x + Y0 @ W_y)
print(book.compare_tables(torch.stack([Y0, Y1])))

# %% [markdown]
# The book computed with seven digits, and the last ones are rounding. Everything else is there.
#
# ### As a list of steps
#
# Two lines are fine for two steps. For fifty you would rather not. So let the machine write the loop out. It goes
# through a *list* of steps, before any data is there, and notes down every operation. This is [**static
# unrolling**](glossary.ipynb#unrolling):


# %% tags=["show-code"]
def write_out(T):
    def go_through(steps, W_x, W_y):
        outputs = [torch.tanh(steps[0] @ W_x)]
        for t in range(1, T):
            outputs.append(torch.tanh(steps[t] @ W_x + outputs[-1] @ W_y))
        return torch.stack(outputs)

    return torch.fx.symbolic_trace(go_through)


static = write_out(2)
for operation in static.graph.nodes:
    if operation.op == "call_function":
        print(f"{operation} = {operation.target.__name__}{operation.args}")

# %% [markdown]
# No loop is left. There is a stretch of program for each step. The first is short: fetch, one product, a tanh.
# Nothing came before it, so there is nothing to add. Every later one is the same: fetch, two products, a sum,
# a tanh. Fifty steps would fill some two hundred and fifty lines, and fifty it would be for good. Feed it the
# data:

# %% tags=["show-code"]
print(book.compare_tables(static([X0, X1], W_x, W_y)))

# %% [markdown]
# One more practical thing. Data mostly comes as one block with the instances first: (batch, time, feature),
# here 4 × 2 × 3. A list of steps wants the time first. So the block is turned round on the way in, and the
# outputs are stacked and turned back on the way out:

# %% tags=["show-code"]
block = torch.stack([X0, X1], dim=1)
steps = block.transpose(0, 1).unbind()
print("block", tuple(block.shape), "→ list of", len(steps), "steps, each", tuple(steps[0].shape))
outputs = static(steps, W_x, W_y)
print("outputs", tuple(outputs.shape), "→ turned back", tuple(outputs.transpose(0, 1).shape))

# %% [markdown]
# ### As one loop
#
# **Dynamic unrolling** keeps the loop, and goes round it as often as there is data. The program stays as short
# as this, for two steps or two thousand:


# %% tags=["show-code"]
def run(steps, W_x, W_y):
    Y = torch.zeros(len(steps[0]), len(W_y), dtype=W_x.dtype)
    outputs = []
    for X_t in steps:
        Y = torch.tanh(X_t @ W_x + Y @ W_y)
        outputs.append(Y)
    return torch.stack(outputs)


print(book.compare_tables(run(book.INPUTS, W_x, W_y)))

# %% [markdown]
# The course has a home for a step of your own: a cell. You write the step, `rv.Cell` goes round the loop.


# %% tags=["show-code"]
class OurCell(rv.Cell):
    def step(self, x, hidden):
        return torch.tanh(x @ W_x + hidden @ W_y), {}


outputs, last = OurCell(3, 5)(book.INPUTS)
print(book.compare_tables(outputs).splitlines()[-1])

# %% [markdown]
# Torch's own `nn.RNN` is this loop, in compiled code. Here it is with our weights, recorded, and open in
# front of you. Step through it, fold it, click a neuron: the sum you see is a number of the book. The map
# below moves along.
#
# 1. **A loop weight.** Change one of the weights *from the state one step before*, at any step. Does anything at
#    $t = 0$ move? Why not?
# 2. **A deaf neuron.** Undo. Choose sequence 2 and $t = 0$. Unit 1 says 1.00: in the tables above it is 0.99999982.
#    Change one of its input weights by 0.1. Now do the same with unit 0, which says 0.05. Which of the two hears you?
# 3. **Three zeros.** Undo. Choose sequence 1 and $t = 1$. The book feeds it 0, 0, 0. Click a unit.

# %%
network = book.build_network()
with rv.record(network) as trace:
    network(book.INPUTS)
cursor = rw.Cursor()
rw.UnrolledGraph(trace, cursor=cursor, folded=False)

# %%
rw.GateHeatmap(trace, cursor=cursor)

# %%
rw.ask("02", "zeros-in")

# %% [markdown] tags=["exercise"]
# ### Exercise 4: unroll it yourself
#
# Now with the instances first: `X` is (batch, time, inputs), and so is what you return, (batch, time,
# neurons). Start from zeros.


# %% tags=["exercise"]
def unroll(X, W_x, W_y):
    Y = torch.zeros(len(X), len(W_y))
    outputs = []
    for t in range(X.shape[1]):
        outputs.append(...)
    return torch.stack(outputs, dim=1)


rw.exercise("02", "unroll", unroll)


# %% tags=["solution"]
def unroll(X, W_x, W_y):
    Y = torch.zeros(len(X), len(W_y))
    outputs = []
    for t in range(X.shape[1]):
        Y = torch.tanh(X[:, t] @ W_x + Y @ W_y)
        outputs.append(Y)
    return torch.stack(outputs, dim=1)


rw.exercise("02", "unroll", unroll, keep=False)

# %% [markdown]
# ## What a long graph costs
#
# One set of weights, one short loop. It looks as if long sequences came for free. Do they?

# %% [markdown]
# Let us not believe anything here, but measure. PyTorch can be asked which numbers it keeps for the [backward
# pass](glossary.ipynb#backward-pass); `measure_graph` adds up their bytes. Predict, and then turn the knob
# yourself.

# %% tags=["show-code"]
from rnnviz.experiments.graph_memory import measure_graph

weights = [W.clone().requires_grad_() for W in (W_x, W_y)]


def kilobytes(T):
    sequence = torch.ones(T, 4, 3, dtype=torch.float64)
    return measure_graph(run, sequence, *weights).bytes / 1000


knob = rw.Experiment({"memory of the graph": kilobytes}, x="steps", unit="kB", low=1, high=1000)
rw.ask("02", "graph-memory", show=knob)

# %% [markdown]
# Each step leaves 256 bytes behind, until the backward pass has used them: its outputs, 4 × 5 numbers of 8
# bytes, and its inputs, 4 × 3 of them.
#
# So is the loop to blame, and would a list of steps do better? Its program, at any rate, is longer:

# %% tags=["show-code"]
import inspect

print("written out for 1000 steps:", len(write_out(1000).graph.nodes), "lines")
print("as a loop, for any number: ", len(inspect.getsource(run).splitlines()), "lines")

# %% [markdown]
# And its memory? Commit. Then you can measure four ways at once: as one loop; written out; cut into pieces of 20
# steps, of which only one is kept at a time; and without training at all.


# %% tags=["show-code"]
def kilobytes_of(forward, T):
    sequence = torch.ones(T, 4, 3, dtype=torch.float64)
    return measure_graph(forward, sequence, *weights).bytes / 1000


def kilobytes_without_training(T):
    with torch.no_grad():
        return kilobytes(T)


# %%
ways = {
    "one loop": kilobytes,
    "written out": lambda T: kilobytes_of(write_out(T), T),
    "in pieces": lambda T: kilobytes(min(T, 20)),
    "without training": kilobytes_without_training,
}
knob = rw.Experiment(ways, x="steps", unit="kB", low=1, high=1000, first=[1, 20, 1000])
rw.ask("02", "list-or-loop", show=knob)

# %% [markdown]
# Two lines lie on each other: the loop and the list. It makes no difference how the program is written down, only
# how many steps are kept. (The loop has 160 bytes more, at any length: the zeros it starts from.)
#
# The two lines at the bottom are what helps: cutting the sequence into pieces, and not training at all.

# %%
rw.ask("02", "long-graph")

# %% [markdown]
# ## What you take along
#
# * A recurrent neuron hears its own last output. That output is its memory.
# * Two neurons that hear each other can ring slowly, which one alone cannot: a layer remembers as a whole.
# * Unrolling lays the loop out in time. The steps [share one set of weights](glossary.ipynb#weight-sharing).
# * A layer needs $\mathbf{W}_x$, $\mathbf{W}_y$ and $\mathbf{b}$, whatever the batch, however long the sequence.
#   One product is enough: $[\mathbf{X}\ \mathbf{Y}]$ times the stacked weights.
# * The state $\mathbf{h}$ comes back. The output $\mathbf{y}$ may be the state, or be read off it.
# * By hand, as a list, or as a loop: the same numbers, and the same memory for training. It grows with every
#   step.
#
# **Next: [sequence shapes](03-sequence-shapes.ipynb).** Here all four instances had two steps. Real sentences do
# not agree on a length. What is then the last output, and what should come after the end?
