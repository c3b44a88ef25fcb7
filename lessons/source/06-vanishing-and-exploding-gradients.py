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
#     title: Vanishing and exploding gradients
#     minutes: 75
#     exercise_minutes: 45
#     short_path: true
#     outcomes:
#       - say why a gradient shrinks or grows on its way back through time
#       - read it off the eigenvalues, the curve and the map of a network
#       - apply six remedies, and say what each costs
#       - estimate before training which network will learn faster, and say how often that goes wrong
#       - measure how far back a trained network looks
#     summary: Why the first words of a review are lost, six remedies, and a bet on which network will learn.
# ---

# %% [markdown]
# # Vanishing and exploding gradients
#
# A network reads 100 numbers, and learns from its error at the end. The curve shows how much of that reaches each
# earlier step: the [gradient](glossary.ipynb#gradient) there. **Drag ρ** until the first step gets as much as the
# last.

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %%
import torch

import rnnviz as rv
import rnnviz_widgets as rw

rw.GradientCurves(cells=("RNN",), spectral_radius=0.8, steps=100)

# %% [markdown]
# ρ says how strongly the network holds on to its state; the lesson gives it a name. Before that: why does this curve
# fall, why does it rise, and what can be done about it?
#
# <details><summary>After this lesson you can …</summary>
#
# * say why a gradient shrinks or grows on its way back through time,
# * read it off the eigenvalues, the curve and the map of a network,
# * apply six remedies, and say what each costs,
# * estimate before training which network will learn faster, and say how often that goes wrong,
# * measure how far back a trained network looks.
#
# </details>

# %% [markdown]
# ## The first word of a review
#
# Another network reads a hotel review, word by word, and says at the end whether the guest was happy. This guest was
# not. “Not one good word”, it begins. Everything after that is nice, and “although” says that it does not count.

# %%
text = """not one good word for this hotel , although the lobby is bright , the staff is kind ,
the bed is soft , the view is lovely , the breakfast is rich and the pool is warm"""
review = text.split()
vocabulary = sorted(set(review))
words = torch.tensor([vocabulary.index(word) for word in review])
print(len(review), "words; the first is", repr(review[0]))

# %% [markdown]
# To learn from its mistake, the network has to find out what the word “not” had to do with it. How much the loss $L$
# (lesson 04 called it the cost) would change if the state after a word were a little different: that is the
# [**gradient**](glossary.ipynb#gradient) at this state, $\partial L / \partial \mathbf{h}_t$. Where it is zero,
# nothing is learned.
#
# The network is an ordinary `torch.nn.RNN` with 32 units, as PyTorch makes it. The right answer is “unhappy”. Commit
# to a prediction, and the measured curve appears below it.

# %%
torch.manual_seed(0)
vectors = torch.nn.Embedding(len(vocabulary), 16).double()  # 16 numbers for each word
reader = torch.nn.RNN(16, 32).double()
sentiment = torch.nn.Linear(32, 1).double()

with rv.record(reader) as trace:
    states, _ = reader(vectors(words)[:, None])  # (time, batch, unit)
    happy = sentiment(states[-1])  # above 0 for a happy guest
    loss = torch.nn.functional.softplus(happy).sum()  # −log of the probability of “unhappy”
    loss.backward()

together = rw.Cursor(step=len(review) - 1)
curves = rw.GradientCurves({"the reader": trace}, cursor=together, labels=[review])
rw.ask("06", "first-word", show=curves)

# %% [markdown]
# ## A product of many factors
#
# Why does a gradient shrink at all? Make the network as small as it gets: one unit, no input, no squashing. Then
# $h_t = w\, h_{t-1}$, and 50 steps multiply by $w$ fifty times. Here is what is left after up to 100 steps:

# %%
back = list(range(101))
rays = [{"x": back, "y": [w**t for t in back], "name": f"w = {w}"} for w in (0.8, 0.95, 0.99, 1.0, 1.01, 1.1)]
axes = {"xaxis": {"title": "steps back"}, "yaxis": {"title": "what is left", "type": "log", "dtick": 2}}
rw.PlotlyFigure(rays, {"height": 300, **axes})

# %% [markdown]
# Between too little and too much there is only a narrow band around 1, and the longer the sequence, the narrower it
# is: $0.99^{50} = 0.61$ is still a good deal, $0.99^{500} = 0.007$ is next to nothing.
#
# A layer has many units, so each step multiplies by a matrix: its [**Jacobian**](glossary.ipynb#Jacobian), all
# derivatives of the new state with respect to the old one. For a tanh layer
#
# $$\mathbf{J}_t = \frac{\partial \mathbf{h}_t}{\partial \mathbf{h}_{t-1}}
# = \mathrm{diag}(1 - \mathbf{h}_t^2)\, \mathbf{W}_h
# \qquad
# \frac{\partial L}{\partial \mathbf{h}_t}
# = \mathbf{J}_{t+1}^{\!\top}\, \mathbf{J}_{t+2}^{\!\top} \cdots \mathbf{J}_T^{\!\top}\,
# \frac{\partial L}{\partial \mathbf{h}_T}$$
#
# Two things stand in each factor: the slope of tanh, which is at most 1, and the weights. $\mathrm{diag}$ makes a
# matrix of the slopes, one on the diagonal for each unit: row $i$ of $\mathbf{W}_h$ is multiplied by the slope of
# unit $i$. The small $\top$, transposed, turns a matrix on its side, so that rows become columns. Forwards a row says
# what a unit hears. Backwards we need whom it is heard by: that is its column.

# %% [markdown] tags=["exercise"]
# ### Exercise 1: carry the gradient back
#
# `W` is the recurrent matrix (unit, unit), `states` the tanh states $\mathbf{h}_0 \dots \mathbf{h}_T$ (time,
# unit), and `last` the gradient at the last of them. Return the gradients at all states, (time, unit), the last
# one included.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def carry_back(W, states, last):
    gradients = [last]
    for h in reversed(states[1:]):
        ...
    return ...


rw.exercise("06", "carry-back", carry_back)


# %% tags=["solution"]
def carry_back(W, states, last):
    gradients = [last]
    for h in reversed(states[1:]):
        gradients.insert(0, W.T @ ((1 - h**2) * gradients[0]))
    return torch.stack(gradients)


rw.exercise("06", "carry-back", carry_back, keep=False)

# %% [markdown]
# ## The circle
#
# What does a matrix do when it is applied again and again? Its [**eigenvalues**](glossary.ipynb#eigenvalue) tell. In
# each of its own directions it multiplies by one number, the eigenvalue. Inside the circle of radius 1 that direction
# fades, outside it grows. The largest distance from 0 is the [**spectral radius**](glossary.ipynb#spectral-radius):
# the ρ that you dragged above.
#
# Many eigenvalues come in pairs, above and below the horizontal axis. They are complex numbers, and such a pair is a
# **turn**: it turns the state by the angle at which the point stands, and stretches it by its distance from 0.

# %%
rw.Spectrum(trace, cursor=together)

# %% [markdown]
# These are the Jacobians of our reader, one for each word. All points lie well inside the circle, at every word. On
# the right, their product: a line that falls and falls. In the middle stand the **singular values**: how much a step
# can stretch a change at most, and at least. Multiplied, the largest ones give an upper bound, and here it says next
# to nothing: it stays near 1 while the true product vanishes.
#
# Take care: the circle decides only for *one* matrix, repeated, and in the long run. Each word has a Jacobian of its
# own, and of different matrices only the product itself can tell:

# %% tags=["show-code"]
forth = torch.tensor([[0.0, 4.0], [0.0, 0.0]])
slow = torch.tensor([[0.5, 8.0], [0.0, 0.5]])


def radius(matrix):
    return torch.linalg.eigvals(matrix).abs().max().item()


print(f"one matrix, and its transpose: ρ = {radius(forth):g} and {radius(forth.T):g}")
print(f"their product:                 ρ = {radius(forth @ forth.T):g}")
print(
    f"another, ρ = {radius(slow):g}: one step stretches a change up to {torch.linalg.norm(slow, 2):.0f} times"
)

# %% [markdown]
# Two matrices that would wipe out everything, each by itself, and together they multiply by 16. And a matrix well
# inside the circle that lets a change grow eightfold before it fades.

# %%
rw.ask("06", "radius")

# %% [markdown]
# ## Four cells, one picture
#
# Back to the knobs, with more rivals. Four untrained networks read the same 100 numbers; each curve shows
# $\lVert \partial L/\partial \mathbf{h}_t \rVert$. Everything is computed anew while you move.
#
# * **RNN**: the plain layer that you know.
# * [**IRNN**](glossary.ipynb#IRNN): ReLU, and the identity as recurrent matrix. Set ρ to exactly 1. Then to 1.05.
# * **GRU** and [**LSTM**](glossary.ipynb#LSTM): cells with gates. Each gate is a valve, and it decides how much of
#   the old state is kept at a step. Which of the two keeps more?
# * Make T longer. What happens to the left end of each curve?
#
# RNN and IRNN have two lines each, in one colour. The thin dotted one is an **upper bound**, from the weights alone:
# as if every unit stood where its slope is steepest. GRU and LSTM have no bound, so a single line is a curve, dotted
# or not.

# %%
rw.GradientCurves(cells=("RNN", "IRNN", "GRU", "LSTM"), spectral_radius=0.9, steps=100)

# %% [markdown]
# Are you surprised that the GRU falls fastest? Gates do not help by being there. They help when they are *open*.
# These are untrained, and the bias of the GRU's update gate is 0: the gate stands near one half, and about half of
# each unit's state goes at every step. The LSTM's forget gate starts here with a bias of 1, and keeps nearly three
# quarters of the cell state. So the bias decides where a gated cell begins. What training makes of the gates is
# another matter. The bet below tries four such biases.
#
# Did you try a large ρ with tanh? At ρ = 1.3 you might expect $1.3^{99}$, eleven zeros. What you see is much
# less. A state near 1 or −1 lies where tanh is flat: $1 - h^2$ is nearly 0. The unit is
# [**saturated**](glossary.ipynb#saturation), and a saturated unit lets hardly any gradient through. Saturation holds
# an explosion back, at the price of making many units deaf. How far back? Measure it for several ρ:

# %% tags=["show-code"]
from rnnviz_widgets.fresh_cells import Settings, measure_gradients


def first_over_last(radius):
    norms = measure_gradients("RNN", Settings(steps=100, spectral_radius=radius)).hidden
    return float(norms[0] / norms[-1])


radii = [0.5, 0.7, 0.9, 1.0, 1.1, 1.3, 1.5, 2.0]
measured = {"x": radii, "y": [first_over_last(radius) for radius in radii], "name": "measured"}
power = {"x": radii, "y": [radius**99 for radius in radii], "name": "ρ to the 99th", "line": {"dash": "dot"}}
left = {"title": "first step ÷ last", "type": "log", "dtick": 10}
rw.PlotlyFigure([measured, power], {"height": 300, "xaxis": {"title": "ρ"}, "yaxis": left})

# %%
rw.ask("06", "saturated")

# %% [markdown]
# ## A loss at every word
#
# So far there was one loss, at the end. Often each step has its own. Here our reader says after *every* word whether
# the guest is happy, and every loss has a gradient at every state before it.

# %%
with rv.record(reader) as every_word:
    verdicts = sentiment(reader(vectors(words)[:, None])[0])
    torch.nn.functional.softplus(verdicts).sum().backward()  # 38 losses, added up

flow = rw.GradientFlow(every_word, of="gradient", labels=[review], cursor=together)
rw.ask("06", "every-word", show=flow)

# %% [markdown]
# And if one looks at the sum of all losses only, as training does?

# %%
all_losses = every_word["l0"].grad_norm[:, 0]
last_loss = rv.flow.gradient_flow(every_word["l0"])[-1, :, 0]  # the last row of the map
curves = {"all losses, added up": all_losses, "the last loss alone": last_loss}
lines = [{"y": norms.tolist(), "text": review, "name": name} for name, norms in curves.items()]
axes = {"xaxis": {"title": "word"}, "yaxis": {"title": "gradient", "type": "log", "dtick": 2}}
rw.PlotlyFigure(lines, {"height": 300, **axes})

# %% [markdown]
# The sum is level: it looks like a network that learns from everything. Yet each single loss has next to no gradient
# at words far away. Where every step has its own loss, look at the map.

# %% [markdown]
# ## The cliff
#
# Vanishing is quiet: nothing happens. Exploding is not. Here is a network of one unit that should hold the number
# 0.7 for 50 steps. It has one weight and one bias, so we can look at its error from above, as at a landscape. Two
# balls roll downhill in it. Both take steps of learning rate times gradient, but one of them never uses a
# gradient longer than 0.5: it is [**clipped**](glossary.ipynb#gradient-clipping).

# %%
rw.ask("06", "edge")

# %%
rw.Cliff()

# %% [markdown]
# Press play. Then drag the start somewhere else, try other learning rates, and make T shorter: what becomes of the
# cliff?
#
# The clipped ball follows this rule, with a longest length $g_{\max}$:
#
# $$\mathbf{g} \;\leftarrow\; \mathbf{g} \cdot
# \min\!\left(1, \frac{g_{\max}}{\lVert \mathbf{g} \rVert}\right)$$
#
# It keeps the direction and shortens the step. For a gradient that has vanished it does nothing.

# %%
rw.ask("06", "clip-what")

# %% [markdown] tags=["exercise"]
# ### Exercise 2: something is broken
#
# This is meant to clip the gradients of a whole network, as the rule above says, with one length for all of them
# together. It runs, and it is wrong. Run the check, see what it complains about, find the fault, and mend it.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def clip_gradients(gradients, longest):
    clipped = []
    for gradient in gradients:
        clipped.append(gradient * longest / gradient.norm())
    return clipped


rw.exercise("06", "clip", clip_gradients)


# %% tags=["solution"]
def clip_gradients(gradients, longest):
    length = sum(gradient.square().sum() for gradient in gradients).sqrt()
    if length <= longest:
        return list(gradients)
    return [gradient * longest / length for gradient in gradients]


rw.exercise("06", "clip", clip_gradients, keep=False)

# %% [markdown]
# ## Two tasks that need a memory
#
# To see what helps, we need tasks in which the first things count. Researchers have used these two for almost
# thirty years.
#
# [**The adding problem.**](glossary.ipynb#adding-problem) A long list of numbers between 0 and 1. Two of them are
# marked, one in each half. At the end: what is their sum? A network that always says 1 has a mean squared error of
# 1/6 ≈ 0.167. Remember that number: a network that stays on it has learned nothing but the mean.

# %% tags=["show-code"]
from rnnviz.data import AddingProblem

numbers, sums = AddingProblem(steps=8, batch=1)(torch.Generator().manual_seed(0))
values, markers = numbers[:, 0].T
bars = [
    {"type": "bar", "x": [t for t in range(8) if markers[t] == on], "y": values[markers == on].tolist()}
    | {"name": ["not marked", "marked"][on]}
    for on in (0, 1)
]
title = f"The two marked numbers add up to {sums[0, 0]:.2f}"
rw.PlotlyFigure(bars, {"height": 240, "title": title, "xaxis": {"title": "step"}, "hovermode": "closest"})

# %% [markdown] tags=["exercise"]
# ### Exercise 3: make it yourself
#
# `values` is (time, batch); `first` and `second` hold, for each list, the steps to be marked. Return the
# inputs (time, batch, 2), the values and the markers, and the sums (batch,).


# %% tags=["exercise"]
import rnnviz_widgets as rw


def make_adding(values, first, second):
    markers = torch.zeros_like(values)
    markers[...] = 1.0
    return ...


rw.exercise("06", "adding", make_adding)


# %% tags=["solution"]
def make_adding(values, first, second):
    markers = torch.zeros_like(values)
    lists = torch.arange(values.shape[1])
    markers[first, lists] = 1.0
    markers[second, lists] = 1.0
    return torch.stack([values, markers], dim=-1), (values * markers).sum(0)


rw.exercise("06", "adding", make_adding, keep=False)

# %% [markdown]
# [**Temporal order.**](glossary.ipynb#temporal-order) A string of symbols. Two of them are A or B, all others
# mean nothing. At the end: was it AA, AB, BA or BB?

# %% tags=["show-code"]
from rnnviz.data import TemporalOrder

task = TemporalOrder(steps=20, batch=3)
symbols, answers = task(torch.Generator().manual_seed(1))
for line, answer in zip(symbols.argmax(-1).T, answers, strict=True):
    print("".join(task.symbols[number] for number in line), "→", task.answers[answer])

# %% [markdown] tags=["exercise"]
# ### Exercise 4: tell the order
#
# `symbols` is (time, batch): 0 is A, 1 is B, anything above is chatter. Return for each string 0 for AA, 1 for
# AB, 2 for BA, 3 for BB.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def tell_order(symbols):
    answers = []
    for string in symbols.T:
        ...
    return ...


rw.exercise("06", "order", tell_order)


# %% tags=["solution"]
def tell_order(symbols):
    answers = []
    for string in symbols.T:
        first, second = string[string < 2]
        answers.append(2 * first + second)
    return torch.stack(answers)


rw.exercise("06", "order", tell_order, keep=False)

# %% [markdown]
# ## Six remedies
#
# Each of these has been found to help, and each is a switch. Five of them move the curve on the left: the
# gradient of the untrained network (clipping only where there is something to clip). The sixth, the optimiser,
# shows on the right: press **Train**, and the network learns to add, in a few seconds.
#
# Begin without any. Then one at a time: which alone is enough? Then look for the smallest combination that
# gets below the line “solved”.

# %%
rw.Remedies()

# %% [markdown]
# What each does, and what it costs:
#
# * **Initialisation** (Glorot, orthogonal, identity): factors near 1, at the start. It costs nothing, but training
#   may undo it.
# * **ReLU**: slope exactly 1 where a unit is on. The price: no bound, so states may explode, and units may die.
# * **Gradient clipping** shortens a step over the cliff. It costs almost nothing, and cannot help what has vanished.
# * **Layer or batch normalisation** keeps most units off the flat parts. It is work at every step: about twice the
#   time here.
# * **Better optimisers**: Adam gives each weight its own step size, and keeps two more numbers for each weight.
# * **Truncated backpropagation** stops going back after k steps. It saves time and memory, and is blind beyond k.
#
# <details><summary>When you have tried: the combination that we found, and what each part of it does</summary>
#
# With **identity + ReLU + clipping + Adam** the list of 30 is solved after some 300 updates. Now take one away
# at a time. Without clipping, or from small random weights, it takes about twice as long. With tanh, or with
# plain gradient descent, 800 updates are not enough. And identity and ReLU alone are thrown off the cliff at once.
#
# </details>

# %%
rw.ask("06", "truncated")

# %% [markdown]
# ## The bet
#
# Here are six networks, untrained. One backward pass through each gives its **ratio**: how much the loss feels
# the input of step 5, divided by how much it feels the one five steps before the end.
#
# You have not seen any of them learn. Say which will, and which is the fastest. Place the bet,
# then press **Train all**.

# %%
rw.Bet()

# %% [markdown]
# Far below 1, the first marked number is not felt. Far above 1, the last one is drowned. The [**forget
# bias**](glossary.ipynb#forget-bias) of an LSTM moves that ratio by whole decades, before any training: it says
# how much of its memory a cell keeps from step to step. That is why Keras starts it at 1. PyTorch does not:
# there, you have to set it.
#
# The ratio is a hint about speed, and no promise. Press **Other weights** and bet again. A gradient that arrives can
# still point nowhere useful, and a poor ratio may mend in training. The next section counts how often it is right.

# %% [markdown]
# ## What was published, and what we measured
#
# These trainings take minutes, so the results come from files; `rnnviz prove adding_problem`, `temporal_order` and
# `forget_bias` make them anew on your machine. A claim that ours does not bear out is called *not reproduced*, and
# what was found instead stands below it.
#
# **The adding problem over 150 steps** (Le, Jaitly and Hinton, 2015): IRNN and LSTM solve it, a tanh network stays
# on the error of always saying 1.

# %%
from rnnviz.experiments.results import read_rows
from rnnviz.experiments.table import Report

Report([row for row in read_rows("adding_problem") if row.published is not None])

# %% [markdown]
# **Temporal order over 20 and 40 steps** (Pascanu, Mikolov and Bengio, 2013): plain gradient descent, then with
# clipping, then with a regulariser Ω besides, which asks the gradient to keep its size from step to step. The paper
# trains for far longer than our 25,000 updates, and says that clipping extends the length that is solved, and Ω
# extends it further.

# %%
order = read_rows("temporal_order")
solved = {row.what: sum(row.measured) for row in order if row.published is None}
names = ["SGD", "SGD + clip", "SGD + clip + Ω"]
bars = [
    {"type": "bar", "name": length, "x": names, "y": [solved[f"{length}, {name}"] for name in names]}
    for length in ("T=20", "T=40")
]
rw.PlotlyFigure(bars, {"height": 260, "yaxis": {"title": "seeds of 4 that solve it", "dtick": 1}})

# %%
Report([row for row in order if row.published is not None])

# %% [markdown]
# **The forget bias**, on the adding problem over 100 steps. Jozefowicz, Zaremba and Sutskever (2015) recommend a
# bias of 1 for every LSTM. It is often quoted as: a bias of 1 or more is *needed*. Each dot is a training with its
# own seed.

# %%
bias = {row.what: row for row in read_rows("forget_bias")}
dots = []
for name in ("-2", "+0", "+1", "+3", "+5"):
    ratios, updates = bias[f"bias {name}, log10 of the ratio"], bias[f"bias {name}, updates"]
    ends = ["x" if count == 4000 else "circle" for count in updates.measured]
    dot = {"x": ratios.measured, "y": updates.measured, "name": f"bias {name}", "mode": "markers"}
    dots.append(dot | {"marker": {"size": 9, "symbol": ends}})
axes = {"xaxis": {"title": "log₁₀ of the ratio before training"}, "yaxis": {"title": "updates until solved"}}
rw.PlotlyFigure(dots, {"height": 320, "hovermode": "closest", **axes})

# %%
Report([row for row in bias.values() if not row.what.startswith("bias ")], digits=2)

# %% [markdown]
# A cross was not solved within 4,000 updates. Look at the far left: a ratio of 10⁻⁴⁰ says that the first marked
# number is not felt at all, and still all three are solved, only later. So a bias of 1 was not needed here. It
# helped. And too much of it, 5, did harm. Of all pairs that differ in speed the ratio ordered 70 % rightly, where a
# coin has 50 %: that is how far to trust it.

# %% [markdown]
# ## How far back does it look?
#
# One question is left. A trained network: how far does its memory reach? Change an input a little, and watch how
# much of it is left $d$ steps later. The [**memory horizon**](glossary.ipynb#memory-horizon) is the first
# distance at which less than 1 % is left of what it was at first.
#
# Here is our reader, which nobody has trained. Each column belongs to one word: read it from the diagonal down, and
# you see how much the later states still depend on that word. The axes count the words from 0, and the line below the
# map names the one at the cursor. Move the cursor to the left to see a whole column.

# %%
rw.GradientFlow(trace, of="influence", labels=[review], cursor=together)

# %% [markdown] tags=["exercise"]
# ### Exercise 5: the memory horizon
#
# `curve[d]` is how much is left after `d` steps. Return the first `d` at which it is below `fraction` of
# `curve[0]`, and the length of the curve if it never is.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def find_horizon(curve, fraction=0.01):
    for d, left in enumerate(curve):
        ...
    return ...


rw.exercise("06", "horizon", find_horizon)


# %% tags=["solution"]
def find_horizon(curve, fraction=0.01):
    for d, left in enumerate(curve):
        if left < fraction * curve[0]:
            return d
    return len(curve)


rw.exercise("06", "horizon", find_horizon, keep=False)

# %% [markdown]
# Now a real one: an LSTM of 24 units, before and after it has learned to add over 40 steps. We measure it on
# lists of 100.

# %% tags=["show-code"]
from rnnviz.models import SequenceRegressor
from rnnviz.training import train


def measure_horizon(model):
    numbers, _ = AddingProblem(steps=100, batch=4)(torch.Generator().manual_seed(1))
    with rv.record(model) as trace:
        model(numbers)
    return int(rv.flow.memory_horizon(trace["recurrent.l0"], fraction=0.01).median())


# %% tags=["show-code"]
adder = SequenceRegressor(features=2, units=24, cell="lstm")
before = measure_horizon(adder)
for step in train(adder, AddingProblem(40), learning_rate=0.005, clip_norm=1.0, steps=1000):
    pass
after = measure_horizon(adder)
print("before training: about", round(before, -1), "steps")
print("after training: ", "beyond 100 steps" if after == 100 else "less than 100 steps")
print("error now below 0.02:", step.loss < 0.02)

# %% [markdown]
# It was trained on 40 steps, and looks back over 100. It has not learned a distance. It has learned to *keep*.
# How a cell does that, gate by gate, is told in [lesson 07](07-lstm-gate-by-gate.ipynb).

# %% [markdown] tags=["exercise"]
# ### Exercise 6, an open challenge: remember 60 steps without a gate
#
# A network hears 60 numbers between −1 and 1, and has to say at the end what the *first* one was. Always saying 0
# has a mean squared error of 1/3. Get it below 0.02 with a plain layer of 32 units: no LSTM, no GRU.
#
# `remember(task)` trains a model and returns it; `train(model, task, …)` draws from the task by itself. What you may
# turn: `initialisation=` ("Glorot", "orthogonal", "identity"), `input_deviation=`, `nonlinearity=` of the model, and
# `learning_rate=`, `clip_norm=`, `steps=` of the training. You have a minute of computing. The first try below fails.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def remember(task):
    model = SequenceRegressor(1, 32, "rnn", nonlinearity="relu")
    for _ in train(model, task, learning_rate=0.001, steps=100):
        pass
    return model


rw.exercise("06", "remember", remember)


# %% tags=["solution"]
def remember(task):
    model = SequenceRegressor(1, 32, "rnn", initialisation="orthogonal", input_deviation=0.05)
    for _ in train(model, task, learning_rate=0.001, clip_norm=1.0, steps=1000):
        pass
    return model


rw.exercise("06", "remember", remember, keep=False)

# %% [markdown]
# ## What you take along
#
# * Going back one step multiplies the gradient by a Jacobian. Many factors below 1 make nothing, many above 1
#   make an explosion, and the band between is narrower the longer the sequence.
# * The spectral radius tells which for one matrix, repeated. For different matrices, look at their product. Saturated
#   units let hardly anything through.
# * Vanishing is silent: the first words simply do not count. Exploding throws the weights off a cliff.
# * Clipping helps against the cliff. Initialisation, ReLU, normalisation and better optimisers help to begin. A
#   cell with gates can learn to keep, if its gates begin open: their biases decide where it starts.
# * One backward pass before training hints at who will learn faster: compare the gradients of an early and a late
#   input. It is right for about 7 pairs in 10.
#
# **Next: [the LSTM, gate by gate](07-lstm-gate-by-gate.ipynb).** A memory that is multiplied by a gate which can stay
# near 1.
