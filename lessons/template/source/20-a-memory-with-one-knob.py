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
#     title: A memory with one knob
#     minutes: 20
#     outcomes:
#       - write a memory as one line, and say what its knob does
#       - choose the knob for a signal, and say what it costs
#     summary: A template of a lesson, with every part in its place.
# ---

# %% [markdown]
# # A memory with one knob
#
# After this lesson you can
#
# * write a memory as one line, and say what its knob does,
# * choose the knob for a signal, and say what it costs.

# %% [markdown] tags=["lab-only"]
# > **For authors.** Cells like this one are tagged `lab-only`: dashboards leave them out. Delete them as you go.
# >
# > The header above is what the gallery shows: title, minutes, outcomes, a summary of one line. Outcomes are
# > things that a student can *do* afterwards, and can find out whether they can.

# %%
from pathlib import Path

import torch
from torch import nn

import rnnviz as rv
import rnnviz_widgets as rw
from exercises_20 import exercise

QUESTIONS = Path("questions")

# %% [markdown]
# ## How many visitors has the museum?
#
# A doorkeeper counts the visitors of each hour. The numbers jump: a school class, a shower of rain. The director
# asks one thing only: *about how many are there, these days?* Yesterday's number will not do, and last year's
# neither.
#
# Commit to a prediction. Then the answer is yours to play with.

# %% [markdown] tags=["lab-only"]
# > **Begin with a question, and a prediction.** Nothing is revealed before it is committed. The widget given as
# > `show` stays hidden until then. Questions lie in `questions/20.toml`, so that nobody meets an answer while
# > reading the notebook. Each wrong option answers a misconception that somebody really has; if you cannot name
# > one, drop the option.

# %%
hourly = torch.tensor([20.0] * 12 + [80.0] * 12)[:, None, None]  # (time, batch, feature)
slow = nn.RNN(1, 1, nonlinearity="relu", bias=False)
with torch.no_grad():
    slow.weight_ih_l0.fill_(0.1)
    slow.weight_hh_l0.fill_(0.9)
with rv.record(slow) as trace:
    slow(hourly, torch.full((1, 1, 1), 20.0))
rw.ask("20", "new-wing", folder=QUESTIONS, show=rw.UnrolledGraph(trace, folded=False))

# %% [markdown]
# ## One line
#
# Keep most of the old estimate, and mix in a little of the new number:

# %% [markdown] tags=["lab-only"]
# > **Question, picture, equation, code, experiment**, in this order. A picture of your own is an SVG file with a
# > title and a description, which are read out to who cannot see it: `rw.Picture("pictures/my-drawing.svg")`.

# %%
rw.Picture("pictures/one-knob.svg")

# %% [markdown]
# $$h_t = a\, h_{t-1} + (1 - a)\, x_t$$
#
# The knob is $a$, a number between 0 and 1. In code it is one line in a loop:


# %% tags=["show-code"]
def smooth(numbers, a, start):
    h, kept = start, []
    for x in numbers:
        h = a * h + (1 - a) * x
        kept.append(h)
    return kept


print([round(h, 1) for h in smooth([80.0] * 4, a=0.9, start=20.0)])

# %% [markdown] tags=["lab-only"]
# > The tag `show-code` lets the audience of a dashboard unfold a cell. Use it for code that teaches, and keep cells
# > within 15 lines: what is longer belongs in a module. Print what is the same on every machine, since the stored
# > outputs are compared: results of a training as inequalities or with two digits.

# %%
rw.ask("20", "knob-at-one", folder=QUESTIONS)

# %% [markdown] tags=["exercise"]
# ### Exercise 1: how long does it take?
#
# The estimate stands at 0. From now on every number is 1. After how many steps is the estimate at least `share`?
# Run the cell: the check says what holds, and shows the smallest numbers on which something does not.


# %% tags=["exercise"]
def steps_until(share, a):
    h, steps = 0.0, 0
    return ...


exercise("steps-until", steps_until)


# %% tags=["solution"]
def steps_until(share, a):
    h, steps = 0.0, 0
    while h < share:
        h = a * h + (1 - a)
        steps += 1
    return steps


exercise("steps-until", steps_until, keep=False)

# %% [markdown] tags=["lab-only"]
# > An exercise is a stub, a check and a solution, in cells tagged `exercise`, `exercise` and `solution`. The check
# > lies in `exercises_20.py`. The text must not depend on it: in a dashboard exercises and solutions are left out.

# %% [markdown]
# ## What the knob costs
#
# A slow memory is calm, and late. A fast one is early, and nervous. Here are 200 hours with noise, and a jump in
# the middle. How far off is the estimate, for each setting of the knob?

# %% tags=["show-code"]
noise = torch.randn(200, generator=torch.Generator().manual_seed(20))
level = torch.where(torch.arange(200) < 100, 20.0, 80.0)


def typical_miss(percent):
    kept = torch.tensor(smooth((level + 15 * noise).tolist(), percent / 100, start=20.0))
    return (kept - level).square().mean().sqrt().item()


# %%
rw.Experiment(
    {"typical miss": typical_miss}, x="a in percent", unit="visitors", low=0, high=99, first=[0, 50, 99]
)

# %% [markdown] tags=["lab-only"]
# > **An experiment computes live.** `rw.Experiment` measures whatever your function returns. There are widgets for
# > models, gates and gradients as well; all take a `cursor=`, and then move together.

# %%
rw.ask("20", "best-knob", folder=QUESTIONS)

# %% tags=["show-code"]
best = min(range(100), key=typical_miss)
print("the best knob lies between 0.5 and 0.9:", 50 < best < 90)
print("at most 6 tenths of the miss without a memory:", typical_miss(best) < 0.6 * typical_miss(0))

# %% [markdown]
# ## What you take along
#
# * One number that comes back is a memory. Its knob says how much stays.
# * Calm and early are opposites: the knob trades one for the other.
# * A gated cell turns this knob by itself, anew at every step. That is all that a forget gate is.
#
# **Next:** say here in a sentence what the next lesson asks, and link to it: `[its title](21-its-name.ipynb)`.
