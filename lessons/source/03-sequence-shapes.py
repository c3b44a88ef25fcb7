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
#     title: Sequence shapes
#     minutes: 50
#     exercise_minutes: 25
#     outcomes:
#       - put sequences of different lengths into one batch, and build its mask
#       - say what comes out past the end, and where the final state is taken
#       - pack a batch, and read what packing says of it
#       - let a network say where its own sequence ends
#       - name the five shapes of inputs and outputs, and what each is good for
#     summary: Sentences that do not agree on a length, and five ways to arrange what goes in and what comes out.
# ---

# %% [markdown]
# # Sequence shapes
#
# A small network reads four sentences side by side. They lie in one block of numbers, and do not agree on a length.
# **Drag the handle at the end of a sentence, or focus it and press ← and →. What moves with it?**

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %%
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

import rnnviz_widgets as rw
from rnnviz.experiments import ragged_batch
from rnnviz.experiments import two_step_rnn as book

# %%
sentences = [
    "i drink milk when it is cold",
    "rain again and again and again today",
    "so good oh so very very good",
    "not bad at all i would say",
]
words = [sentence.split() for sentence in sentences]
torch.manual_seed(3)
meanings = {word: torch.randn(8) for word in sorted({word for row in words for word in row})}
inputs = torch.stack([torch.stack([meanings[word] for word in row]) for row in words], dim=1)
rw.LengthsExplorer(torch.nn.RNN(8, 12), inputs, [3, 7, 2, 4], labels=words)

# %% [markdown]
# <details><summary>After this lesson you can …</summary>
#
# * put sequences of different lengths into one batch, and build its mask,
# * say what comes out past the end, and where the final state is taken,
# * pack a batch, and read what packing says of it,
# * let a network say where its own sequence ends,
# * name the five shapes of inputs and outputs, and what each is good for.
#
# </details>

# %% [markdown]
# ## Not all the same length
#
# In the last lesson all four instances had two steps. Each instance was a sequence. Real sequences do not
# agree on a length. One review has five words, the next has five hundred.
#
# But a mini-batch is one block of numbers, and a block has straight edges. The old way out is to fill up the
# short ones. That is [**padding**](glossary.ipynb#padding): rows of zeros after the end.

# %% tags=["show-code"]
three = [torch.ones(4, 2), torch.ones(1, 2), torch.ones(3, 2)]  # each (time, feature)
block = pad_sequence(three)
print("lengths", [len(sequence) for sequence in three], "→ one block", tuple(block.shape))
print(block[..., 0].int())  # the first feature: (time, batch)

# %% [markdown]
# Read a column from top to bottom: that is one sequence. The middle one is a single step, and three steps
# of padding.
#
# Now a layer runs over such a block. Take the book's network from the last lesson, and let instance 1 end after
# its first step. Nobody tells the layer. Commit to a prediction.

# %%
rw.ask("03", "past-the-end")

# %% [markdown]
# Here is the batch, with its lengths given. Press **Forget the lengths**, and read what instance 1 says at its second
# step. Press again, and drag the handles.

# %%
rw.LengthsExplorer(book.build_network(), book.INPUTS, [2, 1, 2, 2])

# %% [markdown]
# ## The mask
#
# The layer cannot see which zeros are padding. So tell it: one number for each instance, its
# [**length**](glossary.ipynb#length) $L_b$. From the lengths follows a table of ones and zeros, the
# [**mask**](glossary.ipynb#mask):
#
# $$m_{t,b} = \begin{cases} 1 & t < L_b \\ 0 & \text{otherwise} \end{cases}$$
#
# In the picture above it is the row of small figures under each instance. It decides two things. Where it is 1, the
# layer steps on. Where it is 0, the state waits, and the output is set to zero:
#
# $$\mathbf{h}_t = m_t\, f(\mathbf{x}_t, \mathbf{h}_{t-1}) + (1 - m_t)\, \mathbf{h}_{t-1}$$
#
# $$\mathbf{y}_t = m_t\, \mathbf{h}_t$$

# %% [markdown] tags=["exercise"]
# ### Exercise 1: build the mask
#
# `lengths` is a tensor of whole numbers, one for each instance; `steps` is how many steps the block has.
# Return the mask, (steps, instances). Run the cell: the check tells you what holds, and shows the smallest
# numbers on which something does not.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def build_mask(lengths, steps):
    return ...


rw.exercise("03", "mask", build_mask)

# %% [markdown] tags=["exercise"]
# A solution lies folded up below. Open it when yours holds, or when you are stuck.


# %% tags=["solution"]
def build_mask(lengths, steps):
    return torch.arange(steps)[:, None] < lengths


rw.exercise("03", "mask", build_mask, keep=False)

# %% [markdown]
# ## The book's second table
#
# *Hands-On Machine Learning* runs the very same batch with the lengths 2, 1, 2, 2. It prints the outputs, and a
# second table: the [**final state**](glossary.ipynb#final-state) of each instance. Here is the loop of the last
# lesson, with a mask in it:

# %% tags=["show-code"]
W_x, W_h = book.recover_weights()
lengths = torch.tensor([2, 1, 2, 2])
state, outputs = torch.zeros(4, 5, dtype=W_x.dtype), []
for t, X in enumerate(book.INPUTS):
    m = (t < lengths)[:, None]
    new = torch.tanh(X @ W_x + state @ W_h)
    state = torch.where(m, new, state)  # past the end the state waits
    outputs.append(torch.where(m, new, 0))  # and the output is zero
*tables, verdict = ragged_batch.compare_ragged(torch.stack(outputs), state).splitlines()
rw.Folded(f"The book's two tables and ours: {verdict}", "\n".join(tables))

# %% [markdown]
# Open the tables and find the row of zeros. Then look for it among the final states: it is not there. Row 1 of the
# final states is what instance 1 put out at $t = 0$. That was its last **valid** step.

# %%
rw.ask("03", "final-state")

# %% [markdown] tags=["exercise"]
# ### Exercise 2: take the last valid state
#
# You are given `outputs`, (time, batch, neurons), and the `lengths`. Return the final states, (batch,
# neurons). It can be done in one line, without a loop.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def take_last(outputs, lengths):
    return ...


rw.exercise("03", "last-state", take_last)


# %% tags=["solution"]
def take_last(outputs, lengths):
    return outputs[lengths - 1, torch.arange(len(lengths))]


rw.exercise("03", "last-state", take_last, keep=False)

# %% [markdown]
# ## Play with the ends
#
# The four sentences once more. Now two layers read them, one from each end: the network is
# [bidirectional](glossary.ipynb#bidirectional). Its layers are of another kind, [GRU](glossary.ipynb#GRU), of which
# more later. (The weights are random: here it does not matter what the network makes of the words.)
#
# * Drag a handle, or focus it and press the arrow keys. Where does the green frame go, which marks the final state?
# * Choose **reverse**. Where does each sentence start now, and where is its final state?
# * Press **Forget the lengths**. Which final states change? Why not all?

# %%
reader = torch.nn.GRU(8, 12, bidirectional=True)
rw.LengthsExplorer(reader, inputs, [3, 7, 2, 4], labels=words)

# %%
rw.ask("03", "reverse-start")

# %% [markdown]
# ## Packing
#
# A mask throws away what was computed in vain. It would be better not to compute it.
#
# Look at the lower half of the picture above. The sentences are sorted, the longest first. At each step only those are
# there that are still running: they form a staircase. Torch calls this a [**packed**
# sequence](glossary.ipynb#packed-sequence). It keeps the real rows, one step after the other, and how many there
# are of each step: the `batch_sizes`.

# %% tags=["show-code"]
packed = pack_padded_sequence(inputs, torch.tensor([3, 7, 2, 4]), enforce_sorted=False)
print("rows       ", tuple(packed.data.shape), "instead of", inputs.shape[0] * inputs.shape[1])
print("batch_sizes", packed.batch_sizes.tolist())
print("sorted     ", packed.sorted_indices.tolist(), " the order of the staircase")
print("unsorted   ", packed.unsorted_indices.tolist(), " where each sentence went")

# %% [markdown]
# `enforce_sorted=False` lets torch do the sorting, and put everything back afterwards. A recurrent layer takes
# the packed batch as it is. What comes out is packed, too; `pad_packed_sequence` makes a block of it again,
# with zeros past the end.

# %% tags=["show-code"]
packed_outputs, h_n = reader(packed)
outputs, lengths = pad_packed_sequence(packed_outputs)
forward, backward = outputs.split(12, dim=2)
mask = torch.arange(7)[:, None] < lengths
print("lengths, found again:", lengths.tolist())
print("zero past the end:", bool((outputs[~mask] == 0).all()))
print("h_n is the state at the last valid step:", torch.equal(h_n[0], forward[lengths - 1, range(4)]))
print("and, backwards, at step 0:", torch.equal(h_n[1], backward[0]))

# %%
rw.ask("03", "packed-rows")

# %% [markdown] tags=["exercise"]
# ### Exercise 3: the staircase
#
# From the `lengths` alone: how many instances are still running at each step? Return one number a step, as many
# as the longest has steps.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def count_running(lengths):
    return ...


rw.exercise("03", "batch-sizes", count_running)


# %% tags=["solution"]
def count_running(lengths):
    return build_mask(lengths, int(lengths.max())).sum(dim=1)


rw.exercise("03", "batch-sizes", count_running, keep=False)

# %% [markdown] tags=["exercise"]
# ### Exercise 4: broken on purpose
#
# What a sentence is about is sometimes read off the *average* of its outputs. This function should average each
# instance over its own steps. It masks the padding, and runs. Yet short sentences come out too small. Find the fault,
# and mend it.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def average_valid(outputs, lengths):
    mask = torch.arange(len(outputs))[:, None] < lengths
    return (outputs * mask[..., None]).mean(dim=0)


rw.exercise("03", "mend-the-average", average_valid)


# %% tags=["solution"]
def average_valid(outputs, lengths):
    mask = torch.arange(len(outputs))[:, None] < lengths
    return (outputs * mask[..., None]).sum(dim=0) / lengths[:, None]


rw.exercise("03", "mend-the-average", average_valid, keep=False)

# %% [markdown] tags=["exercise"]
# ### Exercise 5: an open challenge
#
# Compute the final states of a padded batch without computing one row in vain. `step(x, h)` makes new states from
# inputs and old states, (rows, features) and (rows, units), for as many rows as you like. Start from `h`, (batch,
# units). You may call `step` at most as often as the longest sequence has steps. The score is how many rows you
# computed for each row that was needed. A padded batch needs more than two. **Bring it down to 1.**


# %% tags=["exercise"]
import rnnviz_widgets as rw


def run_ragged(step, inputs, lengths, h):
    for t in range(len(inputs)):
        h = ...
    return h


rw.exercise("03", "no-row-in-vain", run_ragged)


# %% tags=["solution"]
def run_ragged(step, inputs, lengths, h):
    h = h.clone()
    for t in range(int(lengths.max())):
        running = lengths > t
        h[running] = step(inputs[t, running], h[running])
    return h


rw.exercise("03", "no-row-in-vain", run_ragged, keep=False)

# %% [markdown]
# ## A word for the end
#
# So far we were told the lengths. When a network *reads*, that is fine: the sentence is there, and we can
# count. But when it *writes*? Nobody knows beforehand how many words the answer will have.
#
# So the end becomes a word. One more entry in the [vocabulary](glossary.ipynb#vocabulary), ⟨end⟩, stands after
# the last word of every target, and the network learns to say it. It is called the [**end-of-sequence
# token**](glossary.ipynb#end-of-sequence-token), often `<eos>`. Whatever comes after it is not read.

# %%
rw.ask("03", "no-end")

# %% [markdown]
# ## Five shapes
#
# A recurrent layer has an input and a state at every step. But we need not use them all. What we feed in where,
# and what we read off where, is up to us:

# %%
rw.Picture("03-five-shapes")

# %% [markdown]
# They are all the same layer. Let us meet each of them on a task so small that it is learned in a second. Press
# play in a graph, or step with the arrow keys. Each graph also has its **backward pass**, of which more in the next
# lesson.

# %% tags=["show-code"]
from rnnviz.data import SHAPES
from rnnviz.models import learn_shape, measure_shape


def learn_and_show(shape, units=5, sequence=0):
    task = SHAPES[shape]()
    model = learn_shape(task, units)
    print("good for:", task.application)
    print(f"right: {measure_shape(model, task):.0%} of its answers")
    return rw.draw_shape(task, model, cursor=rw.Cursor(sequence=sequence))


# %% [markdown]
# ### Vector → vector
#
# One thing in, one thing out, no time at all: a picture of 3 × 3 pixels, and whether the bar in it lies or stands.
# It is the shape of every ordinary network. The loop is there, but is never gone round.

# %%
learn_and_show("vector → vector")

# %% [markdown]
# ### Sequence → sequence, synced
#
# An input and an output at every step. The classic use is **video**: a label for each frame. In this film of four
# pixels a dot moves left or right, and goes round at the edges. Which way did it go? One frame cannot tell; the
# state has to remember the frame before. At the very first frame nobody can know, so the
# [cost](glossary.ipynb#cost), the number that training makes small, leaves it out: its output is grey.

# %%
learn_and_show("sequence → sequence, synced")

# %% [markdown]
# The same shape makes forecasts. The targets are the inputs themselves, **shifted** by one: at each step, say what
# comes next. The classic use is a **stock**: from the prices up to today, the price of tomorrow. Our prices are
# weekly, so they are shifted by a week. Each number is the change since week 0, in tenths of the first price.

# %% tags=["show-code"]
task = SHAPES["sequence → sequence, shifted by one"]()
model = learn_shape(task)
copying = (task.inputs - task.targets).square().mean().sqrt()
ratio = measure_shape(model, task) / copying
gain = 100 * (1 - ratio.item())
print("better than “the same as today”, by", "less than 5 %" if 0 < gain < 5 else f"{gain:.0f} %")
rw.draw_shape(task, model)

# %% [markdown]
# Step through it: it mostly repeats the price of today. That is honest work. A stock hardly lets itself be forecast,
# not even one that the network has trained on. Lesson 05 says how to find out whether a forecast is any good.
#
# ### Sequence → sequence, delayed
#
# Sometimes an output cannot come at once. To write down what is said, one has to hear a sound to its end. Then the
# outputs run some steps behind the inputs. Here the network repeats what it hears, two steps late. The state has to
# keep two bits, and drop each when it has been said.

# %%
learn_and_show("sequence → sequence, delayed", sequence=5)  # 0 1 1 0 1 0

# %% [markdown]
# ### Sequence → vector
#
# Many inputs, and one answer, read off the last valid state. The classic use is the **sentiment** of a review. Ours
# have three to six words, so lengths matter: choose other sentences above the graph. Look for the word *not*. What
# does it do to the state?

# %%
learn_and_show("sequence → vector")

# %%
rw.ask("03", "which-shape")

# %% [markdown]
# ### Vector → sequence
#
# One input, at the first step, and then silence. Everything that is said comes out of the state. The classic use is a
# **caption** for a picture. It ends with ⟨end⟩: the network has learned to stop.

# %%
learn_and_show("vector → sequence")

# %% [markdown]
# ### Encoder–decoder
#
# To **translate**, you have to hear a sentence out before you begin. So take two networks. The
# [**encoder**](glossary.ipynb#encoder) reads, and puts out nothing. Its last state is handed over. The
# [**decoder**](glossary.ipynb#decoder) starts from it, and writes until ⟨end⟩. The two sentences may differ in
# length, and in their order of words: choose “do i drink milk”.
#
# All that the decoder knows of the sentence went through one vector of 12 numbers.

# %%
learn_and_show("encoder–decoder", units=12)

# %%
rw.ask("03", "synced-or-not")

# %% [markdown]
# Click an output, and its sum opens up. Change an input of the encoder, or a weight, and the German changes with it.
# Can you make it say something wrong?

# %% [markdown]
# ## What you take along
#
# * A batch is a block. Short sequences are padded, and the lengths, or a mask, say what is real.
# * Past the end the output is zero and the state waits. The final state is the one at the last valid step; backwards,
#   at step 0.
# * Packed, nothing is computed for padding. Forgotten lengths give no error, only wrong numbers.
# * A network that writes needs a word for the end.
# * Vector or sequence, in and out: five shapes, one layer. Synced, shifted, delayed, or first read and then write.
#
# **Next: [training through time](04-training-through-time.ipynb).** At which steps is the network told what it did
# wrong? And how does that reach the steps before?
