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
#     title: Forecasting
#     minutes: 60
#     outcomes:
#       - cut a series into windows, each with its targets one step later
#       - build a recurrent forecaster with one projection for all steps, and train it
#       - forecast many steps ahead, fed back or all at once
#       - say whether a forecast is any good, with honest baselines and no leakage
#       - forecast a series of your own
#     summary: Sunspots, a network that guesses what comes next, and how not to fool yourself.
# ---

# %% [markdown]
# # Forecasting
#
# After this lesson you can
#
# * cut a series into windows, each with its targets one step later,
# * build a recurrent forecaster with one projection for all steps, and train it,
# * forecast many steps ahead, fed back or all at once,
# * say whether a forecast is any good, with honest baselines and no leakage,
# * forecast a series of your own.

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %%
import torch

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz.data import split, sunspots, windows
from rnnviz.models import Forecaster, forecast_loss, score
from rnnviz.training import train

# %% [markdown]
# ## What comes next?
#
# Since 1700 people have counted the dark spots on the sun, year after year. The number rises and falls,
# never twice in the same way.

# %%
series = sunspots()
line = {"x": series.dates, "y": series.values[:, 0], "name": "sunspots"}
rw.PlotlyFigure([line], {"height": 260, "title": "Sunspots a year", "hovermode": "closest"})

# %% [markdown]
# Cover the right end of the plot with your hand. Could you draw how it goes on? For a year? For eleven?
#
# Before you read on, commit to a prediction. It speaks of a [**GRU**](glossary.ipynb#GRU): a recurrent cell with
# two gates, which decide how much of the past it keeps. Lesson 07 opens it.

# %%
rw.ask("05", "eleven-years")

# %% [markdown]
# ## Windows
#
# A network learns from many examples. We have one series. Where do the examples come from?
#
# Cut out a piece: 20 steps in a row, a [**window**](glossary.ipynb#window). Then cut out the same piece again,
# one step later. The first is what the network reads. The second is what it should have said.

# %%
rw.Picture("05-window-and-target", caption="Below each input stands its target: the value that came next.")

# %% [markdown]
# Written down, the target of step $t$ is
#
# $$\text{target}_t = x_{t+1}$$
#
# Now slide the window along the series, one step at a time. Each position is one example. 309 years give
# 289 of them. They lie side by side as a mini-batch: (time, batch, feature).

# %% tags=["show-code"]
pieces = windows(series, length=20)
print("inputs: ", tuple(pieces.inputs.shape))
print("targets:", tuple(pieces.shifted.shape))
print("The first window ends like this:")
print("inputs: ", pieces.inputs[-4:, 0, 0].tolist())
print("targets:", pieces.shifted[-4:, 0, 0].tolist())

# %%
rw.ask("05", "target-of-a-step")

# %% [markdown] tags=["exercise"]
# ### Exercise 1: cut the windows yourself
#
# `series` is a tensor of numbers, `length` the number of steps in a window. Return the inputs and the
# targets, both (length, windows). Run the cell: the check tells you what holds, and shows the smallest
# numbers on which something does not.


# %% tags=["exercise"]
def cut_windows(series, length):
    inputs = []
    targets = []
    for start in range(...):
        ...
    return ...


rw.exercise("05", "windows", cut_windows)

# %% [markdown] tags=["exercise"]
# A solution lies folded up below. Open it when yours holds, or when you are stuck.


# %% tags=["solution"]
def cut_windows(series, length):
    starts = range(len(series) - length)
    inputs = [series[start : start + length] for start in starts]
    targets = [series[start + 1 : start + 1 + length] for start in starts]
    return torch.stack(inputs, dim=1), torch.stack(targets, dim=1)


rw.exercise("05", "windows", cut_windows)

# %% [markdown]
# ## The network
#
# 100 recurrent neurons read one value a step. They remember with 100 numbers. But we want *one* number a
# step: the forecast. So how do we get from 100 to 1?

# %%
rw.Picture("05-projection", caption="One projection, from 100 numbers to 1. All steps share it.")

# %% [markdown]
# A [**projection**](glossary.ipynb#projection) is a weighted sum of the state, and a constant:
#
# $$\mathbf{h}_t = \mathrm{ReLU}(\mathbf{W}_x\, x_t + \mathbf{W}_h\, \mathbf{h}_{t-1} + \mathbf{b})
# \qquad y_t = \mathbf{w}_o \cdot \mathbf{h}_t + b_o$$
#
# [ReLU](glossary.ipynb#ReLU) keeps positive numbers and turns negative ones into 0. Unlike tanh it does not
# squeeze the state into −1 … 1. The projection has no activation at all: a forecast may be any number.

# %%
rw.ask("05", "projection-weights")


# %% tags=["show-code"]
class SmallForecaster(torch.nn.Module):
    def __init__(self, units=100):
        super().__init__()
        self.recurrent = torch.nn.RNN(1, units, nonlinearity="relu")
        self.projection = torch.nn.Linear(units, 1)

    def forward(self, inputs):  # (time, batch, 1)
        states, _ = self.recurrent(inputs)  # (time, batch, units)
        return self.projection(states)  # (time, batch, 1)


small = SmallForecaster()
print("inputs: ", tuple(pieces.inputs.shape))
print("outputs:", tuple(small(pieces.inputs).shape))

# %% [markdown]
# That is all there is to it. From here on we use the same network from the package, `Forecaster`. It can
# also be built of other cells, it starts from seeded weights, and it can forecast.
#
# ### One feature or many
#
# Sunspots are one number a step. Share prices are several: each week has a price of Apple *and* one of
# Microsoft. Nothing changes but the last size. The network reads two numbers a step, and forecasts two.

# %%
from rnnviz.data import stocks

two = windows(stocks(["AAPL", "MSFT"]), length=20)
pair = Forecaster(features=2, units=100, nonlinearity="relu")
print("inputs: ", tuple(two.inputs.shape))
print("outputs:", tuple(pair(two.inputs).shape))

# %%
rw.ask("05", "shape-of-many")

# %% [markdown]
# ## Training
#
# How far off is a forecast? Take the difference to the target, square it, and average over all steps and windows.
# That is the [**mean squared error**](glossary.ipynb#mean-squared-error), MSE. Training makes it small, 50
# windows a step. Each step moves every weight a little downhill. How far, [**Adam**](glossary.ipynb#Adam) decides
# for each weight from its recent slopes; the [learning rate](glossary.ipynb#learning-rate), 0.001, sets the
# scale.
#
# We begin with a series that has no noise in it, $\tfrac13 t \sin t + 2 \sin 5t$: a slow wave that grows,
# and a fast one on top of it. *Hands-On Machine Learning* (A. Géron, first edition, chapter 14) trains on
# it and prints the MSE every 100 iterations. Here is ours beside it.

# %% tags=["show-code"]
from rnnviz.data import rising_sine

wave = windows(rising_sine(), length=20)
model = Forecaster(units=100, cell="rnn", nonlinearity="relu", seed=0)
book = {0: 379.6, 100: 14.6, 200: 7.1, 300: 4.0, 400: 2.0}

print("iteration   book  share   ours  share")
for step in train(model, (wave.inputs, wave.shifted), learning_rate=0.001, batch=50, steps=401):
    if step.number == 0:
        first = step.loss
    if step.number in book:
        theirs, left = book[step.number], step.loss / first
        print(f"{step.number:9}  {theirs:5.1f}  {theirs / 379.6:5.3f}  {step.loss:5.2g}  {left:5.3f}")

# %% [markdown]
# “Share” is what is left of the first number. The two start in different places, because the first number
# depends on the random first weights and on the windows drawn first. The book shows neither. But the shape is
# the same: nearly all is gone after the first hundred, and the next three hundred work on the little that is
# left.
#
# The loop above is worth a second look. `train` does not run away with the model. It makes **one step each
# time it is asked**, so we can look, print, stop, or go on. The live widget further down does nothing else.

# %% [markdown]
# ## Many steps ahead
#
# One step is not a forecast one can plan with. We want 50. But the network only ever says what comes next.
# What now?

# %%
rw.Picture("05-many-steps", caption="Left: each output is the next input. Right: one state, all outputs.")

# %% [markdown]
# There are two ways.
#
# * [**Fed back.**](glossary.ipynb#feeding-back) Take its forecast for a true value, and let it read on:
#   $\hat{x}_{t+1} = y_t$, then $\hat{x}_{t+2} = y_{t+1}$, and so on. Any number of steps.
# * **All at once.** Give the projection more outputs: at every step it forecasts the next 11 values. Always
#   11.
#
# In code, the first is a loop. Here the network goes on from the 20 values that end at step 180:

# %% tags=["show-code"]
truth = torch.from_numpy(rising_sine().values)
values = list(truth[161:181, 0])  # 20 values, the last of them is "now"
with torch.no_grad():
    for _ in range(50):
        window = torch.stack(values[-20:])[:, None, None]  # (time, batch, feature)
        values.append(model(window)[-1, 0, 0])
forecast = torch.stack(values[20:])
off = (forecast - truth[181:231, 0]).abs()
for first in (5, 50):
    print(f"largest error, {first:2} steps:", "below 1" if off[:first].max() < 1 else "1 or more")

# %%
steps = list(range(140, 231))
true_line = {"x": steps, "y": truth[140:231, 0].tolist(), "name": "truth"}
fed_back = {"x": steps[41:], "y": forecast.tolist(), "name": "fed back", "line": {"dash": "dot"}}
rw.PlotlyFigure([true_line, fed_back], {"height": 300, "xaxis": {"title": "step"}})

# %% [markdown]
# It starts well, and then drifts. Zoom in to see where.

# %%
rw.ask("05", "feeding-back")

# %% [markdown] tags=["exercise"]
# ### Exercise 2: feed it back
#
# Instead of a network take the simplest forecaster there is: the next value is a weighted sum of the last
# few. `weights` says how much each of them counts, the oldest first. Return `horizon` forecasts as a
# tensor.


# %% tags=["exercise"]
def feed_back(weights, history, horizon):
    values = list(history)
    for _ in range(horizon):
        ...
    return ...


rw.exercise("05", "feed-back", feed_back)


# %% tags=["solution"]
def feed_back(weights, history, horizon):
    values = list(history)
    for _ in range(horizon):
        latest = torch.stack(values[-len(weights) :])
        values.append((weights * latest).sum())
    return torch.stack(values[len(history) :])


rw.exercise("05", "feed-back", feed_back)

# %% [markdown]
# ## Is it any good?
#
# The wave was easy: no noise, and the network had seen all of it. Now for the sun. A number like “MSE 0.2”
# says nothing by itself. Two questions make it speak.
#
# **On which values?** Not on those it has learned from. Cut the series *once, in time*:

# %%
rw.Picture(
    "05-split",
    caption="A window belongs to the part in which its future (blue) lies. Its past (red) may reach back.",
)

# %% [markdown]
# Learn on the training part. Choose on the [validation part](glossary.ipynb#validation-part). Keep the test part
# for the very end: no choice may depend on it.
#
# The network reads [scaled](glossary.ipynb#scaling) values: minus the mean, divided by the **spread**. That is
# the standard deviation: how far the values typically lie from their mean. Both are measured on the training
# part.

# %% tags=["show-code"]
parts = split(series, length=20, horizon=11)
for name in ("train", "validation", "test"):
    part = getattr(parts, name)
    first, last = part.origins[0] + 1, part.origins[-1] + 11
    years = f"{series.dates[first]:.4} to {series.dates[last]:.4}"
    print(f"{name:10} {len(part):4} windows, {years}")
print(f"mean {parts.scaler.mean.item():.1f}, spread {parts.scaler.deviation.item():.1f}, until 1915")

# %%
rw.ask("05", "scale-of-the-future")

# %% [markdown] tags=["exercise"]
# ### Exercise 3: scale without looking ahead
#
# Return the whole `series`, scaled with what was known at the `cut`. `past.std()` measures a spread.


# %% tags=["exercise"]
def scale(series, cut):
    """series: (time,); series[:cut] is the past."""
    return ...


rw.exercise("05", "scale", scale)


# %% tags=["solution"]
def scale(series, cut):
    past = series[:cut]
    return (series - past.mean()) / past.std()


rw.exercise("05", "scale", scale)

# %% [markdown]
# **Compared to what?** A forecast that cannot beat a line of code is not worth its electricity. Four
# rivals:
#
# | baseline | what it says |
# |---|---|
# | naive | as now, $\hat{x}_{t+k} = x_t$ |
# | seasonal naive | as one season ago, $\hat{x}_{t+k} = x_{t+k-11}$ |
# | least squares | a weighted sum of the last 9 values, and a constant |
# | sliding convolution | a small network that sees the last 12 values, and no further |
#
# All get the same windows. None sees the future. The first three need no training: for the third, the weights
# with the least squared error are computed at once. The error shown is the root of the MSE, so that it counts
# sunspots again:

# %% tags=["show-code"]
from rnnviz.models import LinearForecaster, Naive, SeasonalNaive, SlidingConvolution


def report(rivals, part, scaler=None, digits=3):
    for name, model in rivals.items():
        errors = score(model, part, scaler)
        print(f"{name:20} {errors.squared[0].sqrt().item():7.{digits}g} {errors.rmse:9.{digits}g}")


title = "error in sunspots     1 year  11 years"
least_squares = LinearForecaster(9).fit(parts.train)
simple = {"naive": Naive(), "seasonal naive": SeasonalNaive(11), "least squares": least_squares}
print(title)
report(simple, parts.validation)

# %% [markdown]
# The convolution and two networks are trained, on the same windows, for 300 steps. One GRU feeds back. The
# other says 11 values at once.


# %% tags=["show-code"]
def learn(model, targets):
    data = parts.scaler.scale(parts.train.inputs), parts.scaler.scale(targets)
    for _ in train(model, data, loss=forecast_loss, steps=300, clip_norm=1.0):
        pass
    return model


convolution = learn(SlidingConvolution(), parts.train.shifted)
gru = learn(Forecaster(units=32, cell="gru"), parts.train.shifted)
direct = learn(Forecaster(units=32, cell="gru", horizon=11), parts.train.ahead)


# %%
trained = {"sliding convolution": convolution, "GRU, fed back": gru, "GRU, all at once": direct}
print(title)
report(trained, parts.validation, parts.scaler, digits=2)

# %% [markdown]
# Read the two columns slowly.
#
# * **One year ahead**, the GRU misses by 13 sunspots, half of what the naive forecast does. It has learned
#   something.
# * **Eleven years ahead**, it is level with a copy of the last eleven years. So are most others.
# * **All at once** is no better here than fed back. It has to learn eleven things from 186 windows. With
#   thousands of series it is the other way round: on 10,000 synthetic ones, ten steps ahead, the second
#   edition of the same book reports an MSE of 0.0085 all at once, and 0.0275 fed back.
#
# And on the test part? All six are finished, so all six may be shown there. What we may not do is pick the best
# of them by it.
#
# To be honest: it is a fresh look for these models, but not for us. While this lesson was written, settings
# were tried with both parts in sight. A real study would not have looked.

# %%
print(title)
report(simple, parts.test)
report(trained, parts.test, parts.scaler, digits=2)

# %% [markdown]
# One year ahead, the GRU stays in front. Eleven years ahead, nine weights and a constant have overtaken
# it. An order that changes from one part to the next is no order: on 309 years, nobody here has won.

# %%
rw.ask("05", "what-to-report")

# %% [markdown]
# ## Leakage
#
# When something of the future reaches the past, it has [**leaked**](glossary.ipynb#leakage). The error becomes
# small, and the forecast worthless. The most common leak is also the most innocent: shuffling the windows before
# the split.
#
# Here is a forecaster that learns nothing. It keeps all the windows it is shown. Asked for a forecast, it
# looks up the three most similar ones, and repeats what followed them. We ask it for the CO₂ in the air, 11
# months ahead.

# %% tags=["show-code"]
from rnnviz.data import co2
from rnnviz.models import NearestWindows

air = co2()
everything = windows(air, length=20, horizon=11)
order = torch.randperm(len(everything), generator=torch.Generator().manual_seed(0))
cut = round(0.7 * len(everything))
known, asked = everything[order[:cut]], everything[order[cut:]]  # shuffled, then split
print(f"naive:   {score(Naive(), asked).rmse:.1f} ppm")
print(f"look-up: {score(NearestWindows(known), asked).rmse:.1f} ppm")

# %% [markdown]
# Three times better than naive, and it never learned a thing. Suspicious?
#
# Now the same look-up with a cut in time. Commit before you see it.

# %%
edge = round(0.7 * len(air))
known = windows(air, length=20, horizon=11, stop=edge)
asked = windows(air, length=20, horizon=11, start=edge)
looked_up = NearestWindows(known).forecast(asked.inputs, 11)[-1, :, 0]
dates = air.dates[asked.origins.numpy() + 11]
true_line = {"x": dates, "y": asked.future[-1, :, 0].tolist(), "name": "truth"}
guess = {"x": dates, "y": looked_up.tolist(), "name": "looked up", "line": {"dash": "dot"}}
figure = rw.PlotlyFigure([true_line, guess], {"height": 280, "yaxis": {"title": "CO₂, ppm"}})

# %%
rw.ask("05", "shuffled", show=figure)

# %% [markdown]
# Neighbouring windows share 19 of their 20 values. Shuffle them, and nearly every question has its answer
# on the next page.
#
# Other leaks to look for: a scale measured on the whole series, a moving average that looks both ways, a
# gap filled with the value after it, a feature that is only published a month later.

# %% [markdown]
# ## Look inside
#
# What does the GRU do with a window? We record one forecast, for 1916, the first year it has never seen,
# and go back from its error. Move along the steps: all three pictures follow.
#
# Three words of a GRU are enough here. The [**candidate**](glossary.ipynb#candidate) is what it would like to
# remember. The **reset** gate says how much of the old state goes into the candidate. The **update** gate says
# how much of the old state stays: at 1 all of it, at 0 the candidate takes its place. In the map “update”, look
# for the few rows that stand out. These units keep most of their state from year to year, while the others keep
# little.

# %% tags=["show-code"]
window = parts.scaler.scale(parts.validation.inputs[:, :1])
answer = parts.scaler.scale(parts.validation.future[:1, :1])
with rv.record(gru) as trace:
    loss = forecast_loss(gru(window)[-1:], answer)
    loss.backward()

years = [[str(date)[:4] for date in series.dates[196:216]]]
cursor = rw.Cursor(step=19)
rw.GateHeatmap(trace, cursor=cursor, labels=years)

# %%
rw.GradientCurves({"GRU": trace}, cursor=cursor)

# %%
rw.UnrolledGraph(trace, cursor=cursor, labels=years)

# %% [markdown]
# The curve shows how much the error of 1916 would change with the state of each year before it. Twenty
# years back, less than a hundredth is left: the network sees this cycle well, the one before it only
# faintly. Lesson 06 is about this curve.

# %% [markdown]
# ## Live
#
# Now all of it at once. Press **start**. The models learn while you watch, and draw their forecasts over
# the truth as they get better. Pause, make single steps, go back through the training.
#
# Try these, one at a time:
#
# 1. Let it run to 1,000 steps and more. Does the validation error go on falling with the training error?
#    When would you have stopped?
# 2. Move the start of the forecast to the foot of a cycle, then to its top. Where is it easy?
# 3. A window of 5, then of 40 steps. What does the network need to see?
# 4. A learning rate ten times as high.
# 5. Watch the column for 24 steps. After some 300 updates, how far is the GRU below the best baseline? And after
#    1,500? Nothing told it to stop in time, but the validation part can: this is [**early
#    stopping**](glossary.ipynb#early-stopping).
# 6. Choose the share prices. Does anyone beat the naive line?

#
# Two things to know when you compare. The numbers are not those of the table above: with a horizon of 24,
# other windows count, since a window needs 24 years after it. And “least squares” weighs 20 values here, all
# of the window. “linear” is the same sum, but learned step by step, like the networks.

# %%
rw.LiveForecast(series, models={"GRU": "gru", "RNN": "rnn", "linear": "linear"}, window=20, horizon=24)

# %% [markdown]
# Have you stopped the GRU in time? Then it misses by about 25 sunspots over 24 years, where the seasonal copy
# misses by 44. That looks like a victory. But it is the validation part, and by it you have chosen when to
# stop.
#
# Here is the same on both parts, stopped after 300 steps:

# %% tags=["show-code"]
parts = split(series, length=20, horizon=24)
stopped = learn(Forecaster(units=32, cell="gru"), parts.train.shifted)
for name in ("validation", "test"):
    part = getattr(parts, name)
    ours, copied = score(stopped, part, parts.scaler).rmse, score(SeasonalNaive(11), part).rmse
    print(f"{name:10}  GRU {ours:.2g}   seasonal naive {copied:.2g}")

# %% [markdown]
# On the test part it is nearly a tie. How much would you bet on either?

# %% [markdown]
# ## Your own series
#
# Give the widget above a CSV file: a row for each step, a column of numbers, a column of dates if you have
# one. It is read on your own computer and goes nowhere else.
#
# Files from the wild are rarely clean. Nothing is mended behind your back: you are told what is wrong, and
# what to do. A few that went wrong:

# %%
days = [f"{day:02}.03.2024;{1000 + 37 * day:,}".replace(",", ".") for day in range(1, 31)]
wild = {
    "a gap": [*days[:6], "07.03.2024;", *days[7:]],
    "a word": [*days[:6], "07.03.2024;closed", *days[7:]],
    "a date twice": [*days[:6], days[5], *days[6:]],
    "no numbers": [f"{day[:10]};{'open' if n % 7 else 'closed'}" for n, day in enumerate(days)],
    "too short": days[:9],
}

# %%
from textwrap import fill

from rnnviz.data import CsvError, read_csv

for name, rows in wild.items():
    try:
        read_csv("\n".join(["date;visitors", *rows]).encode())
    except CsvError as error:
        print(fill(f"{name.upper()}. {error}", width=72), end="\n\n")

# %% [markdown]
# The first can be mended, if you ask for it. What was done is written down with the series.

# %%
museum = read_csv("\n".join(["date;visitors", *wild["a gap"]]).encode(), fill="linear", name="museum")
print(museum)
for note in museum.notes:
    print(fill(f"* {note}", width=72))
print("around the gap:", museum.values[5:8, 0].tolist())

# %% [markdown] tags=["lab-only"]
# And yours? Put the file beside this notebook, and take the sign `#` away.

# %% tags=["lab-only"]
# mine = read_csv("my-file.csv")
# rw.LiveForecast(mine, models={"GRU": "gru", "linear": "linear"})

# %% [markdown]
# ## What you take along
#
# * A window of inputs and the same window one step later: each step has its own target.
# * A recurrent layer remembers; one projection, shared by all steps, says what comes next.
# * Many steps ahead: fed back, and mistakes are read as data. Or all at once, which needs more data to
#   learn.
# * A forecast is as good as the margin by which it beats a baseline, on values after the cut.
# * If it looks too good, look for the leak.
#
# **Next: [vanishing and exploding gradients](06-vanishing-and-exploding-gradients.ipynb).** The curve above fell
# towards the left. How fast does it fall, why, and what can be done about it?
