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
#     title: Sequences and memory
#     minutes: 60
#     exercise_minutes: 30
#     outcomes:
#       - say what a sequence can be asked, and tell one feature from many
#       - explain why most networks want a fixed size, and what padding costs
#       - tell a model that looks back from one that remembers
#       - measure how long an input is felt, by changing it
#       - count what each model costs when the past grows longer
#     summary: An impulse goes in. One model stops hearing it, one fades, one rings, one explodes.
# ---

# %% [markdown]
# # Sequences and memory
#
# Three models are given one push, at step 0, and then nothing. **Drag each model's own slider. Which of the three
# must forget the push, whatever you do?**

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %%
import torch

import rnnviz_widgets as rw
from rnnviz.data import co2, stocks, sunspots

rw.ResponseExplorer(steps=40)

# %% [markdown]
# <details><summary>After this lesson you can …</summary>
#
# * say what a sequence can be asked, and tell one feature from many,
# * explain why most networks want a fixed size, and what padding costs,
# * tell a model that looks back from one that remembers,
# * measure how long an input is felt, by changing it,
# * count what each model costs when the past grows longer.
#
# </details>
#
# What these three models are is the matter of this lesson. It begins with what they are for.

# %% [markdown]
# ## The order is the message
#
# Here are 309 numbers, drawn twice: the upper curve has them shuffled, the lower one in the order in which
# they came. They are the sunspots of each year since 1700.

# %%
series = sunspots()
shuffled = series.values[torch.randperm(309, generator=torch.Generator().manual_seed(1)).numpy(), 0]
curves = [
    {"y": shuffled, "name": "shuffled"},
    {"x": series.dates, "y": series.values[:, 0], "name": "in order", "xaxis": "x2", "yaxis": "y2"},
]
across = {"xaxis": {"title": "place in the shuffled row"}, "xaxis2": {"title": "year"}}
up = {"yaxis": {"title": "sunspots"}, "yaxis2": {"title": "sunspots"}}
grid = {"rows": 2, "columns": 1, "pattern": "independent", "ygap": 0.5}
rw.PlotlyFigure(curves, {"height": 380, "grid": grid, **across, **up})

# %% [markdown]
# The numbers are the same. Their mean is the same, and so is their spread. But only one of the two tells you
# anything about next year. Data whose order matters is a [**sequence**](glossary.ipynb#sequence). A place in it
# is a [**step**](glossary.ipynb#step), $t$, and what stands there is $x_t$.
#
# To use the order, a model must know what came before. So here is the question of this lesson, and of this
# whole course: **how does the past get into the answer?** Commit to a first guess.

# %%
rw.ask("01", "advertisement")

# %% [markdown]
# ## Three things to ask a sequence

# %%
rw.Picture("01-tasks")

# %% [markdown]
# * **Forecast the future.** The price tomorrow, the load of a power grid tonight, the next word.
# * **Label the present.** At each step, say what is going on *now*. Which sound is being spoken? Is this heartbeat
#   normal, or an anomaly? Or act on it: how far should the valve be open?
# * **Generate.** Make up something new that could have been real, a step at a time: a melody, a sentence, a
#   line of handwriting.
#
# In all three the answer depends on more than $x_t$. A single thin slice of sound is just a hiss. It takes
# the slices before to hear a word.

# %%
rw.ask("01", "which-task")

# %% [markdown]
# ## One number a step, or many
#
# A step need not be one number. Each number of a step is a [**feature**](glossary.ipynb#feature). With one it is
# a **univariate** series, with several a **multivariate** one. Here are three that we shall meet again:

# %%
for each in (sunspots(), co2(), stocks()):
    steps, features = each.values.shape
    print(
        f"{each.name:9}{steps:4} steps × {features} feature{'s' * (features > 1)}: {', '.join(each.features)}"
    )

# %% [markdown]
# The shares belong together: six prices, measured in the same week. A model that reads all six can learn
# that one of them moves before another. Six models with one price each cannot.

# %%
prices = stocks()
lines = [
    {"x": prices.dates, "y": prices.values[:, k], "name": name} for k, name in enumerate(prices.features)
]
rw.PlotlyFigure(lines, {"height": 300, "yaxis": {"title": "price ÷ first price"}, "hovermode": "x unified"})

# %% [markdown]
# With a batch of sequences side by side, numbers lie in a block of shape **(time, batch, feature)**. That
# order holds in the whole course.
#
# ## Why not just a big network?
#
# Take an ordinary, feed-forward network. Hand it the whole sequence at once, all steps as inputs. What is
# wrong with that?

# %%
rw.Picture("01-fixed-size")

# %% tags=["show-code"]
network = torch.nn.Linear(20, 1)
for steps in (20, 25):
    try:
        network(torch.zeros(steps))
        print(steps, "steps: an answer")
    except RuntimeError as error:
        print(steps, "steps:", type(error).__name__)

# %% [markdown]
# Every input has wires of its own, with weights of their own. So the size is fixed when the network is
# built. And step 3 and step 4 share nothing: what is learned about a word at the third place is not known
# about the same word at the fourth.
#
# A [convolution](glossary.ipynb#convolution) slides the same few weights along. It does not mind a longer
# sequence. But what comes out is longer as well, and a layer behind it that makes one answer of it has a fixed size
# again:

# %% tags=["show-code"]
slide, decide = torch.nn.Conv1d(1, 1, kernel_size=5), torch.nn.Linear(16, 1)
for steps in (20, 25):
    found = slide(torch.zeros(1, 1, steps))
    fits = "which fits" if found.shape[-1] == decide.in_features else f"but {decide.in_features} are wanted"
    print(steps, "steps in,", found.shape[-1], "out,", fits)

# %%
rw.ask("01", "why-fixed")

# %% [markdown]
# There is a layer that fits behind it at any length: one that takes the average over all places, or the largest. That
# is called [**pooling**](glossary.ipynb#pooling). It frees the length. What does it cost?

# %% tags=["show-code"]
numbers = torch.Generator().manual_seed(4)
for steps in (20, 25, 500):
    pooled = slide(torch.randn(1, 1, steps, generator=numbers)).mean(-1)
    print(steps, "steps in:", pooled.numel(), "number out")
found = slide(torch.randn(1, 1, 20, generator=numbers))
backwards = found.flip(-1)
print("same answer if what was found is turned round:", torch.allclose(found.mean(-1), backwards.mean(-1)))

# %% [markdown]
# It throws the order away: it knows *what* was found, and not where. “Not bad, good” and “not good, bad” are told apart
# only as far as the five weights reach.
#
# ## Padding
#
# There is a cheap way out. Choose the longest sequence there is, and fill the others up to its length with zeros.
# That is [**padding**](glossary.ipynb#padding). Every batch becomes one block of numbers, and blocks are what
# computers are fast at.
#
# But the zeros are computed like any number. How much of the work is done for nothing?

# %%
rw.ask("01", "padding-share")

# %%
rw.PaddingExplorer(method="packed")

# %% [markdown]
# Each row is a sentence, and what is hatched is padding: none yet. Go through the five ways to fill a batch. Drag the
# bars, and make all lengths alike: what does padding cost then? What does a batch size of 1 do to the padding? And why
# does nobody train like that?
#
# **A good idea**, where lengths are alike, or where like lengths meet in a batch: a little waste, and one
# block of numbers.
#
# **A bad idea**, where a few long sequences stretch all others. Worse, where the zeros get *into the
# answer*. A zero is a number like any other. To a thermometer it is a frosty day. An average over time is
# pulled down by it, and a “last output” is read off somewhere in the padding. So, with padding, keep in mind where
# each sequence ends. Lesson 03 is about that.

# %%
rw.ask("01", "bad-padding")

# %% [markdown] tags=["exercise"]
# ### Exercise 1: the price of a batch
#
# `lengths` are the steps of the sequences, in the order in which they come. The first `size` of them make
# the first batch, the next `size` the second, and so on; the last may be smaller. Each batch is padded to
# *its* longest. Return the share of all computed steps that is padding.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def padding_share(lengths, size):
    computed = 0
    for start in range(0, len(lengths), size):
        batch = lengths[start : start + size]
        computed += ...
    return ...


rw.exercise("01", "padding-share", padding_share)

# %% [markdown] tags=["exercise"]
# A solution lies folded up below. Open it when yours holds, or when you are stuck.


# %% tags=["solution"]
def padding_share(lengths, size):
    computed = 0
    for start in range(0, len(lengths), size):
        batch = lengths[start : start + size]
        computed += len(batch) * max(batch)
    return 1 - sum(lengths) / computed


rw.exercise("01", "padding-share", padding_share, keep=False)

# %% [markdown]
# ## First way: look back
#
# Now to the past, and how it gets into the answer. The first way is the simplest. Look at the present step
# and at the $N$ steps before it, and at nothing else:

# %%
rw.Picture("01-window")

# %% [markdown]
# $$y_t = f(x_t, x_{t-1}, \ldots, x_{t-N})$$
#
# This is a [**finite-response**](glossary.ipynb#finite-response) model. Over a series it is a sliding predictor:
# a 1-D convolution over today and the $N$ days before. Here with $N = 3$. There is no
# [activation](glossary.ipynb#activation), a function that bends each sum, and no [bias](glossary.ipynb#bias), a
# constant that is added to it. So $f$ is a weighted sum:

# %% tags=["show-code"]
from rnnviz.models import FiniteResponse

window = FiniteResponse(history=3, activation="linear", bias=False)
window.window.weight.data = torch.tensor([[[0.1, 0.2, 0.3, 0.4]]])  # the oldest step comes first
impulse = torch.zeros(8, 1, 1)  # (time, batch, feature)
impulse[0] = 1.0
print("in: ", impulse.flatten().tolist())
print("out:", [round(y, 1) for y in window(impulse).flatten().tolist()])

# %% [markdown]
# A single 1 went in, an [**impulse**](glossary.ipynb#impulse). Out came the four weights, one after the other,
# and then nothing. To the model it is as if the 1 had never been there.
#
# ### How far should it look?
#
# Let a window forecast next year's sunspots. Its weights are found by **least squares**: of all weights, take those
# with which the squares of the misses add up to the least, on the years up to 1915. Then it is asked about years that
# it has not seen. With a window of one year it misses by 30 spots.

# %% tags=["show-code"]
from rnnviz.data import split
from rnnviz.models import LinearForecaster, score

parts = split(sunspots(), length=40)


def misses(years):
    return score(LinearForecaster(years).fit(parts.train), parts.validation).rmse


knob = rw.Experiment(
    {"typical miss": misses}, x="years in the window", unit="spots", low=1, high=40, first=range(1, 41)
)
rw.ask("01", "window-length", show=knob)

# %% [markdown]
# Some things lie far back. A payment is late because of a strike two months ago. A sentence ends as it
# began, eighty words earlier. With a window you must know beforehand how far that is.
#
# ## Second way: hear your own answer
#
# What if the model did not look back at all, but heard what it said last?

# %%
rw.Picture("01-feedback")

# %% [markdown]
# $$y_t = f(x_t, y_{t-1})$$
#
# Only one step back. But in $y_{t-1}$ there is $y_{t-2}$, and in that $y_{t-3}$, and so on to the beginning. An
# input at the start is in all later answers. This is an [**infinite-response**](glossary.ipynb#infinite-response)
# model. It is called a [**nonlinear autoregression**](glossary.ipynb#autoregression): it regresses on itself, on
# its own output. (With inputs from outside, as here, engineers say NARX.)
#
# The window needed a weight for each step of the past. How many does this one need? Two.

# %% tags=["show-code"]
from rnnviz.models import OutputFeedback

echo = OutputFeedback(activation="linear", bias=False)
echo.from_input.weight.data.fill_(1.0)
echo.from_output.weight.data.fill_(0.9)
print("out:", [round(y, 2) for y in echo(impulse).flatten().tolist()])

# %% [markdown]
# The 1 is still there after eight steps, and after eight hundred, in ever smaller pieces.
#
# ## Third way: keep a state
#
# There is something odd about the second way. All that the model remembers is what it said. If it has to say
# “yes” or “no”, then its whole memory is one yes or no.
#
# So take the two apart. Let the model keep a [**state**](glossary.ipynb#hidden-state) $h$ of its own, as
# large as you like. And let it read its answer off that:

# %%
rw.Picture("01-state")

# %% [markdown]
# $$h_t = f(x_t, h_{t-1}) \qquad y_t = g(h_t)$$
#
# This is a [**state-space**](glossary.ipynb#state-space-model) model. $f$ says how the state moves on, $g$ what
# is seen of it. A recurrent network is a state-space model whose $f$ is learned. The rest of this course is about
# that $f$.

# %%
rw.ask("01", "feedback-or-state")

# %% [markdown]
# ## Two that label the present
#
# ### Is this beat normal?
#
# Here is a pulse, as a clip on a finger measures it (simulated, so that we know what is wrong with it). Two beats in it
# are wrong. Find them in the upper curve.

# %%
from rnnviz.data import make_heartbeat
from rnnviz.models import EchoStateNetwork

pulse = make_heartbeat(beats=60, skipped=40, early=50)
x = torch.from_numpy(pulse.signal)[:, None, None]  # (time, batch, feature)
watcher = EchoStateNetwork(100, spectral_radius=0.9, input_scale=0.5, bias_scale=0.3, seed=1).double()
watcher.fit(x[:480], x[1:481], ridge=1e-3)  # on thirty beats that are all normal
states, _ = watcher(x[:-1])
surprise = (watcher.read(states) - x[1:]).abs().flatten().numpy()
shown = range(560, 900)
curves = [
    {"x": list(shown), "y": pulse.signal[560:900], "name": "pulse"},
    {"x": list(shown), "y": surprise[559:899], "name": "surprise", "xaxis": "x2", "yaxis": "y2"},
]

# %%
titles = {"xaxis2": {"title": "step"}, "yaxis": {"title": "pulse"}, "yaxis2": {"title": "surprise"}}
halves = {"rows": 2, "columns": 1, "pattern": "independent", "ygap": 0.25}
rw.PlotlyFigure(curves, {"height": 380, "grid": halves, **titles})

# %% [markdown]
# No value in it is too high or too low. A limit on the value, however chosen, finds nothing: what is wrong is *when*
# something comes. So the lower curve comes from a model with a state. It has read normal beats, and at each step says
# what should come next. Its **surprise** is by how much it was wrong. One beat is missing, and one comes five steps too
# early.
#
# An alarm needs a limit for the surprise, here in hundredths. Too low, and it cries wolf; too high, and it sleeps.
# Where would you set it?

# %%
usual = surprise[480:630]  # normal beats that it was not fitted on


def missed(limit):
    return sum(max(surprise[at - 1 : at + 15]) <= limit / 100 for at in pulse.odd)


def false_alarms(limit):
    return sum(value > limit / 100 for value in usual)


counts = {"missed": missed, "false alarms": false_alarms}
rw.Experiment(counts, x="hundredths", low=2, high=120, first=[2, 3, 4, 5, 6, 7, 8, 10, 20, 50, 80, 120])

# %% [markdown]
# There is a wide stretch in which it makes no mistake at all. (This network's state is made by random weights that stay
# as they are, and only the answer was fitted. [Lesson 09](09-reservoirs.ipynb) is about such networks.)
#
# ### A valve that must open
#
# Labels can be orders. A tank should stay at 50 cm. Rain passes a gauge, and reaches the tank six steps later. A valve
# lets water out, but its motor takes five steps to open. Who turns it?
#
# A **threshold** looks at the level, and opens when it is too high. A **recurrent controller** looks at level and
# gauge, and keeps a state of 12 numbers. It was trained in the simulation: the gradient goes from the level back
# through valve, water and memory. Here is how far each lets the level go from 50 cm, in weather that it has not seen:

# %%
from rnnviz.data import Tank, make_storms
from rnnviz.models import read_tank_controller, threshold_controller

tank, storms, controller = Tank(), make_storms(steps=200, batch=32, seed=99), read_tank_controller()
with torch.no_grad():
    remembering = tank.run(storms, controller.start())


def miss_of_threshold(at):
    return round(tank.run(storms, threshold_controller(at)).miss(tank.mark).item(), 1)


off = round(remembering.miss(tank.mark).item(), 1)
ways = {"threshold": miss_of_threshold, "recurrent": lambda at: off}
rw.Experiment(ways, x="threshold", x_unit="cm", unit="cm off", low=20, high=80, first=range(20, 81, 4))

# %% [markdown]
# Is there a threshold that is as good? Now look at one storm. When does each begin to act?

# %%
with torch.no_grad():
    looking = tank.run(storms, threshold_controller(46))
span = slice(20, 80)
lines = [
    {"y": storms[span, 1], "name": "rain at the gauge"},
    {"y": looking.level[span, 1], "name": "level, threshold", "xaxis": "x2", "yaxis": "y2"},
    {"y": remembering.level[span, 1], "name": "level, recurrent", "xaxis": "x2", "yaxis": "y2"},
]
titles = {"xaxis2": {"title": "step"}, "yaxis": {"title": "rain, cm"}, "yaxis2": {"title": "level, cm"}}
rw.PlotlyFigure(lines, {"height": 400, "grid": halves, "hovermode": "x unified", **titles})

# %% [markdown]
# The recurrent controller lets the level *fall* when the storm passes the gauge, and the storm fills it up again. To do
# that it must remember, for six steps, water that neither the level nor the gauge shows any more.
#
# ## What becomes of an impulse
#
# Here are the three models from the top of the page again, under one impulse. The weights are yours. The third one's
# state is two numbers, a point in the plane. At each step the point is turned by an angle and stretched by a radius,
# and the first of its two numbers is the answer.

# %%
rw.ask("01", "turned-state")

# %%
rw.ResponseExplorer(radius=0.95, angle=0.0)

# %% [markdown]
# Set the angle to 40°. The window's weights hang on one knob, $q$: the newest input counts 1, the one before it $q$,
# the one before that $q^2$, and so on. Go through the examples above the plots, then look for these yourself:
#
# * **Stops dead.** Which of the three always does, whatever its weights are?
# * **Decays.** At which feedback weight is half gone after 7 steps? And after 35?
# * **Rings.** Make the second model go up and down. It has one number. Can it ring with any other rhythm?
# * **Never ends.** Which weights keep the impulse for ever? How exactly must they be set?
# * **Explodes.** Set the feedback to 1.1. Now set the activation to tanh. What happened to the explosion, and
#   what happened to the size of the impulse?
#
# Then press **Draw an input** and draw a wild one. With a linear model the bars do not change. With tanh they
# do: how long something is remembered depends on what else is going on.
#
# ## Measure it
#
# The bars are not a matter of these three models. Any model can be asked how long it feels an input. Run it.
# Change one input a little, and run it again. The difference is the [**influence**](glossary.ipynb#influence) of
# that input:
#
# $$\text{influence} \approx \frac{y_t(x_s + \varepsilon) - y_t(x_s)}{\varepsilon}$$

# %% [markdown] tags=["exercise"]
# ### Exercise 2: measure an influence
#
# `model` is a function: it takes a tensor of numbers, one a step, and returns as many. Change the input of
# step `at` by `size`, and return how much each output moves, per unit of change.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def influence(model, x, at, size):
    changed = ...
    return ...


rw.exercise("01", "influence", influence)


# %% tags=["solution"]
def influence(model, x, at, size):
    changed = x.clone()
    changed[at] += size
    return (model(changed) - model(x)) / size


rw.exercise("01", "influence", influence, keep=False)

# %% [markdown]
# For a smaller and smaller change this becomes a derivative, $\partial y_t / \partial x_s$, and PyTorch can
# compute that exactly. Here is a state-space model with 8 random units, which has learned nothing at all. Its input is
# changed at step 4. Two curves lie on each other, the measured and the exact one:

# %% tags=["show-code"]
from rnnviz.models import StateSpace, measure_influence

model = StateSpace(units=8, seed=3).double()
x = torch.from_numpy(sunspots().values[:30, None] / 100).double()  # (time, batch, feature)
found = measure_influence(model, x, at=4, size=1e-6)
both = {"measured": lambda t: found.measured[t], "exact": lambda t: found.exact[t]}
rw.Experiment(both, x="t", low=0, high=29, first=range(30))

# %% [markdown]
# Nothing before step 4: an input cannot change earlier outputs. Then a jump, and a fading trace. Why it fades, and what
# that does to learning, is the story of lesson 06.
#
# ## What it costs
#
# An answer that depends on the last $N$ steps: what does each of the three models need for that?

# %% [markdown] tags=["exercise"]
# ### Exercise 3: count the weights
#
# Each step has `features` numbers, and the answer is one number. Each $f$ is one layer: a weight for every
# number it reads, and a bias for every number it gives. The state has `units` numbers, and $g$ is one layer
# as well. Return three counts, weights and biases together: for the window, the feedback, and the state.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def count_weights(N, features, units):
    window = ...
    feedback = ...
    state = ...
    return window, feedback, state


rw.exercise("01", "count-weights", count_weights)


# %% tags=["solution"]
def count_weights(N, features, units):
    window = features * (N + 1) + 1
    feedback = features + 1 + 1
    state = units * (features + units + 1) + units + 1
    return window, feedback, state


rw.exercise("01", "count-weights", count_weights, keep=False)

# %% tags=["show-code"]
from rnnviz.models import compare_costs


def count(model):
    return lambda N: compare_costs(N, features=3, units=8)[model].parameters


models = {"window": count("window"), "feedback": count("feedback"), "state of 8": count("state")}
rw.Experiment(models, x="N", unit="weights", low=0, high=100, first=range(0, 101, 5))

# %% [markdown]
# The window grows with the past: in weights, in products to compute at each step, and in old inputs to keep.
# The other two stay as they are. That does not mean they *use* a past of a thousand steps. You have seen how
# fast an impulse fades. It means that nothing in their size stops them, and that it is a question of their
# weights.
#
# ## Left to itself
#
# One thing can still be taken away: the input. What remains is a state that moves on by itself, a [**dynamical
# system**](glossary.ipynb#dynamical-system):
#
# $$s_t = f(s_{t-1}; \theta)$$

# %%
rw.Picture("01-dynamical-system")

# %% [markdown]
# $\theta$ stands for the weights, and the semicolon says that they stay as they are while $s$ moves on.
# Written out, three steps are $s_3 = f(f(f(s_0)))$: the same function, with the same weights, again and again.
#
# Nothing comes in from outside, so the start and the weights decide everything. Here the state is a point
# again, turned by 20° a step. One start, three radii:

# %% tags=["show-code"]
from rnnviz.models import DynamicalSystem

angle = torch.tensor(torch.pi / 9)
turn = torch.stack([torch.stack([angle.cos(), -angle.sin()]), torch.stack([angle.sin(), angle.cos()])])
paths = {}
for radius in (0.95, 1.0, 1.02):
    system = DynamicalSystem(2, activation="linear")
    system.transition.weight.data = radius * turn
    paths[f"radius {radius:.2f}"] = system(torch.tensor([[1.0, 0.0]]), steps=36)[:, 0].detach()
for name, path in paths.items():
    print(name, "→ distance from 0 after 36 steps:", f"{path[-1].norm():.2f}")

# %%
spirals = [
    {"x": path[:, 0], "y": path[:, 1], "name": name, "mode": "lines+markers"} for name, path in paths.items()
]
equal = {"scaleanchor": "x", "title": "second number"}
rw.PlotlyFigure(spirals, {"height": 420, "xaxis": {"title": "first number"}, "yaxis": equal})

# %% [markdown]
# A spiral in, a circle, a spiral out. This is what decays, never ends or explodes, seen from inside; that it turns
# is the ringing. And this is how a trained network *generates*: feed its answers back, and it needs no other input.
#
# Put the input back in, $h_t = f(h_{t-1}, x_t; \theta)$, and you have the state-space model: a dynamical
# system that is pushed at every step.

# %%
rw.ask("01", "same-start")

# %% [markdown] tags=["exercise"]
# ### Exercise 4: run it
#
# Apply `f` again and again. Return a list of the states $s_1$ to $s_{\text{steps}}$, without the start.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def run_on(f, start, steps):
    states = []
    for _ in range(steps):
        ...
    return ...


rw.exercise("01", "run-on", run_on)


# %% tags=["solution"]
def run_on(f, start, steps):
    states, state = [], start
    for _ in range(steps):
        state = f(state)
        states.append(state)
    return states


rw.exercise("01", "run-on", run_on, keep=False)

# %% [markdown] tags=["exercise"]
# ### Exercise 5: broken on purpose
#
# A window over a series, with its weights given, the oldest step first. It gives an answer for every step, and the
# numbers look reasonable. In a forecast it would be worthless, and look splendid. Find out why, and mend it.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def slide_window(x, weights):
    back = len(weights) - 1
    padded = torch.cat([torch.zeros(back // 2), x, torch.zeros(back - back // 2)])
    return torch.stack([padded[t : t + back + 1] @ weights for t in range(len(x))])


rw.exercise("01", "mend-the-window", slide_window)


# %% tags=["solution"]
def slide_window(x, weights):
    back = len(weights) - 1
    padded = torch.cat([torch.zeros(back), x])
    return torch.stack([padded[t : t + back + 1] @ weights for t in range(len(x))])


rw.exercise("01", "mend-the-window", slide_window, keep=False)

# %% [markdown] tags=["exercise"]
# ### Exercise 6: an open challenge
#
# Turn the valve yourself. `make_controller` is called once for each run, and returns a function of `level` and
# `gauge`, (tanks,), which is called at every step and says how far the valve should open, from 0 to 1. What it
# remembers is up to you; `memory` lives on from step to step. The best threshold is 13.7 cm off. **Come below 8.**


# %% tags=["exercise"]
import rnnviz_widgets as rw


def make_controller():
    memory = []

    def control(level, gauge):
        memory.append(gauge)
        return ...

    return control


rw.exercise("01", "keep-the-level", make_controller)


# %% tags=["solution"]
def make_controller():
    memory = []

    def control(level, gauge):
        memory.append(gauge)
        coming = sum(memory[-6:][:4])  # what will have arrived in four steps
        return (1.5 * (level - 50) + coming) / (4 * 8)  # the valve lets 8 cm out a step

    return control


rw.exercise("01", "keep-the-level", make_controller, keep=False)

# %% [markdown]
# ## What you take along
#
# * A sequence is data whose order matters. Ask it for the future, for a label now, or for something new.
# * Most networks have a fixed size. Padding makes sequences fit; it is cheap where like lengths meet, and
#   wrong where the zeros get into the answer.
# * A window, $f(x_t, \ldots, x_{t-N})$, forgets completely after $N$ steps, and its cost grows with $N$.
# * Feedback, $f(x_t, y_{t-1})$, and a state, $h_t = f(x_t, h_{t-1})$, have no such end. Their weights decide
#   whether the past decays, rings, stays or explodes.
# * Change an input, look at what moves: that measures any model's memory.
#
# **Next: [the recurrent neuron](02-the-recurrent-neuron.ipynb).** We take the third way, give its $f$ weights
# that can be learned, and look at it closely: one neuron, its own echo, and how a loop becomes a network
# that can be trained.
