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
#     exercise_minutes: 40
#     short_path: true
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
# A neuron is shown a single 1, and then only zeros. It forgets at once. **Click it at any step, change the weight
# with which it hears itself, and make it remember.**

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %%
import torch

import rnnviz as rv
import rnnviz_widgets as rw

neuron = torch.nn.RNN(1, 1, bias=False)
with torch.no_grad():
    neuron.weight_ih_l0.fill_(1.0)
    neuron.weight_hh_l0.fill_(0.0)

impulse = torch.zeros(10, 1, 1)  # (time, batch, feature)
impulse[0] = 1.0
with rv.record(neuron) as toy:
    neuron(impulse)
rw.UnrolledGraph(toy, folded=False, title="One neuron, ten steps")

# %% [markdown]
# <details><summary>After this lesson you can …</summary>
#
# * explain how a neuron remembers when its output comes back,
# * fold and unroll a recurrent layer, and say what the steps share,
# * write one step for one instance, for a batch, and as a single product,
# * unroll a network by hand, as a list of steps, and as one loop,
# * measure what a long sequence costs in memory.
#
# </details>

# %% [markdown]
# ## A neuron that hears itself
#
# An ordinary neuron looks at its input and answers. Show it the same input again, and it gives the same
# answer. It cannot know what came before.
#
# This one can also hear what it said one step earlier:

# %%
rw.Picture("02-one-neuron")

# %% [markdown]
# What it says is called its [**state**](glossary.ipynb#hidden-state), $h$. One step is one line of arithmetic. The
# input is $x_t$, the new state $h_t$, and the state of the step before $h_{t-1}$:
#
# $$h_t = \tanh(w_x\, x_t + w_h\, h_{t-1})$$
#
# There is nothing before the first step, so we start from $h_{-1} = 0$. Most neurons also add a constant to each sum,
# their [**bias**](glossary.ipynb#bias); this one has none. In code it is a loop, and one variable that lives on from
# turn to turn. Show it a single 1:

# %% tags=["show-code"]
from math import tanh


def listen(inputs, w_x=1.0, w_h=0.9):
    h, states = 0.0, []
    for x in inputs:
        h = tanh(w_x * x + w_h * h)
        states.append(round(h, 4))
    return states


print("it says", listen([1]))

# %% [markdown]
# A 1 went in, and 0.76 came out. From now on it gets zeros, nothing but zeros. What will it say? Commit to a
# prediction.

# %%
with torch.no_grad():
    neuron.weight_hh_l0.fill_(0.9)
with rv.record(neuron) as echo:
    neuron(impulse)
rw.ask("02", "echo", show=rw.UnrolledGraph(echo, folded=False))

# %% [markdown]
# In the graph at the top of this page, $w_h$ is called $\mathbf{W}_h$: it is a table of one number. There is one
# layer, `l0`, with one neuron, unit 0. Set that weight to 0.9, then to −0.9, to 1, to 2. With which does it forget
# at once? With which does it ring, up and down? With which does it never forget?
#
# “Never” means that the state stays away from 0, however long you wait. Look twice at 1.


# %%
def left_over(zeros, w_h):
    return listen([1] + [0] * zeros, w_h=w_h)[-1]


weights = {f"loop weight {w}": (lambda zeros, w=w: left_over(zeros, w)) for w in (0.9, 1.0, 1.1)}
knob = rw.Experiment(weights, x="zeros", low=0, high=100, first=[0, 2, 5, 10, 20, 35, 50, 75, 100])
rw.ask("02", "exactly-one", show=knob)

# %%
rw.ask("02", "memory-place")

# %% [markdown]
# ## Unrolling
#
# A loop is awkward to draw and awkward to think about. There is an old trick for it, which compilers play
# too: write the loop out.
#
# ```python
# h = 0                 h = 0
# for x in xs:          h = step(xs[0], h)
#     h = step(x, h)    h = step(xs[1], h)
#                       h = step(xs[2], h)
# ```
#
# Both do the same. On the left one line is run three times. On the right three lines are run once each, and
# nothing goes in circles any more: time has become a direction on the page.
#
# In the graph at the top, press **Fold into a loop**, then **Unfold in time**: it is the same trick, as a picture.
#
# How many [weights](glossary.ipynb#weight) does such a picture have? Commit first.

# %%
rw.ask("02", "count-weights")

# %%
rw.ask("02", "shared-weights")

# %% [markdown]
# ## Two neurons, then a layer
#
# One echo is little to remember with. Take two neurons. Each hears both inputs. Each also hears *both* last
# states: its own, and the other's.

# %%
rw.Picture("02-two-neurons")

# %% [markdown]
# Begin with a special case. Take away the arrows from each neuron to itself. Now each hears only the *other's*
# last state, times 0.9. The first neuron is shown a single 1. Commit first: the graph shows what they say.

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
# Here are two such neurons to play with, each hearing only itself at first. The graph counts from 0: unit 0 is the
# first neuron, unit 1 the second. Click one at any step to see whom it heard.

# %%
apart = torch.nn.RNN(2, 2, bias=False)
with torch.no_grad():
    apart.weight_ih_l0.copy_(torch.eye(2))
    apart.weight_hh_l0.copy_(0.9 * torch.eye(2))
with rv.record(apart) as alone:
    apart(touch)
rw.UnrolledGraph(alone, folded=False, title="Two neurons to play with")

# %% [markdown]
# A neuron alone can fade, stay, or flip its sign at every step. It cannot ring any slower than that. Two can:
#
# * **To and fro.** Let each hear only the other: 0 from itself, 0.9 from the other.
# * **A slow ring.** Click unit 0. Set the weight with which it hears *unit 1* to −0.9. After how many steps is it
#   at its highest again?
# * **A slower one.** Set all four weights of the loop to 0.7, but that one to −0.7. And now?
# * **Two hermits.** Press **Undo my changes**: each hears only itself again. What does unit 1 say, and why?
#
# So the arrows *between* neurons carry memory, too. A layer remembers as a whole.

# %% [markdown]
# Now for the general case. Give every arrow its weight, and every neuron a [bias](glossary.ipynb#bias). The first
# neuron computes
#
# $$h_1 \leftarrow \tanh(w_{11} x_1 + w_{21} x_2 + v_{11} h_1 + v_{21} h_2 + b_1)$$
#
# and the second the same with its own numbers. It is a lot of letters for a simple thing. So put the
# weights of the inputs into one table $\mathbf{W}_x$ and the weights of the loop into another,
# $\mathbf{W}_h$. Row $i$ says where number $i$ goes; column $j$ says what neuron $j$ hears. Then a layer of
# any size is one line:
#
# $$\mathbf{h}_t = \tanh(\mathbf{x}_t \mathbf{W}_x + \mathbf{h}_{t-1} \mathbf{W}_h + \mathbf{b})$$
#
# | | what it is | shape, for 3 inputs and 5 neurons |
# |---|---|---|
# | $\mathbf{x}_t$ | this step's inputs | 3 |
# | $\mathbf{h}_{t-1}$ | last step's state | 5 |
# | $\mathbf{W}_x$ | from each input to each neuron | 3 × 5 |
# | $\mathbf{W}_h$ | from each neuron's last state to each neuron | 5 × 5 |
# | $\mathbf{b}$ | one bias for each neuron | 5 |
#
# PyTorch has the same three, under names of its own:

# %% tags=["show-code"]
torch.manual_seed(4)
layer = torch.nn.RNN(3, 5)
for name, table in layer.named_parameters():
    print(f"{name:13} {tuple(table.shape)}")

# %% [markdown]
# `ih` leads from the input to the state: our $\mathbf{W}_x$. `hh` leads from state to state: our $\mathbf{W}_h$.
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
# $$\mathbf{H}_t = \tanh(\mathbf{X}_t \mathbf{W}_x + \mathbf{H}_{t-1} \mathbf{W}_h + \mathbf{b})$$
#
# $\mathbf{X}_t$ is 4 × 3 now and $\mathbf{H}_t$ is 4 × 5. The weights are what they were.
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
import rnnviz_widgets as rw


def step(X, H, W_x, W_h, b):
    """X: (batch, inputs), H: (batch, neurons), the state of the step before."""
    return ...


rw.exercise("02", "step", step)

# %% [markdown] tags=["exercise"]
# A solution lies folded up below. Open it when yours holds, or when you are stuck.


# %% tags=["solution"]
def step(X, H, W_x, W_h, b):
    return torch.tanh(X @ W_x + H @ W_h + b)


rw.exercise("02", "step", step, keep=False)

# %% [markdown]
# Two products and a sum. Can it be one product?
#
# Lay the inputs and the last state side by side. Put the two tables of weights on top of each other:

# %%
rw.Picture("02-side-by-side")

# %% [markdown]
# $$\mathbf{H}_t = \tanh\left([\mathbf{X}_t\ \mathbf{H}_{t-1}] \cdot
# \begin{bmatrix}\mathbf{W}_x \\ \mathbf{W}_h\end{bmatrix} + \mathbf{b}\right)$$
#
# Seen like this, a recurrent layer is an ordinary layer with a wider input: part of it comes from the
# world, part from itself.

# %% [markdown] tags=["exercise"]
# ### Exercise 2: side by side
#
# The same step, but with a single product. `W` holds $\mathbf{W}_x$ on top of $\mathbf{W}_h$.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def step_side_by_side(X, H, W, b):
    """W: (inputs + neurons, neurons)."""
    return ...


rw.exercise("02", "side-by-side", step_side_by_side)


# %% tags=["solution"]
def step_side_by_side(X, H, W, b):
    return torch.tanh(torch.cat([X, H], dim=1) @ W + b)


rw.exercise("02", "side-by-side", step_side_by_side, keep=False)

# %% [markdown]
# Are the two ways really equal? Here are both, on the same random numbers:

# %% tags=["show-code"]
generator = torch.Generator().manual_seed(2)
X, H = torch.randn(4, 3, generator=generator), torch.randn(4, 5, generator=generator)
W_x, W_h = torch.randn(3, 5, generator=generator), torch.randn(5, 5, generator=generator)
b = torch.randn(5, generator=generator)

two_products = torch.tanh(X @ W_x + H @ W_h + b)
one_product = torch.tanh(torch.cat([X, H], dim=1) @ torch.cat([W_x, W_h], dim=0) + b)
print("two products:", tuple(two_products.shape))
print("one product: ", tuple(one_product.shape))
print("largest difference below 1e-6:", bool((two_products - one_product).abs().max() < 1e-6))

# %% [markdown]
# ## What a cell remembers, and what it says
#
# A part of a network that keeps something from step to step is a [**memory cell**](glossary.ipynb#cell). What it
# keeps is its state, $\mathbf{h}$. Everything the cell knows of the past is in there:
#
# $$\mathbf{h}_t = f(\mathbf{x}_t, \mathbf{h}_{t-1})$$
#
# The layers so far said just what they remembered: the state was the output as well. It need not be. Often the cell
# remembers with many numbers and is asked for one:

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
# Do not take the word “does not” on trust. In the graph below, the outputs stand above the states, in boxes outlined
# in blue.
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
# at: 3 inputs, 5 neurons, 2 steps, a mini-batch of 4. It prints what went in, and what came out. In this network
# the state is the output, and the book calls it $\mathbf{Y}$, or $y_{(t-1)}$ where it comes back, through
# $\mathbf{W}_y$. Those are our $\mathbf{H}$, $h_{t-1}$ and $\mathbf{W}_h$.

# %% tags=["show-code"]
from rnnviz.experiments import two_step_rnn as book

X0, X1 = book.INPUTS
lines = []
for t, (X, H) in enumerate(zip(book.INPUTS.tolist(), book.OUTPUTS.tolist(), strict=True)):
    lines.append(f"t={t}   inputs     outputs")
    for x, h in zip(X, H, strict=True):
        lines.append("      " + " ".join(f"{value:.0f}" for value in x) + "   " + book.write_row(h))
rw.Folded("The book's page: what went in, and what came out", "\n".join(lines))

# %% [markdown]
# It does not print the weights. They were random, and are long gone. Are they?
#
# ### The detective
#
# Look at the first step. There was nothing before it, and the bias is 0. So
#
# $$\mathbf{H}_0 = \tanh(\mathbf{X}_0 \mathbf{W}_x)$$
#
# and therefore, with the tanh undone,
#
# $$\mathbf{X}_0 \mathbf{W}_x = \operatorname{artanh}(\mathbf{H}_0).$$
#
# Take one neuron, one column of $\mathbf{W}_x$. It has 3 unknown weights. The table gives 4 equations. That
# is more than enough, if the printed numbers can be trusted. Can they?

# %%
rw.ask("02", "why-weighted")

# %% [markdown]
# Each equation should count for as much as it knows. So multiply both of its sides by the slope of the tanh there,
# $1 - h^2$: a row near ±1 then hardly counts.
#
# The second step adds $\mathbf{H}_0 \mathbf{W}_h$ to the sum. What is missing is
#
# $$\mathbf{H}_0 \mathbf{W}_h = \operatorname{artanh}(\mathbf{H}_1) - \mathbf{X}_1 \mathbf{W}_x.$$
#
# Now a neuron has 5 unknown weights and only 4 equations. Many answers fit. We take the smallest, and say so:
# $\mathbf{W}_x$ is the book's own, $\mathbf{W}_h$ is *one* table that does what the book's did.

# %% [markdown] tags=["exercise"]
# ### Exercise 3: be the detective
#
# Recover $\mathbf{W}_x$ from $\mathbf{X}_0$ and $\mathbf{H}_0$. `book.invert_tanh(H0)` undoes the tanh.
# `torch.linalg.lstsq(A, c).solution` finds the vector $w$ for which $A w$ comes closest to $c$.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def recover_input_weights(X0, H0):
    columns = []
    for h in H0.T:  # one neuron, what it said for the four instances
        z = book.invert_tanh(h)
        columns.append(...)
    return torch.stack(columns, dim=1)


rw.exercise("02", "detective", recover_input_weights)


# %% tags=["solution"]
def recover_input_weights(X0, H0):
    columns = []
    for h in H0.T:
        z, sureness = book.invert_tanh(h), 1 - h**2
        columns.append(torch.linalg.lstsq(X0 * sureness[:, None], z * sureness).solution)
    return torch.stack(columns, dim=1)


rw.exercise("02", "detective", recover_input_weights, keep=False)

# %% [markdown]
# Does it matter how much each equation is trusted? Make it harder for the detective: round the printed table to
# a few digits. Recover $\mathbf{W}_x$ from what is left, and compute $\mathbf{H}_0$ with it. By how much does it
# miss the book's, at worst?


# %% tags=["show-code"]
def misses(digits, weighted):
    table = book.OUTPUTS[0].mul(10**digits).round() / 10**digits
    columns = []
    for h in table.T:
        z, sureness = book.invert_tanh(h), 1 - h**2 if weighted else torch.ones(4)
        columns.append(torch.linalg.lstsq(X0 * sureness[:, None], z * sureness, driver="gelsd").solution)
    return (torch.tanh(X0 @ torch.stack(columns, dim=1)) - book.OUTPUTS[0]).abs().max()


trust = {
    "by what it knows": lambda digits: misses(digits, weighted=True),
    "all alike": lambda digits: misses(digits, weighted=False),
}
rw.Experiment(trust, x="digits", low=1, high=8, first=range(1, 9))

# %% [markdown]
# Trusted by what they know, the equations come within 0.01 from two digits. Trusted all alike, they need seven: a few
# rows that are far off drown those that are right.
#
# And here are the lost weights, from all eight digits:

# %% tags=["show-code"]
W_x, W_h = book.recover_weights()
lines = [
    f"W_x, the book's own:\n{W_x.numpy().round(4)}",
    f"W_h, the smallest that fits:\n{W_h.numpy().round(4)}",
]
rw.Folded("The lost weights", "\n".join(lines))

# %% [markdown]
# ### The same example, printed elsewhere
#
# Lectures print another table for the same inputs: other random weights, and the first step only. Here the last
# instance is so far out that three of its five numbers are printed as 1 and −1. Such a number says only that its sum
# is large. How far does the detective get?

# %% tags=["show-code"]
columns = book.judge_columns(X0, book.OTHER_OUTPUTS)
for column in columns:
    known = f"to about {column.doubt:.0e}" if column.determined else "no: one direction is free"
    print(f"neuron {column.unit}: reproduced to {column.digits} decimals; weights known? {known}")
ours = torch.tanh(X0 @ book.recover_input_weights(X0, book.OTHER_OUTPUTS))
rows = zip(book.OTHER_OUTPUTS.tolist(), ours.tolist(), strict=True)
table = [f"published  {book.write_row(theirs)}\nours       {book.write_row(mine)}" for theirs, mine in rows]
rw.Folded("The other table, published and ours", "\n".join(table))

# %% [markdown]
# All twenty numbers come out again, to six decimals or seven. But for neurons 0, 1 and 2 the weights are not *the*
# weights. Their last row is lost, and the inputs of the other three instances lie in one plane: $[6, 7, 8]$ is twice
# $[3, 4, 5]$ minus $[0, 1, 2]$. So there is a direction, $[1, -2, 1]$, in which the weights may move and print the
# same. A table that is reproduced does not prove that its weights were found.
#
# A third printing draws the five neurons with a digit or two each, under the inputs 1, 2, 3 and then 9, 8, 7. Those
# are the numbers of the book's first instance: seven of the ten rounded, three cut off (−0.757 became −0.7). But its
# input at $t = 0$ was 0, 1, 2. With 1, 2, 3 the book's weights say something else:

# %%
as_drawn, as_printed = (torch.tanh(x @ W_x) for x in (book.DRAWN_INPUTS[0], X0[0]))
for what, h in {"1, 2, 3": as_drawn, "0, 1, 2": as_printed, "drawn  ": book.DRAWN_OUTPUTS[0]}.items():
    print(what, " ".join(f"{value:6.2f}" for value in h.tolist()))

# %% [markdown]
# ## Three ways to run it
#
# ### By hand
#
# Two steps, two lines:
#
# $$\mathbf{H}_0 = \tanh(\mathbf{X}_0 \mathbf{W}_x)$$
#
# $$\mathbf{H}_1 = \tanh(\mathbf{X}_1 \mathbf{W}_x + \mathbf{H}_0 \mathbf{W}_h)$$
#
# Are those the book's tables? Open the line below, and compare digit by digit:

# %% tags=["show-code"]
H0 = torch.tanh(X0 @ W_x)
H1 = torch.tanh(X1 @ W_x + H0 @ W_h)
*both, verdict = book.compare_tables(torch.stack([H0, H1])).splitlines()
rw.Folded(f"By hand: {verdict}", "\n".join(both))

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
    def go_through(steps, W_x, W_h):
        states = [torch.tanh(steps[0] @ W_x)]
        for t in range(1, T):
            states.append(torch.tanh(steps[t] @ W_x + states[-1] @ W_h))
        return torch.stack(states)

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
print("as a list:", book.compare_tables(static([X0, X1], W_x, W_h)).splitlines()[-1])

# %% [markdown]
# One more practical thing. Data mostly comes as one block with the instances first: (batch, time, feature),
# here 4 × 2 × 3. A list of steps wants the time first. So the block is turned round on the way in, and the
# outputs are stacked and turned back on the way out:

# %% tags=["show-code"]
block = torch.stack([X0, X1], dim=1)
steps = block.transpose(0, 1).unbind()
print("block", tuple(block.shape), "→ list of", len(steps), "steps, each", tuple(steps[0].shape))
outputs = static(steps, W_x, W_h)
print("outputs", tuple(outputs.shape), "→ turned back", tuple(outputs.transpose(0, 1).shape))

# %% [markdown]
# ### As one loop
#
# **Dynamic unrolling** keeps the loop, and goes round it as often as there is data. The program stays as short
# as this, for two steps or two thousand:


# %% tags=["show-code"]
def run(steps, W_x, W_h):
    H = torch.zeros(len(steps[0]), len(W_h), dtype=W_x.dtype)
    states = []
    for X_t in steps:
        H = torch.tanh(X_t @ W_x + H @ W_h)
        states.append(H)
    return torch.stack(states)


print("as a loop:", book.compare_tables(run(book.INPUTS, W_x, W_h)).splitlines()[-1])

# %% [markdown]
# The course has a home for a step of your own: a cell. You write the step, `rv.Cell` goes round the loop.


# %% tags=["show-code"]
class OurCell(rv.Cell):
    def step(self, x, hidden):
        return torch.tanh(x @ W_x + hidden @ W_h), {}


outputs, last = OurCell(3, 5)(book.INPUTS)
print("as a cell:", book.compare_tables(outputs).splitlines()[-1])

# %% [markdown]
# Torch's own `nn.RNN` is this loop, in compiled code. Here it is with our weights, recorded, and open in
# front of you. Step through it, fold it, click a neuron: the sum you see is a number of the book.

# %%
network = book.build_network()
with rv.record(network) as trace:
    network(book.INPUTS)
cursor = rw.Cursor()
rw.UnrolledGraph(trace, cursor=cursor, folded=False)

# %%
rw.GateHeatmap(trace, cursor=cursor)

# %% [markdown]
# The map moves along with the graph.
#
# 1. **A loop weight.** Change one of the weights *from the state one step before*, at any step. Does anything at
#    $t = 0$ move? Why not?
# 2. **A deaf neuron.** Undo. Choose sequence 2 and $t = 0$. Unit 1 says 1.00: in the tables above it is 0.99999982.
#    Change one of its input weights by 0.1. Now do the same with unit 0, which says 0.05. Which of the two hears you?
# 3. **Three zeros.** Undo. Choose sequence 1 and $t = 1$. The book feeds it 0, 0, 0. Click a unit.

# %%
rw.ask("02", "zeros-in")

# %% [markdown] tags=["exercise"]
# ### Exercise 4: unroll it yourself
#
# Now with the instances first: `X` is (batch, time, inputs), and so is what you return, (batch, time,
# neurons). Start from zeros.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def unroll(X, W_x, W_h):
    H = torch.zeros(len(X), len(W_h))
    states = []
    for t in range(X.shape[1]):
        states.append(...)
    return torch.stack(states, dim=1)


rw.exercise("02", "unroll", unroll)


# %% tags=["solution"]
def unroll(X, W_x, W_h):
    H = torch.zeros(len(X), len(W_h))
    states = []
    for t in range(X.shape[1]):
        H = torch.tanh(X[:, t] @ W_x + H @ W_h)
        states.append(H)
    return torch.stack(states, dim=1)


rw.exercise("02", "unroll", unroll, keep=False)

# %% [markdown] tags=["exercise"]
# ### Exercise 5: broken on purpose
#
# This should do the same as the last exercise, without making a new table for every step. It runs, it complains of
# nothing, and it is wrong. Look at what comes out, find the fault, and mend it.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def unroll_in_place(X, W_x, W_h):
    H = torch.zeros(len(X), len(W_h))
    states = []
    for t in range(X.shape[1]):
        H[:] = torch.tanh(X[:, t] @ W_x + H @ W_h)
        states.append(H)
    return torch.stack(states, dim=1)


rw.exercise("02", "mend-the-loop", unroll_in_place)


# %% tags=["solution"]
def unroll_in_place(X, W_x, W_h):
    H = torch.zeros(len(X), len(W_h))
    states = torch.empty(len(X), X.shape[1], len(W_h))
    for t in range(X.shape[1]):
        H[:] = torch.tanh(X[:, t] @ W_x + H @ W_h)
        states[:, t] = H
    return states


rw.exercise("02", "mend-the-loop", unroll_in_place, keep=False)

# %% [markdown] tags=["exercise"]
# ### Exercise 6: an open challenge
#
# Two neurons, no bias, one impulse into the first. You have made them ring. How slowly can they go, and still be
# heard? Return a table $\mathbf{W}_h$, 2 × 2. It is run for 1,000 steps, and the swings of the first neuron in the
# last 500 are timed. They must still reach 0.1. The slow ring above takes some ten steps. **Make it 60.**


# %% tags=["exercise"]
import rnnviz_widgets as rw


def make_loop_weights():
    return ...


rw.exercise("02", "slow-ring", make_loop_weights)


# %% tags=["solution"]
def make_loop_weights():
    turn, grow = torch.tensor(2 * torch.pi / 64), 1.01
    rows = [[turn.cos(), -turn.sin()], [turn.sin(), turn.cos()]]
    return grow * torch.tensor(rows)


rw.exercise("02", "slow-ring", make_loop_weights, keep=False)

# %% [markdown]
# ## What a long graph costs
#
# One set of weights, one short loop. It looks as if long sequences came for free. A widely used lecture says so: one
# long list of steps may run *out of memory*, and a dynamic loop *avoids* that. Does it?
#
# Let us measure it. PyTorch can be asked which numbers it keeps for the [backward
# pass](glossary.ipynb#backward-pass); `measure_graph` adds up their bytes. Predict first.

# %% tags=["show-code"]
from rnnviz.experiments.graph_memory import measure_graph

weights = [W.clone().requires_grad_() for W in (W_x, W_h)]


def kilobytes(T):
    sequence = torch.ones(T, 4, 3, dtype=torch.float64)
    return measure_graph(run, sequence, *weights).bytes / 1000


knob = rw.Experiment({"memory of the graph": kilobytes}, x="steps", unit="kB", low=1, high=1000)
rw.ask("02", "graph-memory", show=knob)

# %% [markdown]
# So is the loop to blame, and would a list of steps do better, or worse? Its program, at any rate, is longer:

# %% tags=["show-code"]
import inspect

print("written out for 1000 steps:", len(write_out(1000).graph.nodes), "lines")
print("as a loop, for any number: ", len(inspect.getsource(run).splitlines()), "lines")

# %% [markdown]
# And its memory? Commit. Four ways are measured at once: as one loop; written out; cut into pieces of 20 steps, of
# which only one is kept at a time; and without training at all.


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
knob = rw.Experiment(ways, x="steps", unit="kB", low=1, high=1000, first=[1, 20, 100, 250, 500, 750, 1000])
rw.ask("02", "list-or-loop", show=knob)

# %%
rw.ask("02", "long-graph")

# %% [markdown]
# ## What you take along
#
# * A recurrent neuron hears its own last state. That state is its memory.
# * Two neurons that hear each other can ring slowly, which one alone cannot: a layer remembers as a whole.
# * Unrolling lays the loop out in time. The steps [share one set of weights](glossary.ipynb#weight-sharing).
# * A layer needs $\mathbf{W}_x$, $\mathbf{W}_h$ and $\mathbf{b}$, whatever the batch, however long the sequence.
#   One product is enough: $[\mathbf{X}\ \mathbf{H}]$ times the stacked weights.
# * The state $\mathbf{h}$ comes back. The output $\mathbf{y}$ may be the state, or be read off it.
# * By hand, as a list, or as a loop: the same numbers, and the same memory for training. It grows with every
#   step. A loop is no way around it; shorter pieces are.
#
# **Next: [sequence shapes](03-sequence-shapes.ipynb).** Here all four instances had two steps. Real sentences do
# not agree on a length. What is then the last output, and what should come after the end?
