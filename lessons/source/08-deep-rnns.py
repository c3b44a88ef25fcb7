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
#     title: Deep RNNs
#     minutes: 85
#     exercise_minutes: 40
#     outcomes:
#       - stack recurrent layers of one kind or several, and say what the state of such a stack is
#       - find out what each layer remembers
#       - say where depth, dropout and reading both ways help, and where they do not
#       - let a network go on with a machine's signal, and measure how far it can be trusted
#       - turn surprise into an alarm with a threshold that is chosen honestly
#     summary: A bearing breaks. A network of two layers hears it, because it knew what should have come next.
# ---

# %% [markdown]
# # Deep RNNs
#
# A network of two recurrent layers listens to a machine. Before each piece of sound it says what it expects; a mark
# shows how far off it was. Somewhere in this recording a bearing breaks.
#
# **Where?** Drag the dashed line down until it rings the alarm. Then press **Show the defect**, and try a smaller one.

# %%
import torch

import rnnviz as rv
import rnnviz_widgets as rw

rw.BearingWatch(shown=4)

# %% [markdown]
# <details><summary>After this lesson you can …</summary>
#
# * stack recurrent layers of one kind or several, and say what the state of such a stack is,
# * find out what each layer remembers,
# * say where depth, dropout and reading both ways help, and where they do not,
# * let a network go on with a machine's signal, and measure how far it can be trusted,
# * turn surprise into an alarm with a threshold that is chosen honestly.
#
# </details>

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %% [markdown]
# A large defect is easy. For a small one, no line separates the marks: once a turn something else knocks, and a sound
# piece surprises as much. Choose **median of 9** instead of *single pieces*, and drag again.
#
# By the end of this lesson you will have built this network, its threshold and its count of right and wrong alarms.
# First: what are *two layers*?

# %% [markdown]
# ## One layer reads the other
#
# A recurrent layer turns a sequence into a sequence: at each step it reads $\mathbf{x}_t$ and shows $\mathbf{h}_t$. So
# another layer can read what it shows. That is a [**stack**](glossary.ipynb#stack); with two layers, written for a
# plain tanh:
#
# $$\mathbf{h}^{(1)}_t = \tanh(\mathbf{W}^{(1)}_x \mathbf{x}_t + \mathbf{W}^{(1)}_h \mathbf{h}^{(1)}_{t-1} +
# \mathbf{b}^{(1)})
# \qquad
# \mathbf{h}^{(2)}_t = \tanh(\mathbf{W}^{(2)}_x \mathbf{h}^{(1)}_t + \mathbf{W}^{(2)}_h \mathbf{h}^{(2)}_{t-1} +
# \mathbf{b}^{(2)})$$
#
# Each layer has weights of its own, and its own number of units. They need not even be of one kind. Here an LSTM is
# read by a GRU that reads **both ways**, and that by a plain layer. The **folded** drawing shows the layers, the
# **detailed** one every step of every layer: press **Unfold in time**, step through, and look where the arrows of the
# second layer's two directions lead.

# %%
from rnnviz.models import Floor, Stack

torch.manual_seed(1)
mixed = Stack(3, [Floor(4, "lstm"), Floor(3, "gru", both_ways=True), Floor(4, "rnn")])
inputs = torch.randn(6, 1, 3)
with rv.record(mixed) as trace:
    hidden, state = mixed(inputs)
rw.UnrolledGraph(trace, title="An LSTM, a GRU that reads both ways, and a plain layer")

# %% [markdown]
# What must be kept to go on later? **One tensor a layer.** Of an LSTM it holds both states, h and c; of a layer that
# reads both ways the last state of each direction.

# %% tags=["show-code"]
for floor, one in zip(mixed.floors, state, strict=True):
    print(f"{floor.cell:5}", tuple(one.shape), "(h or h and c, direction, batch, unit)")
forward = Stack(3, [4, 4])
whole, _ = forward(inputs)
first, kept = forward(inputs[:4])
second, _ = forward(inputs[4:], kept)
print("the same in two pieces:", torch.allclose(whole, torch.cat([first, second])))

# %%
rw.ask("08", "state-of-a-stack")

# %% [markdown]
# PyTorch stacks equal layers for you: `nn.LSTM(3, 4, num_layers=2)`. Its state is *two* tensors, h and c, with the
# layers one behind the other along their first axis. It is the same network:

# %% tags=["show-code"]
lstm = torch.nn.LSTM(3, 4, num_layers=2)
for at, layer in enumerate(forward.layers):
    for name, value in layer.state_dict().items():
        getattr(lstm, name.replace("l0", f"l{at}")).data.copy_(value)
print("the same as nn.LSTM:", torch.allclose(lstm(inputs)[0], whole, atol=1e-6))

# %% [markdown] tags=["exercise"]
# ### Exercise 1: two layers
#
# `x` is (time, batch, features). `V_x`, `V_h` and `a` belong to the lower layer, `W_x`, `W_h` and `b` to the upper one;
# both are plain tanh layers and begin with zeros. Return three tensors: the upper layer's states, (time, batch, units),
# the lower layer's last state, and the upper layer's last state.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def run_stack(x, V_x, V_h, a, W_x, W_h, b):
    # One step of a layer is torch.tanh(input @ W_x.T + state @ W_h.T + b).
    return ...


rw.exercise("08", "stack", run_stack)


# %% tags=["solution"]
def run_stack(x, V_x, V_h, a, W_x, W_h, b):
    lower, upper = torch.zeros(x.shape[1], len(a)), torch.zeros(x.shape[1], len(b))
    outputs = []
    for step in x:
        lower = torch.tanh(step @ V_x.T + lower @ V_h.T + a)
        upper = torch.tanh(lower @ W_x.T + upper @ W_h.T + b)
        outputs.append(upper)
    return torch.stack(outputs), lower, upper


rw.exercise("08", "stack", run_stack, keep=False)

# %% [markdown]
# ## What does each layer remember?
#
# The stories of lesson 07, now read by three LSTM layers of 32 units. To see what a layer knows, ask it: fit a linear
# readout that names, from the layer's state alone, the word that was read some words ago. Such a readout is a
# [**linear probe**](glossary.ipynb#linear-probe). It is fitted on some stories and counted on others. The network is
# finished and does not change.

# %%
from rnnviz.experiments.layer_memory import learn, probe

reader = learn(seed=0, updates=250)


def knows(layer):
    return lambda lag: probe(reader, [int(lag)])[f"layer {layer}"][1]


probes = {f"layer {layer}": knows(layer) for layer in (1, 2, 3)}
curve = rw.Experiment(probes, low=0, high=12, x="words ago", unit="right", first=[0, 2, 4, 8])
rw.ask("08", "who-remembers", show=curve)

# %% [markdown] tags=["after=who-remembers"]
# The lowest layer knows best what has just been read; that is what it is handed. The highest is worse at that, and best
# at another question: *which word comes next?* It need not keep every word, and does not. With three seeds and a longer
# training:

# %% tags=["after=who-remembers", "show-code"]
from rnnviz.experiments.results import read_rows
from rnnviz.experiments.table import Report

rows = read_rows("layer_memory")
Report([row for row in rows if "4 words" not in row.what and "10 words" not in row.what], digits=2)

# %% [markdown] tags=["after=who-remembers"]
# *Not reproduced* is honest: we had written down, before the run, that the highest layer would know the word just read
# worst. It is the middle one.

# %% [markdown]
# ## Is deeper better?
#
# Two layers have more weights than one, and more weights alone may help. So the fair question is: given **as many
# weights**, is it better to have one wide layer, or two or three narrow ones? Four tasks, five seeds each.

# %%
from statistics import median

cards = {}
for row in read_rows("depth"):
    task, _, depth = row.what.rpartition(", ")
    cards.setdefault(task, []).append((depth, row.measured))
dots, titles = [], {}
for at, (task, runs) in enumerate(cards.items(), start=1):
    names = [depth for depth, values in runs for _ in values]
    axes = {"xaxis": f"x{at}", "yaxis": f"y{at}", "type": "scatter", "showlegend": False}
    dots.append({**axes, "mode": "markers", "x": names, "y": [one for _, values in runs for one in values]})
    dots.append({**axes, "mode": "lines", "x": [d for d, _ in runs], "y": [median(v) for _, v in runs]})
    titles[f"xaxis{at}"] = {"title": {"text": task, "font": {"size": 12}, "standoff": 6}}
layout = {"height": 560, "grid": {"rows": 2, "columns": 2, "pattern": "independent", "ygap": 0.35}}
rw.ask("08", "deeper", show=rw.PlotlyFigure(dots, {**layout, **titles}))

# %% [markdown] tags=["after=deeper"]
# Each dot is a training, the lines join medians. With as many weights, depth buys a per cent where a car's next moves
# have to be worked out, and nothing elsewhere; three narrow layers are often worse than two. What makes published
# deep networks better is mostly that each layer is added *on top*, with weights and computing time of its own.
# On MNIST, read row by row, 150 units in each layer (lesson 04; stored, an hour and a half):

# %% tags=["after=deeper", "show-code"]
Report([row for row in read_rows("mnist_rows") if row.what.endswith("epoch 10")])

# %% [markdown] tags=["after=deeper"]
# Three tanh layers reach 0.9757 where one reaches 0.9731, with five times the weights. Three LSTM layers reach 0.9865.
# **When not?** When one layer is not yet too small, when data are few, when training time is what is short. Try one
# layer first; then measure.

# %% [markdown]
# ## Reading both ways
#
# A [**bidirectional**](glossary.ipynb#bidirectional) layer has a second set of units that reads from the end. At step
# $t$ the two together have seen everything, past and future. For what is that good?

# %%
points = []
for row in read_rows("both_ways"):
    what, _, way = row.what.rpartition(", ")
    if what.startswith("next piece"):
        place = what.split(", ")[1].split(":")[0]
        points += [(f"{way},<br>{place}", value) for value in row.measured]
x, y = map(list, zip(*points, strict=True))
dots = [{"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": {"size": 9}}]
axes = {"yaxis": {"title": "mean squared error", "rangemode": "tozero"}}
rw.ask("08", "both-ways-forecast", show=rw.PlotlyFigure(dots, {"height": 320, **axes}))

# %% [markdown] tags=["after=both-ways-forecast"]
# Three answers to *when not*. A label that the future decides cannot be told by reading forward, and both ways it is
# easy. For one label at the end both directions have seen everything anyway, and nothing is won. And a
# forecast **must not** read both ways: inside the window the error falls, because the other direction has already
# heard the answer; at the window's end, the only place where a forecast is wanted, it is several times as large.
# A training curve that looks too good is a reason to ask what the network can see.

# %% [markdown] tags=["exercise"]
# ### Exercise 2: mend it
#
# This function should read `x`, (time, batch, features), in both directions and return the two layers' states side by
# side, (time, batch, units of both), as PyTorch does. It is **broken on purpose**. Run it, read what the check says,
# find the fault and mend it.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def read_both_ways(x, V_x, V_h, a, W_x, W_h, b):
    def run(steps, W_x, W_h, b):
        states = [torch.zeros(x.shape[1], len(b))]
        for step in steps:
            states.append(torch.tanh(step @ W_x.T + states[-1] @ W_h.T + b))
        return torch.stack(states[1:])

    there, back = run(x, V_x, V_h, a), run(x.flip(0), W_x, W_h, b)
    return torch.cat([there, back], dim=-1)


rw.exercise("08", "both-ways", read_both_ways)


# %% tags=["solution"]
def read_both_ways(x, V_x, V_h, a, W_x, W_h, b):
    def run(steps, W_x, W_h, b):
        states = [torch.zeros(x.shape[1], len(b))]
        for step in steps:
            states.append(torch.tanh(step @ W_x.T + states[-1] @ W_h.T + b))
        return torch.stack(states[1:])

    there, back = run(x, V_x, V_h, a), run(x.flip(0), W_x, W_h, b)
    return torch.cat([there, back.flip(0)], dim=-1)


rw.exercise("08", "both-ways", read_both_ways, keep=False)

# %% [markdown]
# ## Dropout, on and off
#
# Lesson 07 showed what [dropout](glossary.ipynb#dropout) between layers does to the values. What does it do to
# learning? Two LSTM layers of 64 learn to read digits from only 100 examples, five seeds each.

# %%
from rnnviz.experiments.results import read_results

curves = []
for part, dash in (("unseen", "solid"), ("learned", "dot")):
    for rate in ("0.0", "0.5"):
        runs = read_results("dropout")["details"]["digits"][rate]
        middle = [median(values) for values in zip(*(run[part] for run in runs), strict=True)]
        updates = [50 * (k + 1) for k in range(len(middle))]
        name = f"dropout {rate}, {part} digits"
        curves.append({"type": "scatter", "x": updates, "y": middle, "name": name, "line": {"dash": dash}})
axes = {"xaxis": {"title": "updates"}, "yaxis": {"title": "cross-entropy", "rangemode": "tozero"}}
rw.ask("08", "dropout-curves", show=rw.PlotlyFigure(curves, {"height": 400, **axes}))

# %% tags=["after=dropout-curves"]
from rnnviz.experiments.table import write_table

rw.Folded("All that was measured of dropout, five seeds", write_table(read_rows("dropout"), 2))

# %% [markdown] tags=["after=dropout-curves"]
# With little data the loss on unseen digits rises as the network learns its hundred examples by heart; dropout makes
# that slower and smaller. **When not?** Where every batch is new there is nothing to learn by heart. On the drives of
# the car below dropout only makes the network weaker. And a look at the shares of right answers: they gain little, and
# seeds differ by as much.

# %% [markdown]
# ## A machine, heard
#
# The signal of the toy comes from a simulation, so that you can know the truth. A shaft turns at 1,797 revolutions a
# minute and shakes its housing at that frequency and its multiples; once a turn a coupling knocks, and the housing
# rings. A damaged spot in the outer ring adds a hit whenever one of the nine balls rolls over it, 107 times a second
# and a little irregularly. The bearing is a type 6205, measured 12,000 times a second, as in the data sets of Case
# Western Reserve University; the model is McFadden and Smith's (1984).

# %%
from rnnviz.data import Bearing

bearing = Bearing()
broken = bearing.run(0.4, begins=0.2, severity=0.5, seed=3)
times = [1000 * at / bearing.rate for at in range(len(broken.signal))]
wave = {"type": "scatter", "x": times, "y": broken.signal.round(3).tolist(), "line": {"width": 1}}
names = {"xaxis": {"title": "milliseconds"}, "yaxis": {"title": "acceleration, g"}}
heard = rw.PlotlyFigure([wave], {"height": 280, **names})
heard.add_vline(x=200, line_dash="dot", annotation_text="the defect begins")
heard

# %% [markdown]
# The network is a published one: it reads 25 steps of 100 samples each, through two LSTM layers of 100 and a hidden
# layer of 100, and says at each step the next 100 samples. It learns by Adam at a rate of 0.0001.

# %% tags=["show-code"]
from rnnviz.data import BearingWindows
from rnnviz.models import StackForecaster

network = StackForecaster(100, [100, 100], hidden=100)
pieces, following = BearingWindows(bearing.run(2.0).signal)(torch.Generator().manual_seed(0))
print("in", tuple(pieces.shape), " out", tuple(network(pieces).shape), " (time, batch, samples)")
print(sum(parameter.numel() for parameter in network.parameters()), "weights")

# %%
rw.ask("08", "left-alone")

# %% [markdown]
# Train it at its published rate and at a faster one. Both are then **left alone**: each reads its own output, piece
# after piece. Beside them stands a [linear autoregression](glossary.ipynb#autoregression): each sample a weighted sum
# of the pieces before, fitted in one go.

# %%
rw.BearingRace()

# %% [markdown]
# What is stored comes from three seeds, with 600 updates at 0.003 and 2,000 at 0.0001:

# %% tags=["after=left-alone"]
stored = [row for row in read_rows("bearing") if "ahead" in row.what]
rw.Folded("The stored errors, one and twenty pieces ahead", write_table(stored, 4))

# %% [markdown] tags=["after=left-alone"]
# * One piece ahead the faster network is the best of all, and not far above the sensor's noise.
# * Left alone, errors grow, since each piece is read from one that was already a little wrong.
# * Twenty pieces ahead the *linear* model is ahead of both networks. A sum of waves is what a weighted sum can go on
#   with for ever; a network has to learn even that.
# * The published rate is not wrong, it is slow.

# %% [markdown]
# ## An alarm, and its price
#
# Now listen to the network's surprise, as in the toy: the mean squared difference between what came and what was
# expected. Above some [**threshold**](glossary.ipynb#threshold) an alarm is raised. Who chooses the threshold, and on
# what? Not on the signals it is tested on. A sound machine's **validation part** tells how large surprise gets when
# nothing is wrong; the threshold is what one piece in 200 exceeds there.

# %% tags=["show-code"]
from rnnviz.experiments.bearing import SCALE, make_parts
from rnnviz.models import choose_threshold, measure_surprise, read_bearing_lstm, smooth_surprise

listener = read_bearing_lstm()
sound = smooth_surprise(measure_surprise(listener, make_parts()[1]), 9)
threshold = choose_threshold(sound, false_alarms=0.005)
print(f"threshold for the median of 9 pieces: {threshold:.3f}")

# %% [markdown]
# Two shares say what an alarm is worth. [**Precision**](glossary.ipynb#precision): of the alarms, how many are right?
# [**Recall**](glossary.ipynb#recall): of the pieces with a defect, how many raise one? Turn the threshold, in
# thousandths, for a defect of severity 0.2 that begins half way:

# %%
from rnnviz.data import cut_pieces
from rnnviz.models import count_alarms

run = bearing.run(8.0, begins=4.0, severity=0.2, seed=50)
surprise = smooth_surprise(measure_surprise(listener, run.signal, SCALE), 9)
faulty = cut_pieces(run.severity)[:, 0] > 0


def share(kind):
    return lambda at: 100 * getattr(count_alarms(surprise, faulty, at / 1000), kind)


both = {"precision": share("precision"), "recall": share("recall")}
options = {"x": "threshold", "x_unit": "thousandths", "unit": "%"}
rw.Experiment(both, low=10, high=26, first=range(10, 27), **options)

# %%
rw.ask("08", "precision-recall")

# %% tags=["show-code"]
Report(
    [row for row in read_rows("bearing") if row.what.startswith("defect") and "median" in row.what], digits=2
)

# %% [markdown]
# Go back to the toy and press **Threshold from a sound part**. A defect of severity 0.05 stays unheard: its ringing is
# below the sensor's noise. No threshold finds what is not in the signal.

# %% [markdown] tags=["exercise"]
# ### Exercise 3: count alarms
#
# `surprise` and `faulty` are (pieces,): a number each, and whether the defect was there. An alarm is raised where
# surprise is above `threshold`. Return precision and recall.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def precision_and_recall(surprise, faulty, threshold):
    alarms = surprise > threshold
    return ...


rw.exercise("08", "alarms", precision_and_recall)


# %% tags=["solution"]
def precision_and_recall(surprise, faulty, threshold):
    alarms = surprise > threshold
    hits = (alarms & faulty).sum()
    return hits / alarms.sum(), hits / faulty.sum()


rw.exercise("08", "alarms", precision_and_recall, keep=False)

# %% [markdown]
# ## Where will the car be?
#
# A last series, with several numbers a step: a car's position and velocity, measured twice a second, 1.5 m off in each
# direction. It drives through a town, brakes for a junction, waits or turns, and goes on. Where will it be in five
# seconds? Three models say so at every step. A **constant velocity** takes the last measurement and goes straight on. A
# [**Kalman filter**](glossary.ipynb#Kalman-filter) weighs each measurement against what it expected, and goes straight
# on from there. A network of two LSTM layers has seen 400 other drives.
#
# Press **Drive**, and watch what happens before a turn.

# %%
rw.CarDrive()

# %%
rw.ask("08", "car-half-second")

# %% tags=["show-code"]
Report(read_rows("car_race"), digits=2)

# %% [markdown]
# The filter knows two things that the network must learn: how large the errors of measurement are, and that a car moves
# by its velocity. Over half a second nothing else counts, and it is nearly twice as good. Over five seconds what counts
# is what cars *do*: that one that brakes will turn or stop. That cannot be said by a constant velocity, however well it
# is estimated. An honest race has more than one winner.

# %% [markdown] tags=["exercise"]
# ### Exercise 4, open: ten metres
#
# Write `build()`: it returns an untrained network that turns (time, batch, 4), changes of position and velocities, into
# states, (time, batch, units). A linear layer is put on top, and both are trained on drives for 400 updates. The score
# is how far off the forecast is, five seconds ahead, on other drives. **The goal is 10 metres.**


# %% tags=["exercise"]
import rnnviz_widgets as rw


def build():
    return ...  # one tanh layer: torch.nn.RNN(4, 16)


rw.exercise("08", "car-far", build)


# %% tags=["solution"]
def build():
    return Stack(4, [Floor(48, "gru"), Floor(48, "gru")])


rw.exercise("08", "car-far", build, keep=False)

# %% [markdown]
# ## What you take along
#
# * A stack is layers that read each other. Its state is one tensor a layer; the layers may be of different kinds.
# * Ask a layer what it knows by a linear probe. Below, what was read; above, what is to be said.
# * With as many weights, depth bought a per cent at best on our four tasks. More layers *and* more weights buy more, at
#   more time. Measure.
# * Reading both ways is for labels, never for forecasts. Dropout is for little data, never for endless data.
# * A network left alone reads its own mistakes. One step of success promises nothing for the twentieth.
# * An alarm is a threshold, chosen on a part that is known to be sound, and judged by precision *and* recall.
# * Race against the simple model that knows the physics. It wins where the physics is all there is.
#
# **Next: [reservoirs](09-reservoirs.ipynb).** Do the recurrent weights have to be trained at all? And has one step
# always to wait for another?
