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
#     title: LSTM, gate by gate
#     minutes: 95
#     exercise_minutes: 35
#     short_path: true
#     outcomes:
#       - build an LSTM from a sum, one gate at a time, and say what each gate buys
#       - tell the long memory c from the short one h, and compute a step by hand
#       - choose a forget bias, and say what it does before any training
#       - read gates in a picture, and test by intervention whether they matter
#       - say how a GRU differs, and what both still cannot do
#     summary: A word that decides another one, eighty words later, and the three valves that carry it there.
# ---

# %% [markdown]
# # LSTM, gate by gate
#
# A network has learned to read short stories and to finish their last sentence. Somebody was born in one country,
# grew up in another, and has a sister in a third: *I speak fluent …* what?
#
# **At which words can you shut its forget gate without losing the answer?** Press a word of the story, then **Hold**.

# %%
import torch

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz.data import STORIES, Recall
from rnnviz.models import read_recall_lstm

reader = read_recall_lstm()
words = [text.split() for text in STORIES]
stories = torch.stack([Recall.number(text) for text in STORIES], 1)  # (time, batch)
answers = [Recall.words.index(answer) for answer in STORIES.values()]
options = {"labels": words, "vocabulary": Recall.words, "embedding": reader.embed}
together = rw.Cursor(step=10)
rw.Surgery(reader, stories, Recall.words, answers, array="forget", cursor=together, **options)

# %% [markdown]
# <details><summary>After this lesson you can …</summary>
#
# * build an LSTM from a sum, one gate at a time, and say what each gate buys,
# * tell the long memory c from the short one h, and compute a step by hand,
# * choose a forget bias, and say what it does before any training,
# * read gates in a picture, and test by intervention whether they matter,
# * say how a GRU differs, and what both still cannot do.
#
# </details>

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %% [markdown]
# Before the country the forget gate may close as it likes: nothing is held yet that the answer needs. From the full
# stop after *France* on, one closed moment is nearly always enough, and the country is gone. Only at the very last
# word it does no harm any more: by then the answer has moved on into another state. You can also replace words:
# choose one in the list *word*. Try another country.
#
# The list above the map names all that can be held: three **gates** and a **candidate**, a **cell state** and a
# **hidden state**. By the end of this lesson you will have built each of them yourself.

# %% [markdown]
# ## Why a plain network loses the country
#
# The layer of lesson 02 makes its new state from scratch at every step:
#
# $$\mathbf{h}_t = \tanh(\mathbf{W}_x \mathbf{x}_t + \mathbf{W}_h \mathbf{h}_{t-1} + \mathbf{b})$$
#
# What it keeps has to go through a matrix and a tanh at every word. Lesson 06 showed what becomes of a gradient on that
# way back. For stories with 20 words between country and answer, the gradient at the country is nearly nothing, and so
# a tanh network does not even begin to learn them.
#
# The idea of Hochreiter and Schmidhuber (1997): give the cell a second state that does *not* go through matrix and
# tanh. It is only ever **added to**.

# %% [markdown]
# ## Four stages
#
# **Stage 1, a sum.** Each word offers a [**candidate**](glossary.ipynb#candidate) $\mathbf{g}_t$, new content between
# −1 and 1. The [**cell state**](glossary.ipynb#cell-state) $\mathbf{c}$ adds it up, unit by unit. What the cell shows
# is its [**hidden state**](glossary.ipynb#hidden-state) $\mathbf{h}$.
#
# $$\mathbf{g}_t = \tanh(\mathbf{W}_x \mathbf{x}_t + \mathbf{W}_h \mathbf{h}_{t-1} + \mathbf{b})
# \qquad \mathbf{c}_t = \mathbf{c}_{t-1} + \mathbf{g}_t
# \qquad \mathbf{h}_t = \tanh(\mathbf{c}_t)$$
#
# Going back through the sum, the gradient of $\mathbf{c}$ is multiplied by exactly 1, however many steps. Nothing
# vanishes. But nothing is ever cleared away, either.
#
# **Stage 2, a forget gate.** A [**gate**](glossary.ipynb#gate) is a valve: a number between 0, closed, and 1, open, for
# each unit, made at each step from what the cell reads and shows. $\odot$ multiplies unit by unit. The [**forget
# gate**](glossary.ipynb#forget-gate) says how much stays.
#
# $$\mathbf{f}_t = \sigma(\mathbf{W}_x \mathbf{x}_t + \mathbf{W}_h \mathbf{h}_{t-1} + \mathbf{b})
# \qquad \mathbf{c}_t = \mathbf{f}_t \odot \mathbf{c}_{t-1} + \mathbf{g}_t$$
#
# **Stage 3, an input gate.** The [**input gate**](glossary.ipynb#input-gate) says how much of the candidate is let in.
# Now a unit can hold something while all sorts of words pass by.
#
# $$\mathbf{c}_t = \mathbf{f}_t \odot \mathbf{c}_{t-1} + \mathbf{i}_t \odot \mathbf{g}_t$$
#
# **Stage 4, an output gate.** The [**output gate**](glossary.ipynb#output-gate) says how much of the cell state is
# shown. What is kept for later need not disturb what is done now.
#
# $$\mathbf{h}_t = \mathbf{o}_t \odot \tanh(\mathbf{c}_t)$$
#
# That is the [**LSTM**](glossary.ipynb#LSTM), long short-term memory: $\mathbf{c}$ is the long one, $\mathbf{h}$ the
# short one. Each gate and the candidate have a $\mathbf{W}_x$, a $\mathbf{W}_h$ and a $\mathbf{b}$ of their own.
#
# Here is our reader's cell, with today's numbers on every wire. Build it up with the buttons **c + g** to **output
# gate**: a gate that is not there yet stands open. **Play this step slowly**, then step through the story. Then take
# a gate and drag it.

# %%
with rv.record(reader) as reading:
    reader(stories)
rw.CellAnatomy(reading, cursor=together, labels=words)

# %%
rw.ask("07", "two-states")

# %% [markdown]
# ## The same in code
#
# Each stage is a [cell](glossary.ipynb#cell) of its own, and can be trained. Here is the third one as the course has
# it, written once more:

# %% tags=["show-code"]
from rnnviz.models import InputGateCell, Stage


class MyInputGateCell(Stage):
    gates = ("input", "forget", "candidate")

    def step(self, x, hidden, cell):
        i, f, g = self.sums(x, hidden)  # W_x x + W_h h + b for each
        i, f, g = i.sigmoid(), f.sigmoid(), g.tanh()
        c = f * cell + i * g
        return (c.tanh(), c), {"input": i, "forget": f, "candidate": g}


# %% tags=["show-code"]
mine, ours = MyInputGateCell(2, 3), InputGateCell(2, 3)
ours.load_state_dict(mine.state_dict())
x = torch.rand(9, 1, 2)
print("the same:", torch.equal(mine(x)[0], ours(x)[0]))

# %% [markdown]
# And the fourth is PyTorch's, number for number:

# %% tags=["show-code"]
from rnnviz.models import OutputGateCell

stage, lstm = OutputGateCell(2, 3).double(), torch.nn.LSTM(2, 3).double()
lstm.load_state_dict({f"{name}_l0": value for name, value in stage.state_dict().items()})
difference = (stage(x.double())[0] - lstm(x.double())[0]).abs().max()
print("differs from nn.LSTM by less than 1e-12:", bool(difference < 1e-12))

# %% [markdown] tags=["exercise"]
# ### Exercise 1: one step of an LSTM
#
# `x` is (batch, features), `h` and `c` are (batch, units). `W_x`, `W_h` and `b` hold the rows of all four, one below
# the other: i, f, g, o, as PyTorch has them. Return the new `h` and the new `c`.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def lstm_step(x, h, c, W_x, W_h, b):
    # All four sums at once are x @ W_x.T + h @ W_h.T + b.
    return ...


rw.exercise("07", "lstm-step", lstm_step)


# %% tags=["solution"]
def lstm_step(x, h, c, W_x, W_h, b):
    i, f, g, o = (x @ W_x.T + h @ W_h.T + b).chunk(4, dim=-1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    c = f * c + i * g
    return o * c.tanh(), c


rw.exercise("07", "lstm-step", lstm_step, keep=False)

# %% [markdown]
# ## What each gate buys
#
# Let all of them learn the same stories. A small grammar makes them, new ones at every update. Half of the
# storytellers were born in one country and grew up in another, and on the way other countries and languages are
# named: no rule of thumb finds the answer.

# %% tags=["show-code"]
generator = torch.Generator().manual_seed(5)
for distance in (4, 12, 20):
    story, following = Recall(distance, batch=1)(generator)
    print(f"{distance:2} words:", Recall.read(story[:, 0]), "→", Recall.words[following[-1, 0]])

# %%
rw.ask("07", "which-gate")

# %% [markdown]
# Now **Train all**: the four stages, a tanh network, and two cells that you will meet below, each with 32 units. They
# learn from stories with 4 to 20 words in between, the shaded part, and are asked about up to 80. An answer counts if,
# of all 59 words, the right one is the likeliest. Then look at what is **stored**: five seeds, twice as many updates.

# %%
rw.RecallRace()

# %% [markdown] tags=["after=which-gate"]
# * The **tanh** network never gets off the ground.
# * The bare sum learns, and is lost soon after the distances it has seen: every word adds something, and the heap
#   grows.
# * The **forget gate** buys most. It can hold far longer than any story it has learned from.
# * The **input gate** makes it reliable.
# * The **output gate** buys nothing here. Stories with one question at the end do not need it; what it is good for is
#   saying one thing now and another later.
#
# These results come from a file; `rnnviz prove recall` makes them anew.

# %% [markdown]
# ## The forget bias
#
# Before any training, what does a forget gate do? Its sum is near its bias, so the gate stands near $\sigma(b)$, and
# $n$ steps later $\sigma(b)^n$ of a cell state are left. The same factor stands in the gradient of $\mathbf{c}$ on
# its way back.

# %% tags=["show-code"]
for bias in (-2, 0, 1, 3, 5):
    gate = torch.sigmoid(torch.tensor(float(bias)))
    left = "   ".join(f"{gate**n:7.1g}" for n in (1, 10, 50))
    print(f"bias {bias:2}: gate {gate:.2f}; left after 1, 10 and 50 steps: {left}")

# %%
rw.ask("07", "half-life")

# %% [markdown]
# PyTorch starts at 0, where half is lost at every step. A [**forget bias**](glossary.ipynb#forget-bias) of 1 is the
# usual advice since Gers, Schmidhuber and Cummins (2000) and Jozefowicz, Zaremba and Sutskever (2015). Bet on it: five
# LSTMs that differ in nothing but this one number, and the adding problem of lesson 06. The bars show how much of the
# gradient reaches an early input. Which will learn?

# %%
from rnnviz.models import Contender, SequenceRegressor


def with_bias(bias):
    return Contender(lambda seed: SequenceRegressor(2, 32, "lstm", forget_bias=bias, seed=seed))


biases = {f"forget bias {bias:+d}": with_bias(float(bias)) for bias in (-2, 0, 1, 3, 5)}
rw.Bet(biases, lesson="07", name="forget-bias")

# %% [markdown]
# And over 100 steps, with up to 4000 updates and three seeds each? That takes minutes, so here is what is stored:

# %% tags=["show-code"]
from rnnviz.experiments.results import read_rows
from rnnviz.experiments.table import Report

Report([row for row in read_rows("forget_bias") if row.what.endswith("updates")], digits=0)

# %% [markdown]
# Be honest about this bet. A bias of −2 begins with a gradient of $10^{-40}$ at the early inputs, and *still* solves
# the problem with all three seeds, only later. What the bias decides is how soon learning starts, not whether. And
# more is not always better: at 5 nothing is ever let go, and two of three never get there.

# %% [markdown] tags=["exercise"]
# ### Exercise 2: mend it
#
# This function should return the forget bias with which `share` of a cell state is left after `steps` steps. It is
# **broken on purpose**. Run it, read what the check says, find the fault and mend it.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def choose_forget_bias(steps, share):
    """Return the bias with which this share of a cell state is left after so many steps."""
    gate = share / steps
    return torch.log(gate / (1 - gate))


rw.exercise("07", "forget-bias", choose_forget_bias)


# %% tags=["solution"]
def choose_forget_bias(steps, share):
    gate = share ** (1 / steps)
    return torch.log(gate / (1 - gate))


rw.exercise("07", "forget-bias", choose_forget_bias, keep=False)

# %% [markdown]
# ## A variant that squashes
#
# Some books and slides draw one more tanh, around the sum itself: $\mathbf{c}_t = \tanh(\mathbf{f}_t \odot
# \mathbf{c}_{t-1} + \mathbf{i}_t \odot \mathbf{g}_t)$. It looks harmless, and it keeps $\mathbf{c}$ between −1 and 1.

# %%
from rnnviz.models import SquashedCell

curves, inputs = {}, torch.randn(60, 1, 4, generator=torch.Generator().manual_seed(1))
for name, cell in {"LSTM": OutputGateCell, "squashed c": SquashedCell}.items():
    torch.manual_seed(0)
    model = cell(4, 32, forget_bias=3.0)
    with rv.record(model) as trace:
        model(inputs)[0][-1].sum().backward()
    curves[name] = trace
rw.ask("07", "squashed", show=rw.GradientCurves(curves, quantity="cell"))

# %% [markdown] tags=["after=squashed"]
# The extra tanh stands *inside the loop*. Its slope, $1 - \mathbf{c}_t^2$, is one more factor at every step, and
# below 1 wherever something is remembered: the more a unit holds, the faster it forgets how it came to hold it. In
# the race above the squashed cell is the one that stays behind. The tanh of the real LSTM stands outside: it squashes
# what is shown, once, not what is kept.

# %% [markdown]
# ## Gates, read
#
# What have the gates of our reader learned? Each row is a unit, each column a word. Look for rows in which the forget
# gate stays open for the whole story, and for columns at which many input gates open at once. The plot beside the
# maps is Karpathy's (2015): one mark for each unit's gate. Far right it is nearly always closed, high up nearly
# always open.

# %%
rw.GateHeatmap(reading, cursor=together, labels=words)

# %%
rw.ask("07", "never-forget")

# %% [markdown]
# The same for characters. An LSTM of 48 units learns to write English for some seconds, and reads a line of the text it
# has learned from. Under each column stands the character it was reading.

# %% tags=["show-code"]
from rnnviz.data import Characters, manual
from rnnviz.models import CharacterModel, draw_passages, next_character_loss
from rnnviz.training import train

text = manual().text[:60_000]
alphabet = Characters(text)
writer = CharacterModel(len(alphabet), units=48, cell="lstm")
passages = draw_passages(alphabet.encode(text), steps=50, batch=32)
for step in train(writer, passages, loss=next_character_loss, learning_rate=0.01, steps=150):
    pass
line = text[2000:2070].replace("\n", " ")
with rv.record(writer) as characters:
    writer(alphabet.encode(line)[:, None])
rw.GateHeatmap(characters, labels=[list(line)], sort="range")

# %% [markdown]
# ## Surgery
#
# A picture of a gate shows what it *did*. It does not show what it is *for*: many things go together in a network
# that do not depend on each other. To find out, take the network at work and **hold** something: a gate, a state, a
# unit. Then look at the answer.

# %%
rw.ask("07", "cause")

# %% [markdown]
# Here is the reader again, with three questions. Each takes a drag and a press.
#
# * **Which unit holds Italy?** Choose sequence 1 and *Cell state*. Draw over one row of the map, from the word after
#   *Italy* to the end, and hold it at 0. For most units nothing happens. For one of them the loss jumps.
# * **Is the country let in once?** Choose *Input gate* and close it, in all units, at the last country of sequence 0.
#   What does the reader answer now, and why just that?
# * **Never forget.** Choose *Forget gate*, draw along the whole text, and hold it at 1.

# %%
scalpel = rw.Cursor(sequence=1, step=4, unit=25)
rw.Surgery(reader, stories, Recall.words, answers, array="cell", cursor=scalpel, **options)

# %% [markdown]
# Unit 25 it is, for Italy. In the other two stories it is hardly missed: there the answer is spread over many units.
#
# In Python the same is one line around your own model. It runs torch's layer step by step as long as something is
# held, and leaves it as it was. In the widget, **Save › Copy the code** writes these lines for what you hold;
# `to_code()` writes the loop in plain PyTorch.

# %% tags=["show-code"]
from torch.nn.functional import cross_entropy

wanted = torch.tensor(answers)
with torch.no_grad():
    print("untouched:", [Recall.words[k] for k in reader(stories)[-1].argmax(-1)])
    with rv.intervene(reader, gate="cell", units=25, steps=slice(5, None), value=0.0):
        losses = cross_entropy(reader(stories)[-1], wanted, reduction="none")
        print("unit 25 held at 0: the loss of story 1 is above 1:", bool(losses[1] > 1))
    with rv.intervene(reader, gate="input", steps=words[0].index("France"), value=0.0):
        answer = Recall.words[reader(stories)[-1, 0].argmax()]
        print("no input at France: right?", answer == "French")

# %% [markdown]
# ## GRU
#
# Is there a simpler cell that does as much? Cho and others (2014) found one: one state, and two gates.
#
# $$\mathbf{z}_t = \sigma(\cdots) \qquad \mathbf{r}_t = \sigma(\cdots) \qquad
# \mathbf{n}_t = \tanh(\mathbf{W}_x \mathbf{x}_t + \mathbf{b}
# + \mathbf{r}_t \odot (\mathbf{W}_h \mathbf{h}_{t-1} + \mathbf{b}'))$$
#
# $$\mathbf{h}_t = (1 - \mathbf{z}_t) \odot \mathbf{n}_t + \mathbf{z}_t \odot \mathbf{h}_{t-1}$$
#
# The [**update gate**](glossary.ipynb#update-gate) $\mathbf{z}$ forgets exactly as much as it lets in. The [**reset
# gate**](glossary.ipynb#reset-gate) $\mathbf{r}$ decides how much of the past the candidate may see. There is no output
# gate, and no second state. Here is one by the same pictures, after 250 updates on the stories.

# %% tags=["show-code"]
from rnnviz.models import StoryReader, recall_loss

gru = StoryReader("GRU", seed=1)
task = Recall(range(4, 21))
for step in train(gru, task, loss=recall_loss, learning_rate=0.01, clip_norm=1.0, steps=250):
    pass
with rv.record(gru) as gated:
    gru(stories)
side_by_side = rw.Cursor(step=10)
rw.CellAnatomy(gated, cursor=side_by_side, labels=words)

# %%
rw.GateHeatmap(gated, cursor=side_by_side, labels=words)

# %% [markdown] tags=["exercise"]
# ### Exercise 3: one step of a GRU
#
# The rows of `W_x`, `W_h`, `b_x` and `b_h` are r, z, n. Keep the two biases apart, since one of them stands inside the
# reset.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def gru_step(x, h, W_x, W_h, b_x, b_h):
    # Two products: x @ W_x.T + b_x and h @ W_h.T + b_h.
    return ...


rw.exercise("07", "gru-step", gru_step)


# %% tags=["solution"]
def gru_step(x, h, W_x, W_h, b_x, b_h):
    r_x, z_x, n_x = (x @ W_x.T + b_x).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ W_h.T + b_h).chunk(3, dim=-1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = (n_x + r * n_h).tanh()
    return (1 - z) * n + z * h


rw.exercise("07", "gru-step", gru_step, keep=False)

# %%
rw.ask("07", "gru-z")

# %% [markdown]
# LSTM or GRU? In the race above the GRU reaches as far as any stage, with a quarter fewer weights than an LSTM, but
# with one of five seeds it does not start. Try both. A difference that one seed shows is none.

# %% [markdown]
# ## Dropout between layers
#
# Cells can be stacked: the hidden states of one are the inputs of the next. With more weights than data, such a stack
# learns its examples by heart. [**Dropout**](glossary.ipynb#dropout) is the usual cure: in training, each value that
# goes *up* is kept with a probability, 0.5 say, and otherwise set to 0. What goes from step to step is left alone.
# Here are the states of a first layer, and what the second one hears. Press **Draw again**, then **In use**.

# %%
torch.manual_seed(2)
stack = torch.nn.LSTM(16, 24, num_layers=2, dropout=0.5).eval()
with rv.record(stack) as stacked:
    stack(reader.embed(stories).detach())
rw.DropoutMap(stacked, keep=0.5, labels=words)

# %%
rw.ask("07", "dropout-where")

# %% [markdown]
# ## Three layers read digits
#
# Lesson 04 read handwritten digits row by row. What do depth and gates add? All have 150 units in each layer, and learn
# with Adam at 0.001 from batches of 150; these results take an hour and are stored (`rnnviz prove mnist_rows`).

# %% tags=["show-code"]
Report([row for row in read_rows("mnist_rows") if row.what.endswith("epoch 10")])

# %% [markdown]
# Three plain layers instead of one gain a quarter of a percent, three LSTM layers more than one: of 10,000 digits the
# LSTM misses 135, the plain network 243. That is one seed each. And the convolutional net, which sees the whole picture
# at once, is still about as good, in a fraction of the time: an image is no story.

# %% [markdown] tags=["exercise"]
# ### Exercise 4, open: how far can you carry a word?
#
# Write `build(words)`: it returns an untrained `torch.nn.Module` that turns stories, (time, batch) of word numbers,
# into logits, (time, batch, words). It is then trained as in the race, 400 updates on stories with 4 to 20 words in
# between. The score is the farthest distance at which nine of ten answers are right. **The goal is 120 words.** An
# LSTM with a forget bias of 1 gets about half as far.


# %% tags=["exercise"]
import rnnviz_widgets as rw


class Mine(torch.nn.Module):
    def __init__(self, words):
        super().__init__()
        self.embed, self.lstm = torch.nn.Embedding(words, 16), torch.nn.LSTM(16, 32)
        self.decide = torch.nn.Linear(32, words)

    def forward(self, stories):
        return self.decide(self.lstm(self.embed(stories))[0])


build = ...  # Mine, as it is, or mended
rw.exercise("07", "recall-far", build)


# %% tags=["solution"]
class Keeping(Mine):
    def __init__(self, words):
        super().__init__(words)
        with torch.no_grad():
            self.lstm.bias_ih_l0[32:64] += 3.0  # the rows of the forget gate


rw.exercise("07", "recall-far", Keeping, keep=False)

# %% [markdown]
# ## What stays weak
#
# **One after the other.** All four sums of step $t$ contain $\mathbf{h}_{t-1}$. A thousand words are a thousand
# steps, and no number of processors makes them fewer. [Lesson 09](09-reservoirs.ipynb) shows what it takes to compute
# all steps at once, and what is given up for it.
#
# **Very long spans.** A forget gate at 0.99 leaves $0.99^{100} = 0.37$ after a hundred steps, and 0.00004 after a
# thousand. What is due to a step that far back is still a product of that many factors. They are closer to 1 now, and
# learned; but they are factors.
#
# **A fixed size.** Everything the cell knows of the past must fit into $\mathbf{c}$, however long the past is.

# %%
rw.ask("07", "still-weak")

# %% [markdown]
# ## What you take along
#
# * An LSTM is a sum with three valves: forget, let in, show. $\mathbf{c}_t = \mathbf{f}_t \odot \mathbf{c}_{t-1} +
#   \mathbf{i}_t \odot \mathbf{g}_t$, and $\mathbf{h}_t = \mathbf{o}_t \odot \tanh(\mathbf{c}_t)$.
# * Along $\mathbf{c}$ the gradient is multiplied by the forget gate, not by a weight matrix and a slope. Hence no tanh
#   around the sum.
# * On our stories the forget gate buys most, the input gate makes it reliable, the output gate buys nothing. Measure
#   it on your own task.
# * The forget bias decides how much is kept before anything is learned. Set it: PyTorch does not.
# * What a gate does can be seen; what it is for has to be tried: `rv.intervene`.
# * A GRU does with two gates what an LSTM does with three. Neither can skip a step.
#
# **Next: [deep RNNs](08-deep-rnns.ipynb).** What one layer shows, another can read. What does each layer of such a
# stack remember, and when is one layer enough?
