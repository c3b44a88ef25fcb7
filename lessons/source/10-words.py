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
#     title: Words
#     minutes: 85
#     exercise_minutes: 40
#     outcomes:
#       - cut a sentence into words, and say what becomes of words that the vocabulary does not have
#       - say why a row of numbers is better than a one-hot vector, and look one up
#       - train word vectors from nothing but neighbours, and read them from a file
#       - find neighbours and analogies, and say how often analogies work
#       - read a sentence for its sentiment, word by word, and say when that beats counting words
#     summary: Words become rows of numbers that move while they learn, and a sentence is judged word by word.
# ---

# %% [markdown]
# # Words
#
# 165 words, each at a random place: nobody has said what they mean. Press **Train**. The computer reads 3,000
# sentences, and learns only to guess which words stand near which. **Which words find each other?** Press one for its
# neighbours.

# %%
import torch

import rnnviz as rv
import rnnviz_widgets as rw
from rnnviz.data import WORD_KINDS, Words, everyday_sentences
from rnnviz.models import WordLearning

sentences = everyday_sentences()
vocabulary = Words(sentences)
options = {"size": 32, "batch": 512, "learning_rate": 0.01}
learning = WordLearning.skip_gram(vocabulary, sentences, **options)
rw.EmbeddingMap(learning, word="milk", groups=WORD_KINDS)

# %% [markdown]
# <details><summary>After this lesson you can …</summary>
#
# * cut a sentence into words, and say what becomes of words that the vocabulary does not have,
# * say why a row of numbers is better than a one-hot vector, and look one up,
# * train word vectors from nothing but neighbours, and read them from a file,
# * find neighbours and analogies, and say how often analogies work,
# * read a sentence for its sentiment, word by word, and say when that beats counting words.
#
# </details>

# %% [markdown] tags=["lab-only"]
# Run the cells in order, one at a time with **Shift+Enter**, or all of them with **Run › Run All Cells**.

# %% [markdown]
# What you see is a map: each word is a point in a space of 32 numbers, laid flat as well as it can be. Drinks huddle
# together, and so do cities and days, although no sentence says that milk is a drink. How does that come about? And
# what is it good for? First, how a word becomes numbers at all.

# %% [markdown]
# ## A number for each word
#
# A network reads numbers. So a sentence is cut into words, and each word gets its number in a list, the
# [**vocabulary**](glossary.ipynb#vocabulary). What is cut and how is a matter of rules, and every rule loses
# something. Ours are few:
#
# * Capitals become small letters. *Apple* and *apple* are then one word.
# * Full stops, commas and their like are words of their own; brackets and quotes are left out.
# * Every number becomes `[NUM]`, every web address `[URL]`: no corpus is large enough to learn each of them.
# * A word that is not in the list becomes [**`[UNK]`**](glossary.ipynb#UNK), *unknown*.
#
# Change the sentence, and see what is read. Try a number, an address, your own name, `DON'T` and `milk-white`. Then
# press **One-hot**.

# %%
torch.manual_seed(0)
table = torch.nn.Embedding(50_000, 150)
rw.WordLookup(vocabulary, table, "I drink milk")

# %% [markdown]
# The number itself means nothing: word 40 is not twice word 20. What lesson 04 did with classes helps here too: a
# [**one-hot vector**](glossary.ipynb#one-hot-vector), as long as the vocabulary, with a single 1 at the word's place.
# With a vocabulary of 50,000, which is not large, three words are 150,000 numbers, of which 149,997 are zeros.

# %%
rw.ask("10", "one-hot-distance")

# %% [markdown]
# ### How many words?
#
# A larger vocabulary leaves less out, but most of its words are seen too rarely to be learned. Here are the words of
# the language reference that comes with Python, the most frequent first. How much of the text do they cover?

# %%
from rnnviz.data import manual

counts = torch.tensor(sorted(Words(manual().text.split("\n")).counts, reverse=True)).double()
covered = counts.cumsum(0) / counts.sum()
once = int((counts > 1).sum())
curve = {"x": list(range(1, len(counts) + 1)), "y": covered.tolist(), "name": "covered", "showlegend": False}
edge = {"x": [once, once], "y": [0, 1], "name": "words that come only once", "line": {"dash": "dot"}}
axes = {"xaxis": {"title": "words in the vocabulary", "type": "log"}, "yaxis": {"title": "share of the text"}}
rw.PlotlyFigure([curve, edge], {"height": 300, **axes})

# %% [markdown]
# A hundred words cover more than half of it. To the right of the dotted line stands what occurs a single time: a good
# part of the vocabulary, and next to nothing of the text. `Words(sentences, least=2)` leaves such words out, and
# `most=10_000` sets a limit.

# %%
rw.ask("10", "unknown")

# %% [markdown]
# ## A row for each number
#
# What would a network do with a one-hot vector? It multiplies it by a matrix $\mathbf{E}$ with a row for each word. All
# zeros drop out, and what is left is *one row*. So nobody multiplies. The row is simply looked up:
#
# $$\mathbf{x}_t = \mathbf{E}^{\!\top}\, \text{one-hot}(w_t) = \text{row } w_t \text{ of } \mathbf{E}$$
#
# Such a row is a [**word embedding**](glossary.ipynb#word-embedding), or word vector: here 150 numbers, all of them in
# use, instead of 50,000 of which one is. The table is a weight like any other, and learned with the rest.

# %% tags=["show-code"]
numbers = vocabulary.encode("I drink milk")
one_hot = torch.nn.functional.one_hot(numbers, 50_000).float()
print("word by word:", dict(zip(vocabulary.decode(numbers), numbers.tolist(), strict=True)))
print("one-hot:     ", tuple(one_hot.shape), " looked up:", tuple(table(numbers).shape))
print("the same:    ", torch.equal(one_hot @ table.weight, table(numbers)))

# %% [markdown]
# Two things are gained. The multiplication, 50,000 × 150 for each word, is gone. And a word is no longer equally far
# from all others: what is learned of *milk* helps with *tea*, if their rows are alike. What is *not* gained is space.
# The table has 7.5 million weights, as many as the matrix behind a one-hot vector.

# %%
rw.ask("10", "lookup-gradient")

# %% [markdown] tags=["exercise"]
# ### Exercise 1: the average of a sentence
#
# The simplest vector of a whole sentence is the average of its words' vectors. `table` is (word, size), `numbers`
# (time, batch) the words of several sentences, and −1 where a sentence has ended. Return (batch, size).


# %% tags=["exercise"]
import rnnviz_widgets as rw


def average(table, numbers):
    # Every sentence has at least one word.
    return ...


rw.exercise("10", "average", average)


# %% tags=["solution"]
def average(table, numbers):
    real = (numbers >= 0)[..., None]
    vectors = table[numbers.clamp(min=0)] * real
    return vectors.sum(0) / real.sum(0)


rw.exercise("10", "average", average, keep=False)

# %% [markdown]
# ## You shall know a word by the company it keeps
#
# So wrote the linguist J. R. Firth in 1957, and the map above did just that. Its small network is called
# [**skip-gram**](glossary.ipynb#skip-gram) (Mikolov and others, 2013). It looks up the vector of one word $w$, and a
# second matrix $\mathbf{U}$ and a softmax turn it into a guess which words $v$ stand near it:
#
# $$P(v \mid w) = \mathrm{softmax}(\mathbf{U}\, \mathbf{x}_w)_v$$
#
# The loss is the cross entropy that you know from lesson 04. Nobody needs the guesses. What is kept is the table.

# %% tags=["show-code"]
from rnnviz.models import list_neighbours

pairs = list_neighbours([vocabulary.encode("I drink milk every morning .")], window=2)
print("to be guessed:", ", ".join(" → ".join(vocabulary.decode(pair)) for pair in pairs[:5]), "…")
print(
    "from all sentences:",
    len(list_neighbours([vocabulary.encode(one) for one in sentences], window=4)),
    "pairs",
)

# %%
taught = WordLearning.skip_gram(vocabulary, sentences, **options)
for _ in range(1000):
    taught.step()
vectors = taught.vectors()
rw.ask("10", "who-is-near", show=rw.EmbeddingMap(vectors, word="milk"))

# %% [markdown] tags=["after=who-is-near"]
# Why? *Milk* and *tea* must both foretell *drink*, *glass* and *morning*, so the same $\mathbf{U}$ has to get the same
# guesses out of both. The easiest way is to make them alike. *Drink* itself has to foretell something else.
#
# How alike two vectors are is measured by the angle between them, since their lengths say rather how often a word
# comes: the [**cosine**](glossary.ipynb#cosine-similarity), 1 for the same direction, 0 for a right angle, −1 for
# opposite ones.
#
# $$\cos(\mathbf{a}, \mathbf{b}) = \frac{\mathbf{a} \cdot \mathbf{b}}{\lVert\mathbf{a}\rVert\,\lVert\mathbf{b}\rVert}$$

# %% [markdown] tags=["exercise"]
# ### Exercise 2: neighbours
#
# `table` is (word, size), `word` the number of a row. Return the numbers of the `count` words whose vectors point most
# nearly the same way, the nearest first, without the word itself.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def neighbours(table, word, count):
    return ...


rw.exercise("10", "neighbours", neighbours)


# %% tags=["solution"]
def neighbours(table, word, count):
    unit = table / table.norm(dim=1, keepdim=True)
    cosines = unit @ unit[word]
    cosines[word] = -2
    return cosines.argsort(descending=True)[:count]


rw.exercise("10", "neighbours", neighbours, keep=False)

# %% [markdown]
# ## Analogies
#
# If words of one kind lie together, perhaps *differences* mean something too. *Man* is to *woman* as *king* is to …?
# Take *king*, go the way that leads from *man* to *woman*, and look which word is nearest to where you arrive. The map
# draws it. Then try *france − paris + rome*, and *barks − dog + cat*.

# %%
rw.EmbeddingMap(vectors, analogy=("king", "man", "woman"), groups={"people": WORD_KINDS["people"]})

# %% [markdown]
# You find *king − man + woman = queen* in every talk about word vectors. A few fine examples prove little. So ask
# them all: five relations, each pair of words by each other pair, 110 questions. An answer counts if it is the nearest
# of all words, with the three of the question left out, as is usual.

# %%
from rnnviz.experiments.results import read_rows
from rnnviz.experiments.table import Report

asked = {row.what: row.median for row in read_rows("analogies")}
relations = [name for name in asked if "," not in name]
ways = {"three words left out": "", "no word left out": ", no word left out"}
ways |= {"c's neighbour alone": ", c's neighbour alone", "vectors made by counting": ", by counting"}
bars = [
    {"type": "bar", "name": way, "x": relations, "y": [asked[name + end] for name in relations]}
    for way, end in ways.items()
]
axes = {"yaxis": {"title": "share answered", "range": [0, 1.05], "tickformat": ".0%"}}
usual = rw.PlotlyFigure(bars[:1], {"height": 280, "margin": {"t": 20}, **axes})
rw.ask("10", "how-often", show=usual)

# %% [markdown] tags=["after=how-often"]
# Two relations work always, three hardly ever. What do they answer instead? Asked for a language, they name a
# language, and asked for several animals, several animals: words of the right kind, and the wrong ones. What *kind* of
# word stands where is said by every sentence. What *italian* has to do with *italy*, and not with *spain*, is said by
# few.
#
# And are the three words left out for a good reason? See what happens if they may be answers, and what c's nearest
# neighbour alone would get, without any offset. The last bars are of vectors that were not learned at all: they come
# from a table that counts which words stand near which.

# %% tags=["after=how-often"]
rw.PlotlyFigure(bars, {"height": 360, **axes})

# %% [markdown] tags=["after=how-often"]
# On much larger corpora the picture is much the same: Mikolov and others (2013) got four in ten of theirs right, and
# Linzen (2016) showed for how many of them the nearest neighbour of c would have done. Here it would not. These numbers
# are stored; `rnnviz prove analogies` makes them anew.

# %% [markdown] tags=["exercise"]
# ### Exercise 3: mend it
#
# This function should answer "a is to b as c is to …". It is **broken on purpose**. Run it, read what the check says,
# find the fault and mend it.


# %% tags=["exercise"]
import rnnviz_widgets as rw


def answer_analogy(table, a, b, c):
    unit = table / table.norm(dim=1, keepdim=True)
    target = unit[b] - unit[a] + unit[c]
    return (unit @ target).argmax()


rw.exercise("10", "analogy", answer_analogy)


# %% tags=["solution"]
def answer_analogy(table, a, b, c):
    unit = table / table.norm(dim=1, keepdim=True)
    target = unit[b] - unit[a] + unit[c]
    cosines = unit @ target
    cosines[[a, b, c]] = -torch.inf
    return cosines.argmax()


rw.exercise("10", "analogy", answer_analogy, keep=False)

# %% [markdown]
# ## Vectors that others have learned
#
# Our sentences are made up, so that a second of training is enough. Real language says the same less clearly, and it
# takes a billion words to hear it. That has been done: GloVe, word2vec and fastText have published tables for hundreds
# of thousands of words. Their files are plain text, a line for each word. Those of word2vec and fastText begin with
# the number of words and of columns.

# %% tags=["show-code"]
import pathlib
import tempfile
from rnnviz.data import WordVectors, read_vectors, write_vectors

small = WordVectors(("milk", "tea"), torch.tensor([[0.1, 0.9], [0.2, 0.8]]))
with tempfile.TemporaryDirectory() as folder:
    path = write_vectors(small, pathlib.Path(folder) / "vectors.txt", header=True)
    print(path.read_text())
    print(read_vectors(path))

# %% [markdown]
# Have you downloaded `glove.6B.100d.txt`? `read_vectors("glove.6B.100d.txt")` reads its 400,000 × 100 numbers straight
# into the table, in a fifth of the time that `gensim` takes, and with hardly more memory than the table itself
# (`rnnviz bench vectors` measures both on your machine). Any of the widgets above takes the result.
#
# Into a network of your own they go as the start of its table:
# `torch.nn.Embedding.from_pretrained(vectors.values, freeze=True)` keeps them as they are, `freeze=False` lets them be
# learned further.

# %% [markdown]
# ## Good is not bad
#
# Back to what words are for. Lesson 06 had a guest who was not happy. Here are 1,500 short reviews of films, books,
# soups, hotels and phones, made up, half of them praise. First, vectors from neighbours again:

# %%
from rnnviz.data import made_up_reviews

reviews = made_up_reviews(1500)
learn, test = reviews.split(0.8)
review_words = Words(learn.sentences)
company = WordLearning.skip_gram(review_words, learn.sentences, **options)
for _ in range(1000):
    company.step()
verdicts = {
    "praise": "good great wonderful excellent lovely",
    "blame": "bad poor terrible awful disappointing",
}
verdicts = {name: some.split() for name, some in verdicts.items()}
near = rw.EmbeddingMap(company.vectors(), word="good", groups=verdicts)
rw.ask("10", "good-and-bad", show=near)

# %% [markdown] tags=["after=good-and-bad"]
# Words that can stand in each other's place keep the same company, whatever they mean. For a shop that looks for
# *similar products* that may be just right. For telling praise from blame it is of no use at all.

# %% [markdown]
# But the table is a weight, and another task fills it with something else. Here a GRU of 16 units reads each review
# and says at its last word whether it praises: sequence → vector, as in [lesson 03](03-sequence-shapes.ipynb). Its
# table is trained along with it. Press **Train**, and follow *good* and *bad*.

# %%
from rnnviz.data import pad_sentences

padded, lengths = pad_sentences([review_words.encode(one) for one in learn.sentences])
judging = WordLearning.sentiment(review_words, padded, learn.positive)
rw.EmbeddingMap(judging, word="good", groups=verdicts)

# %% [markdown]
# After two hundred updates *good* and *bad* stand at opposite ends, and *great* beside *good*. Films and hotel rooms
# lie in a heap in the middle: for this task they are all the same. No table holds *the* meaning of a word. It holds
# what one task needed.

# %%
rw.ask("10", "what-for")

# %% [markdown]
# ## Word by word
#
# The GRU judges at the end, but its readout can be asked after every word: what would you say if the sentence ended
# here? The colour is the verdict so far. Step through the sentences, and watch the state behind it, below. Where does
# the verdict turn? Then type a sentence of your own, such as *the soup was not delicious at all .*

# %% tags=["show-code"]
from rnnviz.data import split_words

judge = WordLearning.sentiment(review_words, padded, learn.positive)
for _ in range(300):
    judge.step()
model = judge.training.model
texts = ["the film was not boring at all .", "the soup was stale , but the cake was delicious ."]
texts += ["i expected the room to be clean , and it was dirty .", "nobody could call the screen sharp ."]
with rv.record(model) as reading:
    logits = model(pad_sentences([review_words.encode(text) for text in texts])[0])
print("praise?", (logits > 0).tolist())

# %%
together = rw.Cursor()
head = {"embedding": model.embedding, "head": model.projection, "array": "verdict", "cursor": together}
rw.TextStates(reading, [split_words(text) for text in texts], vocabulary=review_words, **head)

# %%
rw.GateHeatmap(reading, cursor=together, labels=[split_words(text) for text in texts])

# %% [markdown]
# *Not* is no verdict: it changes what the next words will do. That is what a state is for. A [**bag of
# words**](glossary.ipynb#bag-of-words), which only counts which words there are, cannot tell *not boring, clever* from
# *not clever, boring*. Let both judge the reviews that nobody has trained on:

# %%
judged = read_rows("sentiment")
made_up = {row.what.removeprefix("made-up, "): row for row in judged if row.what.startswith("made-up")}
shown = ["logistic regression", "naive Bayes", "naive Bayes, pairs too", "GRU", "LSTM"]
shares = [made_up[name].median for name in shown]
bars = {"type": "bar", "x": shares, "y": [name.replace(", ", ",<br>") for name in shown], "orientation": "h"}
bars |= {"name": "made-up reviews", "text": [f"{one:.0%}" for one in shares], "textposition": "outside"}
axes = {"xaxis": {"title": "judged rightly", "range": [0, 1.25], "tickformat": ".0%"}}
axes |= {"yaxis": {"automargin": True}, "margin": {"t": 20}}
rw.PlotlyFigure([bars], {"height": 260, **axes})

# %% [markdown]
# Reading wins, by far. But we have made up these sentences *so that* small words turn them around. What about
# sentences that people have written?

# %% [markdown]
# ## Real reviews
#
# B. Pang and L. Lee collected 10,662 sentences from film reviews in 2005, half of them praise. 8,530 are there to learn
# from and to choose by, 2,132 to test on. The LSTM and the GRU have vectors of 50 numbers and 50 units; five seeds
# each.

# %%
real = [row for row in judged if row.what.startswith("real") and "shuffled" not in row.what]
names = [row.what.removeprefix("real, ").replace(", ", ",<br>") for row in real]
shares = [row.median for row in real]
bars |= {"name": "real reviews", "x": shares, "y": names, "text": [f"{one:.1%}" for one in shares]}
rw.ask("10", "real-reviews", show=rw.PlotlyFigure([bars], {"height": 300, **axes}))

# %% [markdown] tags=["after=real-reviews"]
# Three in four are judged rightly, by whatever method, and the simplest are not the worst. So does the LSTM read at
# all? Shuffle the words of each test sentence, and ask it again:

# %% tags=["after=real-reviews"]
shares = {row.what: row.median for row in judged}
orders = {"in order": "", "shuffled": ", words shuffled"}
parts = []
for kind in ("made-up", "real"):
    heights = [shares[f"{kind}, LSTM{ending}"] for ending in orders.values()]
    text = [f"{one:.0%}" for one in heights]
    parts.append({"type": "bar", "name": f"{kind} reviews", "x": list(orders), "y": heights})
    parts[-1] |= {"text": text, "textposition": "outside"}
axes = {"yaxis": {"title": "judged rightly", "range": [0, 1.15], "tickformat": ".0%"}}
rw.PlotlyFigure(parts, {"height": 280, **axes})

# %% tags=["after=real-reviews"]
rw.Folded(
    "All numbers, on made-up and on real reviews, with their ranges over five seeds",
    str(Report(judged, digits=3)),
)

# %% [markdown] tags=["after=real-reviews"]
# On the made-up reviews the order is what counts. On the real ones the LSTM hardly misses it: it has become a bag of
# words itself. From 7,700 sentences it learns which words are kind and which are not, and learns them by heart; the
# rare turns of phrase, for which one needs the order, are too rare to be learned. What helps is more text: vectors
# that were learned from a billion words, or a whole network that was.
#
# These results are stored, too; `rnnviz prove sentiment` makes them anew, on the real sentences if you have
# their files. **Always race a simple method.** It shows what your network has really learned.

# %% [markdown] tags=["exercise"]
# ### Exercise 4, open: learn from few
#
# Labels are dear. This time there are only 200 reviews to learn from. Write `build(words)`: it returns an untrained
# `torch.nn.Module` that turns (time, batch) word numbers, with −1 where a sentence has ended, into one logit for
# each sentence, above 0 for praise. It is trained with 400 updates and then judges 1,300 others. **The goal is 0.85 of
# them.** An average of word vectors reaches two thirds, the network from above, of 16 units, not three quarters.


# %% tags=["exercise"]
import rnnviz_widgets as rw
from rnnviz.models import SentimentModel


def build(words):
    # SentimentModel(words, 16, 16) has an `embedding`, a GRU named `recurrent`, and a `projection`.
    return ...


rw.exercise("10", "learn-from-few", build)


# %% tags=["solution"]
def build(words):
    model = SentimentModel(words, 32, 32)
    # Half of each vector, and of the last state, is dropped: no single number can be relied on.
    model.embedding = torch.nn.Sequential(torch.nn.Embedding(words, 32), torch.nn.Dropout(0.5))
    model.projection = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Linear(32, 1))
    return model


rw.exercise("10", "learn-from-few", build, keep=False)

# %% [markdown]
# ## What you take along
#
# * A sentence is cut by rules into words, and each word gets its number. What the vocabulary does not have becomes
#   `[UNK]`.
# * A number picks a row of a table. That is a one-hot vector times a matrix, without the multiplication.
# * Words that keep the same company get similar rows, whatever they mean: *good* beside *bad*.
# * Another task fills the same table with something else. No table holds *the* meaning.
# * Some analogies work always and others hardly ever. Count before you believe.
# * Reading beats counting where order decides, *and* where there is enough to learn it from. On 10,662 real
#   sentences it does not.
#
# **Next: [translation](11-translation.ipynb).** One network reads words there, and another writes them. Which of
# the [shapes of lesson 03](03-sequence-shapes.ipynb) has this lesson used, and which would a translator need?
