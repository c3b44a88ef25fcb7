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
#     title: Reservoirs
#     minutes: 75
#     exercise_minutes: 40
#     outcomes:
#       - build a recurrent network whose recurrent weights nobody trains, and fit its readout in one go
#       - say what spectral radius, leak and input scale do, and whether a reservoir forgets its start
#       - measure how much a reservoir remembers, and say why that is never more than its number of units
#       - say when a reservoir is enough, and when it is not
#       - compute all steps of a linear recurrence at once, and say what that costs
#     summary: Random weights that nobody trains, one sum that is solved in milliseconds, and a chaotic series foretold.
# ---

# %% [markdown]
# # Reservoirs
#
# The recurrent weights of this network are random, and nobody has trained them. Only the last weighted sum was fitted,
# in a few milliseconds. From step 0 on the network is left alone with a chaotic series, and reads its own forecast.
#
# **How long does the forecast hold?** Turn the **spectral radius ρ** down to 0, then up to 1.6.

# %%
import torch

import rnnviz_widgets as rw

rw.ReservoirPlayground(units=[50, 20, 100])

# %% [markdown]
# <details><summary>After this lesson you can …</summary>
#
# * build a recurrent network whose recurrent weights nobody trains, and fit its readout in one go,
# * say what spectral radius, leak and input scale do, and whether a reservoir forgets its start,
# * measure how much a reservoir remembers, and say why that is never more than its number of units,
# * say when a reservoir is enough, and when it is not,
# * compute all steps of a linear recurrence at once, and say what that costs.
#
# </details>

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %% [markdown]
# ## Leave the weights alone
#
# Lesson 06 took great pains to make gradients pass through time. Here is another way out: do not send any. Draw the
# recurrent weights at random, once, and let them be. The input stirs the units up like a stone a pond, and each of
# them is some mixture of what came before. That is a [**reservoir**](glossary.ipynb#reservoir), and the network an
# *echo-state network* (Jaeger, 2001):
#
# $$\mathbf{h}_t = (1-a)\,\mathbf{h}_{t-1} + a\,\tanh(s\,\mathbf{W}_x \mathbf{x}_t + \rho\,\mathbf{W}_h
# \mathbf{h}_{t-1} + \mathbf{b})$$
#
# $$y_t = \mathbf{w}^{\!\top} [1, \mathbf{h}_t]$$
#
# $\mathbf{W}_x$, $\mathbf{W}_h$ and $\mathbf{b}$ are random. $\mathbf{W}_h$ was divided by the size of its largest
# eigenvalue, so that its [spectral radius](glossary.ipynb#spectral-radius) is 1, and $\rho$ is that of the product.
# What is fitted is $\mathbf{w}$ alone, the [**readout**](glossary.ipynb#readout).

# %% tags=["show-code"]
from rnnviz.models import EchoStateNetwork

network = EchoStateNetwork(units=100, spectral_radius=0.8, leak=0.3)
states, last = network(torch.randn(200, 1, 1))  # (time, batch, feature)
print("states:", tuple(states.shape))
print("to be trained by a gradient:", sum(one.numel() for one in network.parameters()), "numbers")
for name, values in network.state_dict().items():
    print(f"{name:10}", tuple(values.shape))

# %%
rw.ask("09", "what-is-fitted")

# %% [markdown]
# ## Three knobs
#
# Nobody trains the weights, so somebody has to choose how they are drawn. Three numbers matter most. Turn each of them
# in the toy above.
#
# | | what it sets | try |
# |---|---|---|
# | **ρ**, spectral radius | how strongly a state acts on the next: a small one forgets fast | 0, 0.8, 1.4 |
# | **a**, [leak](glossary.ipynb#leak) | how much of the state is replaced: a small one is slow | 1, 0.3, 0.05 |
# | **s**, input scale | how hard the input pushes: a large one drives tanh into its flat parts | 0.01, 1, 10 |
#
# Below, one reservoir at rest gets a single push, with different knobs. How far from rest is it, and for how long?

# %%
push = torch.zeros(60, 1, 1)
push[5] = 1.0
knobs = {"ρ 0.9, a 1": (0.9, 1.0), "ρ 0.5, a 1": (0.5, 1.0), "ρ 0.9, a 0.2": (0.9, 0.2)}
curves = []
for name, (radius, leak) in knobs.items():
    pond = EchoStateNetwork(100, spectral_radius=radius, leak=leak, bias_scale=0)
    sizes = pond(push)[0][:, 0].norm(dim=1)
    curves.append({"type": "scatter", "name": name, "y": sizes.tolist()})
axes = {"xaxis": {"title": "step"}, "yaxis": {"title": "distance from rest"}}
rw.PlotlyFigure(curves, {"height": 300, "margin": {"t": 20}, **axes})

# %% [markdown] tags=["exercise"]
# ### Exercise 1: run a reservoir
#
# `x` is (time, batch, features). `W_h` already contains ρ, and `W_x` contains s. Begin with zeros, and return the
# states of all steps, (time, batch, units).


# %% tags=["exercise"]
import rnnviz_widgets as rw


def run_reservoir(x, W_x, W_h, b, a):
    # The inside of tanh is step @ W_x.T + h @ W_h.T + b.
    return ...


rw.exercise("09", "reservoir", run_reservoir)


# %% tags=["solution"]
def run_reservoir(x, W_x, W_h, b, a):
    h, states = torch.zeros(x.shape[1], len(b)), []
    for step in x:
        h = (1 - a) * h + a * torch.tanh(step @ W_x.T + h @ W_h.T + b)
        states.append(h)
    return torch.stack(states)


rw.exercise("09", "reservoir", run_reservoir, keep=False)

# %% [markdown]
# ## Does it forget its start?
#
# A readout is of use only if the state is made by the *input*. So start the same reservoir twice, from different
# states, and give it the same input both times. If the two runs meet, whatever the starts, it has the [**echo-state
# property**](glossary.ipynb#echo-state-property). In the toy two panels show it: one unit after two starts, and the
# distance of all units, on an axis of powers of ten.
#
# Now set ρ to 1.2 and the leak to 1. One step multiplies the largest direction by 1.2, and 1.2 to the power of 200 has
# 16 digits.

# %%
from rnnviz.models import forget_start

noise = 1.6 * torch.rand(200, 1, 1, generator=torch.Generator().manual_seed(0)) - 0.8


def left(scale):
    def measure(hundredths):
        pond = EchoStateNetwork(50, spectral_radius=hundredths / 100, input_scale=scale)
        distance = forget_start(pond, noise)
        return 100 * float(distance[-1] / distance[0])

    return measure


# %%
strengths = {"weak input, s = 0.03": left(0.03), "strong input, s = 3": left(3.0)}
options = {"x": "ρ", "x_unit": "hundredths", "unit": "%", "first": range(60, 201, 10)}
left_over = rw.Experiment(strengths, low=50, high=200, **options)
rw.ask("09", "meet-again", show=left_over)

# %% [markdown] tags=["after=meet-again"]
# What is left after 200 steps, in per cent of what it was. *ρ below 1* is the rule of thumb that you will read
# everywhere, and a good place to begin. It is neither enough to be sure nor needed (Yildiz, Jaeger and Kiebel, 2012):
# the eigenvalues describe the network around rest, and a strong input does not leave it there. tanh is flat where it
# is pushed, and flat means that differences shrink. Lesson 06 called the same thing saturation, and feared it.
#
# The first steps of any run still depend on the start. They are left out when the readout is fitted: the
# [**washout**](glossary.ipynb#washout).

# %% [markdown]
# ## A readout in one go
#
# Collect the states, each with a 1 in front, as rows of a matrix $\mathbf{S}$, and what should have been said as
# $\mathbf{y}$. The best $\mathbf{w}$ has a formula. No learning rate, no epochs, and no second best minimum:
#
# $$\mathbf{w} = (\mathbf{S}^{\!\top}\mathbf{S} + \lambda \mathbf{I})^{-1}\, \mathbf{S}^{\!\top}\mathbf{y}$$
#
# The number $\lambda$ makes large weights dear: that is [**ridge regression**](glossary.ipynb#ridge-regression). Many
# units say nearly the same, and without it their weights would grow huge and cancel each other out.

# %% tags=["show-code"]
from rnnviz.data import mackey_glass
from rnnviz.models import normalised_error

series = torch.tanh(torch.tensor(mackey_glass(4600).values) - 1).reshape(-1, 1, 1).double()
network.fit(series[:1000], series[1:1001], ridge=1e-8, washout=100)
said = network.read(network(series[:2000])[0])
print("readout:", network.weight_out.numel(), "numbers")
print(
    f"error one step ahead, unseen: {normalised_error(said[1000:], series[1001:2001]):.3f} of the deviation"
)

# %% [markdown] tags=["exercise"]
# ### Exercise 2: mend it
#
# This function should fit a readout to `states`, (time, units), and `targets`, (time,), and return its weights,
# (1 + units,), that of the constant first. It is **broken on purpose**. Run it, read what the check says, find the
# fault and mend it.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def fit_readout(states, targets, ridge, washout):
    S = torch.cat([torch.ones(len(states), 1), states], dim=1)[washout:]
    y = targets[washout:]
    gram = S.T @ S + ridge
    return torch.linalg.solve(gram, S.T @ y)


rw.exercise("09", "readout", fit_readout)


# %% tags=["solution"]
def fit_readout(states, targets, ridge, washout):
    S = torch.cat([torch.ones(len(states), 1), states], dim=1)[washout:]
    y = targets[washout:]
    gram = S.T @ S + ridge * torch.eye(S.shape[1])
    return torch.linalg.solve(gram, S.T @ y)


rw.exercise("09", "readout", fit_readout, keep=False)

# %%
rw.ask("09", "solved-or-trained")

# %% [markdown]
# See for yourself. Both networks have 100 tanh units and the same thousand values. Of the first only the 101 numbers of
# its readout are fitted; the second learns all its 10,401 weights by
# [backpropagation through time](04-training-through-time.ipynb), in pieces of 100 steps. Mind the axes: powers of ten.

# %%
rw.LearningRace("readout")

# %% [markdown] tags=["after=solved-or-trained"]
# Why is it so fast? The states are computed once, forward, and nothing is kept for a way back. Then comes a system of
# 101 equations. Training has to go through time and back for every update, and needs hundreds. How far does patience
# get it? `rw.LearningRace("readout", updates=3000)`.

# %% [markdown]
# ## How much does it remember?
#
# Feed the reservoir noise, so that nothing can be guessed. For each delay $k$, fit a readout that says the input $k$
# steps ago, and judge it on noise that it has not seen. The share that it explains (the squared correlation) is 1 for
# a perfect memory and 0 for none. Summed over all delays it is the [**memory
# capacity**](glossary.ipynb#memory-capacity) (Jaeger, 2002):
#
# $$\mathrm{MC} = \sum_{k=1}^{\infty} r^2(y^{(k)}_t,\, x_{t-k}) \;\le\; N$$
#
# It is never more than $N$, the number of units. $N$ numbers can hold at most $N$ independent ones, and past inputs of
# a noise are independent.

# %%
from rnnviz.models import measure_memory_capacity

options = {"spectral_radius": 0.9, "bias_scale": 0}
ponds = {"linear, orthogonal": {"nonlinearity": "linear", "orthogonal": True}}
ponds |= {f"tanh, s = {scale}": {"input_scale": scale} for scale in (0.1, 1.0, 3.0)}
bars = []
for name, more in ponds.items():
    shares = measure_memory_capacity(EchoStateNetwork(20, **options, **more), 40, steps=2000)
    label = f"{name}: {shares.sum():.0f} in all"
    bars.append({"type": "scatter", "name": label, "x": list(range(1, 41)), "y": shares.tolist()})
axes = {"xaxis": {"title": "delay k, steps"}, "yaxis": {"title": "share remembered", "range": [0, 1.05]}}
memory = rw.PlotlyFigure(bars, {"height": 320, "margin": {"t": 20}, **axes})
rw.ask("09", "remembers-most", show=memory)

# %% [markdown] tags=["after=remembers-most"]
# The linear network comes close to the bound: 19 of 20. An orthogonal matrix turns the state and loses nothing; only ρ
# makes the past fade. tanh costs memory, and the more the harder it is pushed. In return its units hold *products* of
# past inputs, of which a linear network has none. **Memory and nonlinearity pull against each other**, and the input
# scale chooses between them.
#
# And for each delay: who remembers more of one must remember less of another. Turn ρ in the toy and watch how the
# curve gets longer and lower.
#
# With 100 units, 20,000 samples and several seeds, stored; what stands under *published* is the bound.

# %% tags=["after=remembers-most", "show-code"]
from rnnviz.experiments.results import read_rows
from rnnviz.experiments.table import Report, write_table

capacities = read_rows("memory_capacity")
Report(capacities[:5], digits=1)

# %% tags=["after=remembers-most"]
rw.Folded("With other radii and leaks", write_table(capacities[5:], 1))

# %% [markdown] tags=["after=remembers-most"]
# No leak and a radius just below 1 remember most. `rnnviz prove memory_capacity` makes these numbers anew.

# %% [markdown]
# ## Left alone
#
# The toy's series is that of Mackey and Glass (1977), a model of how the body makes blood cells: what is made now
# depends on what there was 17 steps ago. It never repeats. Two runs that begin nearly alike drift apart, as weather
# does, so no forecast holds for ever.
#
# After fitting, the readout's output becomes the next input. Below, three reservoirs are left alone at 20 places of the
# series.

# %%
curves = []
for units in (20, 100, 400):
    pond = EchoStateNetwork(units, spectral_radius=0.8, leak=0.3)
    pond.fit(series[:1000], series[1:1001], ridge=1e-8)
    places = torch.arange(1100, 4201, 160)
    known, _ = pond(series[:4201])
    alone = pond.generate(series[places, 0], 300, known[places - 1, 0])
    truth = torch.stack([series[at + 1 : at + 301, 0] for at in places], dim=1)
    errors = (alone - truth).square().mean(dim=(1, 2)).sqrt() / series.std()
    curves.append({"type": "scatter", "name": f"{units} units", "y": errors.clamp(max=9).tolist()})
axes = {"xaxis": {"title": "steps alone"}}
axes |= {"yaxis": {"title": "error over deviation", "type": "log", "dtick": 1}}
apart = rw.PlotlyFigure(curves, {"height": 340, "margin": {"t": 20}, **axes})
rw.ask("09", "twenty-times", show=apart)

# %% [markdown] tags=["after=twenty-times"]
# On an axis of powers of ten the errors rise, with the wiggles of the series, along a line: they grow by a *factor*
# from step to step, which is what chaos means. More units begin lower, and so last longer. An error of 1 is as bad as
# always saying the mean.
#
# How far can it be driven? Jaeger and Haas (2004) fed 1,000 units with nothing but their own output, and reported an
# error of $10^{-4.2}$ after 84 steps. Ours, drawn and fitted as they say, on several seeds:

# %% tags=["after=twenty-times", "show-code"]
Report(read_rows("mackey_glass"), digits=2)

# %% [markdown] tags=["after=twenty-times"]
# The median of our draws misses the published error; single draws reach it. Seeds differ by a factor of several, so a
# number from one draw says little. `rnnviz prove mackey_glass` makes the table anew.

# %% [markdown] tags=["exercise"]
# ### Exercise 3, open: fifty units
#
# Write `build()`: it returns an `EchoStateNetwork` of at most 50 units. Its readout is fitted on 1,000 values with a
# ridge of $10^{-8}$; then it is left alone at twelve places, 84 steps each. The score is the median error over the
# deviation. **The goal is 0.03.** As it comes, with ρ = 0.9 and no leak, the network runs away.


# %% tags=["exercise"]
import rnnviz_widgets as rw
from rnnviz.models import EchoStateNetwork


def build():
    # Its knobs: spectral_radius, leak, input_scale, bias_scale, and seed.
    return ...


rw.exercise("09", "fifty-units", build)


# %% tags=["solution"]
def build():
    return EchoStateNetwork(50, spectral_radius=0.7, leak=0.2)


rw.exercise("09", "fifty-units", build, keep=False)

# %% [markdown]
# ## When not to use it
#
# A reservoir can say only what its units happen to contain. Whatever the task needs and the dice did not bring is not
# there, and a longer training does not bring it either. Here is a task that asks for something special: *is the number
# of ones among the last $k$ bits odd?* Each bit turns the answer round, so it is a product of all of them.

# %%
bits = torch.randint(0, 2, (3200, 1, 1), generator=torch.Generator().manual_seed(0)).double()
signs = 2 * bits - 1


def answers(units):
    pond = EchoStateNetwork(units, input_scale=2.0)

    def measure(k):
        odd = 2 * (bits.flatten().unfold(0, k, 1).sum(1) % 2) - 1  # the first window ends at step k − 1
        pond.fit(signs[k - 1 : 1700], odd[: 1701 - k, None, None])
        said = pond.read(pond(signs)[0]).flatten()
        return 100 * float((said.sign()[1700:] == odd[1701 - k :]).double().mean())

    return measure


# %%
ponds = {f"{units} units": answers(units) for units in (50, 100, 200)}
right = rw.Experiment(ponds, low=1, high=12, x="bits", unit="% right", first=range(1, 13))
rw.ask("09", "odd-bits", show=right)

# %% [markdown] tags=["after=odd-bits"]
# With 200 units, each of the last nine bits can be named by a readout of its own. What is missing is their *product*. A
# trained GRU of 16 units answers for any number of bits; you will see it do so below.
#
# | a reservoir is enough when … | train the recurrent weights when … |
# |---|---|
# | the signal is smooth, and its near past decides | something far back decides, and little in between matters |
# | data are few, and an answer is wanted now | data are many, and there is time |
# | it must learn again and again, or on a small device | the task needs what random units lack, such as counting |
# | you want to know what random weights would do | that baseline is not good enough |
#
# The network of the [sensor alarm in lesson 01](01-sequences-and-memory.ipynb) is a reservoir. And in
# [lesson 04](04-training-through-time.ipynb) you met one by accident: what truncated training never taught, the random
# weights carried along all the same.

# %% [markdown]
# ## Give up the nonlinearity
#
# Reservoirs save the way back through time. The way *forward* is still one step after another, since the next state
# needs the last one inside a tanh. What if there is no tanh between one state and the next?
#
# $$\mathbf{h}_t = \mathbf{a}_t \odot \mathbf{h}_{t-1} + \mathbf{b}_t$$
#
# Here the factors $\mathbf{a}_t$ and the values $\mathbf{b}_t$ come from the input alone. (They are not the leak and
# the bias from above.) Put one step into the next:
#
# $$\mathbf{h}_{t+1} = \underbrace{\mathbf{a}_{t+1} \mathbf{a}_t}_{\text{a factor}} \odot\, \mathbf{h}_{t-1} +
# \underbrace{\mathbf{a}_{t+1} \odot \mathbf{b}_t + \mathbf{b}_{t+1}}_{\text{a value}}$$
#
# Two steps are a step of the same form. So are four, and eight. First join neighbours, all of them at once; then pairs
# of pairs. Such a [**scan**](glossary.ipynb#scan) has every state ready after few rounds, and each round is one
# operation on the whole sequence. Each line in the drawing, from below to above, says which earlier step is joined in.

# %%
steps, lines = 16, []
for round, span in enumerate((1, 2, 4, 8)):
    for t in range(steps):
        for start in (t, t - span):
            if start >= 0:
                lines += [(start, round), (t, round + 1), (None, None)]
x, y = map(list, zip(*lines, strict=True))
wires = {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"width": 1}}
ends = {
    "mode": "markers",
    "x": list(range(steps)) * 5,
    "y": [r for r in range(5) for _ in range(steps)],
}
axes = {"xaxis": {"title": "step t", "dtick": 1}, "yaxis": {"title": "rounds done", "dtick": 1}}
rw.PlotlyFigure([wires, ends], {"height": 300, "showlegend": False, "margin": {"t": 20}, **axes})

# %%
rw.ask("09", "rounds")

# %% [markdown]
# Two such cells. The **linear recurrent unit** (Orvieto and others, 2023) has fixed factors, complex numbers inside the
# unit circle: each state turns as it fades, like the orthogonal reservoir, but its factors are learned. The
# [**minGRU**](glossary.ipynb#minGRU) (Feng and others, 2024) is a [GRU](glossary.ipynb#GRU) whose gate and candidate
# look at the input only:
#
# $$\mathbf{z}_t = \sigma(\mathbf{W}_z \mathbf{x}_t + \mathbf{b}_z) \qquad
# \mathbf{h}_t = (1 - \mathbf{z}_t) \odot \mathbf{h}_{t-1} + \mathbf{z}_t \odot (\mathbf{W} \mathbf{x}_t + \mathbf{b})$$

# %% tags=["show-code"]
from rnnviz.variants import LinearRecurrence, MinGRU

torch.manual_seed(0)
inputs = torch.randn(1000, 1, 1)
for cell in (MinGRU(1, 32), LinearRecurrence(1, 32, factors="complex")):
    looped, _ = cell(inputs)
    scanned, _ = cell.scan(inputs)
    print(
        f"{type(cell).__name__}: 1,000 steps, the same states: {torch.allclose(looped, scanned, atol=1e-4)}"
    )

# %% [markdown]
# And the time? Measured just now, on the machine that runs this page:

# %%
from time import perf_counter


def clock(run, steps):
    x, best = torch.randn(steps, 1, 1), float("inf")
    for _ in range(3):
        began = perf_counter()
        run(x)
        best = min(best, perf_counter() - began)
    return 1000 * best


# %%
cell, lengths = MinGRU(1, 32), (10, 30, 100, 300, 1000, 3000)
with torch.no_grad():
    ways = {"step by step": cell.forward, "all steps at once": cell.scan}
    took = {name: [clock(run, steps) for steps in lengths] for name, run in ways.items()}
curves = [{"type": "scatter", "name": name, "x": lengths, "y": times} for name, times in took.items()]
logs = {"type": "log", "dtick": 1}
axes = {"xaxis": {"title": "steps", **logs}, "yaxis": {"title": "milliseconds", **logs}}
rw.PlotlyFigure(curves, {"height": 300, "margin": {"t": 20}, **axes})

# %% [markdown]
# A scan computes *more*, a product and a sum for each step in each round. But it waits less: a processor that can do
# much at once, above all a GPU, is asked ten times and not a thousand times.
#
# ### What it costs
#
# Back to the ones that are odd or even in number, now counted from the first step on. The factors of a minGRU,
# $1 - z_t$, lie between 0 and 1. A variant takes $1 - 2 z_t$, between −1 and 1.

# %%
rw.ask("09", "which-counts")

# %% [markdown]
# All three learn from sequences of 24 bits and are measured on 100.

# %%
rw.LearningRace("parity")

# %% [markdown] tags=["after=which-counts"]
# Why does one of them fail? Feed it ones only. Then each step is the same, $h \leftarrow a h + b$ with $a$ between 0
# and 1, and such an $h$ goes to its limit from one side. The right answer goes back and forth, for ever. With
# $a = -1$ the state can do so too: it turns its sign at each one (Grazzi and others, 2025). What tanh had given for
# nothing now has to be built in.
#
# Where has the nonlinearity gone? *Between* layers: linear recurrences are stacked, with a nonlinear layer between
# each two. Each of them is computed in rounds, and only the layers wait for each other.

# %%
rw.ask("09", "why-not-lstm")

# %% [markdown] tags=["exercise"]
# ### Exercise 4: count by a factor
#
# `bits` is (time, batch), of zeros and ones. Return the factors and the values of a linear recurrence, (time, batch)
# each. From $h = 1$ at the start, it shall be at 1 after an even number of ones and at −1 after an odd one, at every
# step. Factor and value of a step may depend on the bit of that step only.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def count_ones(bits):
    factors = ...
    values = ...
    return factors, values


rw.exercise("09", "count-ones", count_ones)


# %% tags=["solution"]
def count_ones(bits):
    factors = 1 - 2 * bits
    values = torch.zeros_like(bits)
    return factors, values


rw.exercise("09", "count-ones", count_ones, keep=False)

# %% [markdown]
# ## What you take along
#
# * A reservoir is a recurrent network with random weights. Only its readout is fitted: one system of equations.
# * Spectral radius, leak and input scale are chosen. Try a few; each try takes no time.
# * Two starts must meet, or the state says more about its start than about the input. ρ below 1 is a rule of thumb.
# * N units remember at most N past inputs. Linear ones remember most, tanh gives some of it away for products.
# * Left alone with a chaotic series, errors grow by a factor from step to step. More units begin lower.
# * What the dice did not bring, no readout can find. A reservoir is the baseline that a trained network has to beat.
# * Without a nonlinearity between steps all steps can be computed at once. Such a state cannot count unless its
#   factors may turn its sign.
#
# **Next: [words](10-words.ipynb).** So far the inputs were numbers. How does a word become one?
