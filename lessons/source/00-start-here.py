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
#     title: Start here
#     minutes: 20
#     short_path: true
#     outcomes:
#       - say what it means that a network reads, and watch one do it
#       - use the predictions, widgets, exercises and questions of this course
#       - find your way through the lessons
#       - tell which basics to refresh, and refresh them
#     summary: Draw a digit and watch a network make up its mind. Then find your way.
# ---

# %% [markdown]
# # Start here
#
# This network reads a handwritten digit as you read a page: row after row, from the top. **Press Clear and draw a
# digit of your own. After which row does it know which one it is?**

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %%
import torch

import rnnviz_widgets as rw
from rnnviz.data import digits
from rnnviz.models import read_digit_lstm

learned_from, test = digits()
model = read_digit_lstm()
rw.DigitReader(model, test)

# %% [markdown]
# <details><summary>After this lesson you can …</summary>
#
# * say what it means that a network reads, and watch one do it,
# * use the predictions, widgets, exercises and questions of this course,
# * find your way through the lessons,
# * tell which basics to refresh, and refresh them.
#
# </details>

# %% [markdown]
# ## The first minute
#
# The network was trained before, on other people's digits. It never sees two rows at once. All it keeps of the rows
# before is 48 numbers of its own.
#
# It reads again with every move of your hand. Try this:
#
# * Press **Play**, and let the rows go in one at a time. Where does it change its mind?
# * Draw a 3, and close it to an 8. Which rows notice?
# * Draw a 7 without a bar. Then cross it. Most of the sevens it learned from are crossed.
# * Untick **centre and size it**, and draw small, in a corner. It has never seen such a digit.
#
# The maps at the bottom of the reader are its mind: a line for each of its 24 [units](glossary.ipynb#unit), a column
# for each row it has read. They have names you will know well in a while. A [**gate**](glossary.ipynb#gate) is a
# valve: light is closed, full colour is open. There are three of them. The
# [**candidate**](glossary.ipynb#candidate) is no gate: it is what could be remembered of this row. It may be above or
# below 0, lime or purple, as the states may. The [**cell state**](glossary.ipynb#cell-state) is what it remembers,
# and the [**hidden state**](glossary.ipynb#hidden-state) is what it lets out: 24 numbers each, and those are its 48.
# Nothing here is a film: the page computes every number while you draw.

# %% [markdown]
# ## How soon is it right?
#
# One digit is an anecdote. There are 450 digits it did not learn from. Let it read them all, and ask for an answer
# after every row. Commit to a prediction, and the curve appears.

# %%
with torch.no_grad():
    answers = model.read(test.sequences).argmax(-1)  # (row, digit)
shares = (answers == test.targets).double().mean(1)


def right_after(rows):
    return round(100 * shares[rows - 1].item())


curve = rw.Experiment({"right": right_after}, x="rows read", unit="%", low=1, high=8, first=range(1, 9))
rw.ask("00", "how-soon", show=curve)

# %%
rw.ask("00", "what-is-left")

# %% [markdown]
# Now show it the very same rows, but from the bottom to the top. Not a drop of ink is missing.

# %% tags=["show-code"]
with torch.no_grad():
    upwards = model(test.sequences.flip(0)).argmax(-1)
print(f"top to bottom: {shares[-1]:.0%} right")
print(f"bottom to top: {(upwards == test.targets).float().mean():.0%} right")

# %% [markdown]
# Zeros and ones look alike from both ends, and it still reads them. A 7 or a 9 it no longer knows: what it
# learned is not which ink there is, but in which order it comes. That is what this course is about:
# [**sequences**](glossary.ipynb#sequence), and networks that read them with a memory. Words, sounds, prices,
# heartbeats.

# %%
rw.ask("00", "more-rows")

# %% [markdown]
# ## How this course works
#
# Every lesson goes the same way: a question, a picture, an equation, a few lines of code, an experiment.
#
# | you will meet | what it is for |
# |---|---|
# | **predictions** | You commit to an answer, and then see. A wrong one is worth more: you remember it. |
# | **widgets** | Everything can be touched: click, drag, play. Widgets on one page move together. |
# | **questions** | One answer is right. Each wrong one says what it would be the answer to. |
# | **exercises** | In notebooks: you write a few lines, and a check says what does not hold, and where. |
#
# The keys are the same everywhere: **←** and **→** go a step back or forward, **Home** and **End** to the ends,
# **space** plays. **Tab** reaches everything that a mouse does. **Save**, on most widgets, gives you the picture,
# its numbers, or the code that makes it.
#
# The colours are the same everywhere, too. An *outline* says what something is: inputs are red, states green, outputs
# blue. What fills it is a *value*: lime above 0, purple below, the paler the nearer to 0. Each of the three gates in
# the reader above has a colour of its own, and keeps it in all lessons.
#
# Your answers stay in this browser. They are sent nowhere. In another browser you begin anew.
#
# Every lesson exists twice. As a **dashboard** it keeps the code folded away, and is good for a first look, a
# phone, or a lecture: `rnnviz` opens them all. As a **notebook** it is yours to change, with exercises:
# `rnnviz lab` opens your own copy.

# %% [markdown]
# ## The map
#
# Each lesson builds on those before it. If you are in a hurry, begin with lesson 2, and go on to lesson 6.

# %%
rw.LessonMap(here="00")

# %% [markdown]
# ## Is everything there?

# %%
rw.Environment()

# %% [markdown]
# ## What you should know
#
# A little Python, and three things from mathematics and PyTorch. Here they are, two minutes each. Try the
# question first: if it is easy, go on.
#
# ### Vectors and matrices

# %%
rw.ask("00", "matrix-times-vector")

# %% [markdown]
# A **vector** is a list of numbers. A **matrix** is a table of them. A matrix times a vector is a new vector: each
# row of the table says how much of each number to take, and adds it up.

# %% tags=["show-code"]
W = torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]])  # 2 rows, 3 columns
x = torch.tensor([3.0, 4.0, 5.0])
print("W @ x =", (W @ x).tolist())
print("first: 1·3 + 0·4 + 2·5 =", 1 * 3 + 0 * 4 + 2 * 5)

# %% [markdown]
# A layer of a network is hardly more: a matrix of weights, times a vector of inputs, and then a squashing
# function for each sum.
#
# ### Slopes, and the chain rule

# %%
rw.ask("00", "ten-slopes")

# %% [markdown]
# The **derivative** is a slope: how many times as far the output moves when you move the input a little. When one
# thing follows another, their slopes are **multiplied**. That is the chain rule. Here $u = 3x$, and $y = u^2$. At
# $x = 2$ the slopes are 3 and $2u = 12$:

# %% tags=["show-code"]
x = torch.tensor(2.0, requires_grad=True)
u = 3 * x
y = u**2
y.backward()  # PyTorch follows the chain backwards
print("3 · 12 =", 3 * 12)
print("PyTorch says", x.grad.item())

# %% [markdown]
# All slopes of one output together are its [**gradient**](glossary.ipynb#gradient). Training is this, over and
# over: compute the gradient of the error, and move every weight a little against it.
#
# ### Tensors

# %%
rw.ask("00", "one-row-of-many")

# %% [markdown]
# A [**tensor**](glossary.ipynb#tensor) is a table with any number of axes. In this course sequences always come
# as (time, batch, feature): when, which sequence, which number.

# %% tags=["show-code"]
rows = test.sequences
print("all test digits     ", tuple(rows.shape), "  (time, batch, feature)")
print("their fourth rows   ", tuple(rows[3].shape), "     (batch, feature)")
print("the first digit     ", tuple(rows[:, 0].shape), "       (time, feature)")
print("ink in its top row  ", [round(value, 1) for value in rows[0, 0].tolist()])

# %% [markdown]
# Was one of the three hard? Then take an hour for PyTorch's own tutorial *Learn the Basics*, and for 3Blue1Brown's
# films on linear algebra and calculus. Come back: everything else is explained here.
#
# ## What you take along
#
# * A recurrent network reads one piece at a time. What it knows of the past is in its state.
# * The order matters. Any length *can be read*; whether it is understood is another question.
# * Predict first. Then touch everything.
#
# **Next: [sequences and memory](01-sequences-and-memory.ipynb).** What else comes in sequences, why ordinary
# networks are bad at them, and what it takes to remember.
