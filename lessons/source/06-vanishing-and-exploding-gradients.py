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
#     minutes: 70
#     outcomes:
#       - say why a gradient shrinks or grows on its way back through time
#       - read it off the eigenvalues, the curve and the map of a network
#       - apply six remedies, and say what each costs
#       - tell before training which network can learn
#       - measure how far back a trained network looks
#     summary: Why the first words of a review are lost, six remedies, and a bet on which network will learn.
# ---

# %% [markdown]
# # Vanishing and exploding gradients
#
# After this lesson you can
#
# * say why a gradient shrinks or grows on its way back through time,
# * read it off the eigenvalues, the curve and the map of a network,
# * apply six remedies, and say what each costs,
# * tell before training which network can learn,
# * measure how far back a trained network looks.

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %%
import torch

import rnnviz as rv
import rnnviz_widgets as rw

# %% [markdown]
# ## The first word of a review
#
# A network reads a review, word by word, and says at the end whether the guest was happy. This guest was
# not. All the nice things come later, and the word that turns them around is the very first.

# %%
text = """not one good word for this hotel , although the lobby is bright , the staff is kind ,
the bed is soft , the view is lovely , the breakfast is rich and the pool is warm"""
review = text.split()
vocabulary = sorted(set(review))
words = torch.tensor([vocabulary.index(word) for word in review])
print(len(review), "words; the first is", repr(review[0]))

# %% [markdown]
# To learn from its mistake, the network has to find out what the word “not” had to do with it. What the loss $L$
# (lesson 04 called it the cost) asks of a state is its [**gradient**](glossary.ipynb#gradient),
# $\partial L / \partial \mathbf{h}_t$. Where that is nothing, nothing is learned.
#
# The network is an ordinary `torch.nn.RNN` with 32 units, as PyTorch makes it. Commit to a prediction.
# The measurement then appears below it.

# %%
torch.manual_seed(0)
vectors = torch.nn.Embedding(len(vocabulary), 16).double()  # 16 numbers for each word
reader = torch.nn.RNN(16, 32).double()
sentiment = torch.nn.Linear(32, 1).double()

with rv.record(reader) as trace:
    states, _ = reader(vectors(words)[:, None])  # (time, batch, unit)
    loss = torch.nn.functional.softplus(-sentiment(states[-1])).sum()
    loss.backward()

together = rw.Cursor(step=len(review) - 1)
curves = rw.GradientCurves({"the reader": trace}, cursor=together, labels=[review])
rw.ask("06", "first-word", show=curves)

# %% [markdown]
# The cursor stands at the last word. Move it to the left, word by word. The axis is logarithmic, so a straight
# line means: **each step back multiplies by about the same number**.

# %% tags=["show-code"]
sizes = trace["l0"].grad_norm[:, 0]  # ‖∂L/∂h_t‖ for each word
for place in (37, 30, 20, 10, 0):
    print(f"{review[place]:10} {sizes[place] / sizes[-1]:.0e} of what the last word gets")

# %% [markdown]
# ## A product of many factors
#
# Why so fast? Make the network as small as it gets: one unit, no input, no squashing. Then
# $h_t = w\, h_{t-1}$, and 50 steps multiply by $w$ fifty times.

# %% tags=["show-code"]
for w in (0.5, 0.9, 1.0, 1.1, 1.5):
    print(f"w = {w}:  {w**50:.1e} is left after 50 steps")

# %% [markdown]
# There is nothing between too little and too much, except exactly 1.
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
# ## The circle that decides
#
# What does a matrix do when it is applied again and again? Its [**eigenvalues**](glossary.ipynb#eigenvalue) say
# it. In each of its own directions it multiplies by one number, the eigenvalue. Inside the circle of radius 1
# that direction fades. Outside, it grows. The largest distance from 0 is the [**spectral
# radius**](glossary.ipynb#spectral-radius) ρ.

# %%
rw.Spectrum(trace, cursor=together)

# %% [markdown]
# These are the Jacobians of our reader, one for each word. All points lie well inside the circle, at every
# word. On the right, their product: a line that falls and falls. In the middle stand the **singular values**: how
# much a step can stretch a change at most, and at least. Multiplied, the largest ones give an upper bound, and here
# it says next to nothing: it stays near 1 while the true product vanishes.

# %%
rw.ask("06", "radius")

# %% [markdown]
# ## Four cells, one picture
#
# Now turn the knobs yourself. Four untrained networks read the same 100 numbers; each curve shows
# $\lVert \partial L/\partial \mathbf{h}_t \rVert$. Everything is computed anew while you move.
#
# * **RNN**: the plain layer. Find the ρ at which its curve is level.
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
# [**saturated**](glossary.ipynb#saturation), and a saturated unit lets no gradient through. Saturation holds an
# explosion back, at the price of making many units deaf.

# %% tags=["show-code"]
from rnnviz_widgets.fresh_cells import Settings, measure_gradients

for radius in (0.5, 0.9, 1.3, 2.0):
    norms = measure_gradients("RNN", Settings(steps=100, spectral_radius=radius)).hidden
    print(f"ρ = {radius}: ρ to the 99th is {radius**99:.0e}, measured {float(norms[0]):.0e}")

# %%
rw.ask("06", "saturated")

# %% [markdown]
# ## Everybody asks everybody
#
# So far there was one loss, at the end. Often each step has its own. Here our reader says after *every* word
# whether the guest is happy, and every loss asks something of every state before it.

# %%
with rv.record(reader) as every_word:
    verdicts = sentiment(reader(vectors(words)[:, None])[0])
    torch.nn.functional.softplus(-verdicts).sum().backward()  # 38 losses, added up

flow = rw.GradientFlow(every_word, of="gradient", labels=[review], cursor=together)
rw.ask("06", "every-word", show=flow)

# %% [markdown]
# Each row belongs to one loss: read it from the diagonal to the left, and you see what that loss asks of earlier
# and earlier states. And all of them added up?

# %% tags=["show-code"]
all_losses = every_word["l0"].grad_norm[:, 0]
last_loss = rv.flow.gradient_flow(every_word["l0"])[-1, :, 0]  # the last row of the map
print("word    all losses   last loss")
for place in (0, 10, 20, 37):
    print(f"{review[place]:7} {all_losses[place]:10.1f} {last_loss[place]:11.0e}")

# %% [markdown]
# The sum is level: it looks like a network that learns from everything. Yet each loss still asks nothing of words far
# away. Where every step has its own loss, look at the map.

# %% [markdown]
# ## The cliff
#
# Vanishing is quiet: nothing happens. Exploding is not. Here is a network of one unit that should hold the number
# 0.7 for 50 steps. It has one weight and one bias, so we can look at its error from above, as at a landscape. Two
# balls roll downhill in it. Both take steps of learning rate times gradient, but one of them never uses a
# gradient longer than 0.5: it is [**clipped**](glossary.ipynb#gradient-clipping).

# %%
rw.ask("06", "edge", show=rw.Cliff())

# %% [markdown]
# Press play. Then drag the start somewhere else, and try other learning rates.
#
# $$\mathbf{g} \;\leftarrow\; \mathbf{g} \cdot \min\!\left(1, \frac{\theta}{\lVert \mathbf{g} \rVert}\right)$$
#
# Clipping keeps the direction and shortens the step. It does nothing for a gradient that has vanished.
# Make T shorter, and the cliff becomes a slope: it takes many steps to build one.

# %%
rw.ask("06", "clip-what")

# %% [markdown]
# ## Two tasks that need a memory
#
# To see what helps, we need tasks in which the first things count. Researchers have used these two for almost
# thirty years.
#
# [**The adding problem.**](glossary.ipynb#adding-problem) A long list of numbers between 0 and 1. Two of them are
# marked, one in each half. At the end: what is their sum? Who always says 1 has a squared error of 1/6 ≈ 0.167.
# Remember that number. A network that stands on it has learned nothing but the mean.

# %% tags=["show-code"]
from rnnviz.data import AddingProblem

numbers, sums = AddingProblem(steps=8, batch=1)(torch.Generator().manual_seed(0))
for number, marker in numbers[:, 0]:
    print(f"{number:.2f}", "← this one" if marker else "")
print(f"sum {sums[0, 0]:.2f}")

# %% [markdown] tags=["exercise"]
# ### Exercise 2: make it yourself
#
# `values` is (time, batch); `first` and `second` hold, for each list, the steps to be marked. Return the
# inputs (time, batch, 2), the values and the markers, and the sums (batch,).


# %% tags=["exercise"]
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
# ### Exercise 3: tell the order
#
# `symbols` is (time, batch): 0 is A, 1 is B, anything above is chatter. Return for each string 0 for AA, 1 for
# AB, 2 for BA, 3 for BB.


# %% tags=["exercise"]
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
# * **Initialisation** (Glorot, orthogonal, identity): factors near 1, at the start. It costs nothing, but training may
#   undo it.
# * **ReLU**: slope exactly 1 where a unit is on. The price: no bound, so states explode and units die.
# * **Gradient clipping** shortens a step over the cliff. It costs almost nothing, and cannot help what has vanished.
# * **Layer or batch normalisation** keeps every unit off the flat parts. It is work at every step: about twice the
#   time here.
# * **Better optimisers**: Adam gives each weight its own step size, and keeps two more numbers for each weight.
# * **Truncated backpropagation** stops going back after k steps. It saves time and memory, and is blind beyond k.
#
# With **identity + ReLU + clipping + Adam** the list of 30 is solved after some 300 updates. Now take one away
# at a time. Without clipping, or from small random weights, it takes about twice as long. With tanh, or with
# plain gradient descent, 800 updates are not enough. And identity and ReLU alone are thrown off the cliff at once.

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
# The ratio is a warning, not a promise. Press **Other weights** and bet again: it is right most of the time, not
# always. A gradient that arrives can still point nowhere useful. And a poor ratio may mend in training:
# in the second table of the next section, the LSTM with a forget bias of 0 begins at 10⁻¹², and still gets there.

# %% [markdown]
# ## What was published, and what we measured
#
# These trainings take minutes, so the results come from files; `rnnviz prove adding_problem` makes them anew
# on your machine.

# %% tags=["show-code"]
from rnnviz.experiments.results import read_results

says = {1.0: "solved", 0.0: "not solved", None: "–"}
for name in ("adding_problem", "temporal_order"):
    for row in read_results(name)["rows"]:
        if "solved" in row["what"] or row["what"].startswith("T="):
            ours = f"{sum(row['measured']):.0f} of {len(row['measured'])} seeds solve it"
            print(f"{row['what']:24} published: {says[row['published']]:11} ours: {ours}")

# %% [markdown]
# The first three are the adding problem over 150 steps (Le, Jaitly and Hinton, 2015). The others are temporal
# order over 20 and 40 steps (Pascanu, Mikolov and Bengio, 2013): plain gradient descent, then with clipping, then
# with a regulariser Ω besides, which asks the gradient to keep its size from step to step. The papers show curves;
# a dash means that the curve does not tell.
#
# One line does not agree: at 20 steps, clipping alone is published as a success, and solves two of our four. We
# stopped after 25,000 updates; the paper trained for far longer. The regulariser solves all eight.

# %% tags=["show-code"]
rows = {row["what"]: sorted(row["measured"]) for row in read_results("forget_bias")["rows"]}
print("forget bias   ratio   updates until solved (of at most 4000)")
for bias in ("-2", "+0", "+1", "+3", "+5"):
    exponents, updates = rows[f"bias {bias}, log10 of the ratio"], rows[f"bias {bias}, updates"]
    middle = len(updates) // 2
    print(f"{bias:>11}   {10 ** exponents[middle]:.0e}   {updates[middle]:.0f}")

# %% [markdown]
# The adding problem over 100 steps, the middle one of three seeds. A bias of 1 or 3 takes some 1400 updates, 0
# or less takes 2300 and more. At 5 the ratio is above 10, and two of the three never get there.

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
# ### Exercise 4: the memory horizon
#
# `curve[d]` is how much is left after `d` steps. Return the first `d` at which it is below `fraction` of
# `curve[0]`, and the length of the curve if it never is.


# %% tags=["exercise"]
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
# How a cell does that, gate by gate, is told in a lesson still to come.

# %% [markdown]
# ## What you take along
#
# * Going back one step multiplies the gradient by a Jacobian. Many factors below 1 make nothing, many above 1
#   make an explosion.
# * The spectral radius tells which, as long as the units are not saturated. Saturated units let nothing through.
# * Vanishing is silent: the first words simply do not count. Exploding throws the weights off a cliff.
# * Clipping helps against the cliff. Initialisation, ReLU, normalisation and better optimisers help to begin. A
#   cell with gates can learn to keep, if its gates begin open: their biases decide where it starts.
# * One backward pass before training says a lot: compare the gradients of an early and a late input.
#
# **Still to come: the LSTM, gate by gate.** A memory that is added to, not multiplied. Until then, the
# [glossary](glossary.ipynb#LSTM) says what its gates are.
