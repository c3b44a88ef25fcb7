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
#     title: Glossary
#     summary: The words of the course, each in a sentence or two.
# ---

# %% [markdown]
# # Glossary
#
# The words of this course, each in a sentence or two: its symbol, its name in PyTorch where it has one, and the
# lesson that explains it.
#
# [A](#A) · [B](#B) · [C](#C) · [D](#D) · [E](#E) · [F](#F) · [G](#G) · [H](#H) · [I](#I) · [J](#J) · [K](#K) ·
# [L](#L) · [M](#M) · [N](#N) · [O](#O) · [P](#P) · [R](#R) · [S](#S) · [T](#T) · [U](#U) · [V](#V) · [W](#W)

# %% [markdown]
# ## A
#
# ### activation
#
# The function that a neuron applies to its sum: tanh, ReLU, or none at all. Without one, a network of any depth
# is a single weighted sum.
#
# $f$, $\tanh$ · PyTorch: `torch.tanh`, `nonlinearity=` · [lesson 02](02-the-recurrent-neuron.ipynb) · see also
# [tanh](#tanh), [ReLU](#ReLU), [saturation](#saturation)
#
# ### Adam
#
# A way to turn gradients into changes of weights. It keeps a running mean of each weight's gradient and of its
# square, and so gives each weight a step size of its own.
#
# PyTorch: `torch.optim.Adam` · [lesson 05](05-forecasting.ipynb) · see also [learning rate](#learning-rate),
# [optimiser](#optimiser)
#
# ### adding problem
#
# A task that needs a long memory: a list of numbers, two of them marked, and at the end their sum is asked for.
# Always answering 1 gives a squared error of 1/6.
#
# [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [temporal order](#temporal-order),
# [vanishing gradient](#vanishing-gradient)
#
# ### attention
#
# Before each word that a decoder says, it compares its state with every state of the encoder, and reads their mean,
# weighted by how well they fit. So nothing has to pass through one state.
#
# $\mathbf{c}_k = \sum_t a_{kt}\, \mathbf{h}_t$ · PyTorch: `functional.scaled_dot_product_attention` ·
# [lesson 11](11-translation.ipynb) · see also [encoder](#encoder), [decoder](#decoder)
#
# ### autoregression
#
# A model that reads its own last output as an input. With inputs from outside besides, engineers call it NARX.
#
# $y_t = f(x_t, y_{t-1})$ · [lesson 01](01-sequences-and-memory.ipynb) · see also
# [infinite response](#infinite-response), [feeding back](#feeding-back)

# %% [markdown]
# ## B
#
# ### backpropagation through time
#
# The backward pass through an unrolled network, from the last step in the cost to the first step of the
# sequence. Its short name is BPTT.
#
# PyTorch: `loss.backward()` · [lesson 04](04-training-through-time.ipynb) · see also
# [backward pass](#backward-pass), [truncated backpropagation](#truncated-backpropagation),
# [unrolling](#unrolling)
#
# ### backward pass
#
# The computation that starts at the cost and finds, going back, how much the cost would change with every state
# and every weight.
#
# $\partial L / \partial \mathbf{h}_t$ · PyTorch: `loss.backward()` ·
# [lesson 04](04-training-through-time.ipynb) · see also [forward pass](#forward-pass), [gradient](#gradient)
#
# ### bag of words
#
# A sentence as the list of the words in it, in no order: what is counted when nothing is read. A good baseline for
# anything that reads.
#
# [lesson 10](10-words.ipynb) · see also [vocabulary](#vocabulary), [baseline](#baseline)
#
# ### baseline
#
# A forecast that costs next to nothing, such as “the same as now” or “the same as a season ago”. A model is
# worth what it gains over the best of them, on the same values.
#
# [lesson 05](05-forecasting.ipynb) · see also [split](#split), [leakage](#leakage)
#
# ### batch
#
# Several sequences that go through the network side by side. They share the weights and do not hear each other.
# A batch drawn for one step of training is also called a mini-batch.
#
# $\mathbf{X}_t$ · PyTorch: the middle axis of (time, batch, feature), or the first with `batch_first=True` ·
# [lesson 02](02-the-recurrent-neuron.ipynb) · see also [instance](#instance), [padding](#padding)
#
# ### beam search
#
# Keeping the best few beginnings of a sentence at every step, in place of one alone (which is called greedy).
#
# [lesson 11](11-translation.ipynb) · see also [decoder](#decoder)
#
# ### bias
#
# A number that a neuron adds to its sum, whatever comes in. It is learned like a weight.
#
# $\mathbf{b}$ · PyTorch: `bias_ih_l0` and `bias_hh_l0`, which are added ·
# [lesson 02](02-the-recurrent-neuron.ipynb) · see also [weight](#weight), [forget bias](#forget-bias)
#
# ### bidirectional
#
# Reading a sequence with two layers, one from each end. Each step then knows what came before and what comes
# after, so it is of no use where the future is not there yet.
#
# PyTorch: `bidirectional=True` · [lesson 03](03-sequence-shapes.ipynb), [lesson 08](08-deep-rnns.ipynb) · see also
# [final state](#final-state), [length](#length)
#
# ### BLEU
#
# A score for translations, from 0 to 100: how many of the words, pairs, triples and fours of words that were said
# stand in a translation that somebody wrote; what is too short is punished.
#
# [lesson 11](11-translation.ipynb)

# %% [markdown]
# ## C
#
# ### candidate
#
# In a gated cell, what it would like to write into its memory at this step. The gates decide how much of it is
# written.
#
# $\mathbf{g}_t$ (LSTM), $\mathbf{n}_t$ (GRU) · [lesson 07](07-lstm-gate-by-gate.ipynb) · see also [gate](#gate),
# [GRU](#GRU), [LSTM](#LSTM)
#
# ### cell
#
# The part of a network that keeps something from step to step, together with the rule by which it moves on. A
# plain recurrent layer, a GRU and an LSTM are three kinds.
#
# PyTorch: `nn.RNNCell`, `nn.GRUCell`, `nn.LSTMCell` · [lesson 02](02-the-recurrent-neuron.ipynb) · see also
# [hidden state](#hidden-state), [gate](#gate)
#
# ### cell state
#
# The LSTM's second state, kept apart from what it shows. At each step it is multiplied by the forget gate, which can
# stay near 1, and added to. That lets it keep something for long.
#
# $\mathbf{c}_t$ · PyTorch: `c_n` (the last one only) · [lesson 00](00-start-here.ipynb) · see also
# [hidden state](#hidden-state), [LSTM](#LSTM), [forget gate](#forget-gate)
#
# ### convolution
#
# A layer that slides the same few weights along its input. It sees as far as it has weights, and no further.
#
# PyTorch: `nn.Conv1d` · [lesson 01](01-sequences-and-memory.ipynb) · see also [window](#window),
# [finite response](#finite-response)
#
# ### cosine similarity
#
# How nearly two vectors point the same way, whatever their lengths: 1 for the same direction, 0 for a right angle, −1
# for opposite directions.
#
# $\mathbf{a} \cdot \mathbf{b} \,/\, (\lVert\mathbf{a}\rVert\,\lVert\mathbf{b}\rVert)$ · PyTorch:
# `functional.cosine_similarity` · [lesson 10](10-words.ipynb) · see also [word embedding](#word-embedding)
#
# ### cost
#
# The one number that says how wrong the network is, often a mean over steps and sequences. Also called the
# loss.
#
# $L$ · PyTorch: what `backward()` is called on · [lesson 04](04-training-through-time.ipynb) · see also
# [mask](#mask), [cross-entropy](#cross-entropy), [mean squared error](#mean-squared-error)
#
# ### cross-entropy
#
# The cost of a classifier: how surprised it is by the right answer. Sure and right costs nothing, sure and
# wrong a lot.
#
# PyTorch: `nn.CrossEntropyLoss` · [lesson 04](04-training-through-time.ipynb) · see also [cost](#cost)

# %% [markdown]
# ## D
#
# ### decoder
#
# The second of two networks: it starts from a state that it was handed, and writes a sequence until it says
# that it has finished.
#
# [lesson 03](03-sequence-shapes.ipynb) · see also [encoder](#encoder),
# [end-of-sequence token](#end-of-sequence-token)
#
# ### dropout
#
# Setting values to 0 at random while training, so that a network cannot lean on single ones. Between stacked layers it
# acts on what goes up, not on what goes from step to step. In use nothing is dropped.
#
# PyTorch: `dropout=` of `nn.LSTM`, the probability to drop ·
# [lesson 07](07-lstm-gate-by-gate.ipynb) · see also [normalisation](#normalisation)
#
# ### dynamical system
#
# Something whose next state is a function of its present state, and of nothing else. A recurrent network
# without inputs is one.
#
# $s_t = f(s_{t-1}; \theta)$, with weights $\theta$ · [lesson 01](01-sequences-and-memory.ipynb) · see also
# [hidden state](#hidden-state), [spectral radius](#spectral-radius)

# %% [markdown]
# ## E
#
# ### early stopping
#
# To stop training when the error on the validation part no longer falls. What is chosen by that part can no
# longer be judged by it.
#
# [lesson 05](05-forecasting.ipynb) · see also [validation part](#validation-part), [epoch](#epoch)
#
# ### echo-state property
#
# Two runs of a network that get the same input meet, whatever states they began with. What its state says is then said
# about the input alone.
#
# rnnviz: `rnnviz.models.forget_start` · [lesson 09](09-reservoirs.ipynb) · see also [reservoir](#reservoir),
# [washout](#washout)
#
# ### eigenvalue
#
# The number by which a matrix multiplies in one of its own directions. Applied again and again, a direction whose
# value is less than 1 in size fades, and one above 1 in size grows. A complex value turns as well.
#
# $\lambda$ · PyTorch: `torch.linalg.eigvals` · [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see
# also [spectral radius](#spectral-radius), [Jacobian](#Jacobian)
#
# ### encoder
#
# The first of two networks: it reads a whole sequence and puts out nothing but its last state.
#
# [lesson 03](03-sequence-shapes.ipynb) · see also [decoder](#decoder), [final state](#final-state)
#
# ### end-of-sequence token
#
# An extra word for “it ends here”. A network that writes needs it, since nobody tells it how long its text
# should be.
#
# `<eos>`, ⟨end⟩ · [lesson 03](03-sequence-shapes.ipynb) · see also [decoder](#decoder),
# [vocabulary](#vocabulary)
#
# ### epoch
#
# One pass through all the training data.
#
# [lesson 04](04-training-through-time.ipynb) · see also [batch](#batch), [early stopping](#early-stopping)
#
# ### exploding gradient
#
# A gradient that grows at each step back through time, until one step of training throws the weights far away.
#
# [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [vanishing gradient](#vanishing-gradient),
# [gradient clipping](#gradient-clipping), [spectral radius](#spectral-radius)
#
# ### exposure bias
#
# A decoder that was only given right words in training has never seen its own errors, and may not know how to go on
# after one.
#
# [lesson 11](11-translation.ipynb) · see also [teacher forcing](#teacher-forcing), [feeding back](#feeding-back)

# %% [markdown]
# ## F
#
# ### feature
#
# One of the numbers that a step is made of. One number a step makes a univariate series, several a multivariate
# one.
#
# PyTorch: `input_size`, the last axis · [lesson 01](01-sequences-and-memory.ipynb) · see also
# [sequence](#sequence), [step](#step)
#
# ### feeding back
#
# Forecasting many steps ahead by taking each forecast for the next input. From the second step on the model
# reads its own mistakes.
#
# $\hat{x}_{t+1} = y_t$ · [lesson 05](05-forecasting.ipynb) · see also [horizon](#horizon),
# [teacher forcing](#teacher-forcing)
#
# ### final state
#
# The state after the last step that belongs to the sequence, which is not the last row of a padded block. Read
# backwards, it is the one at step 0.
#
# $\mathbf{h}_{L-1}$ · PyTorch: `h_n` · [lesson 03](03-sequence-shapes.ipynb) · see also
# [hidden state](#hidden-state), [length](#length), [packed sequence](#packed-sequence)
#
# ### finite response
#
# What a model has that looks at a fixed number of past steps: an input older than that cannot change its
# answer.
#
# $y_t = f(x_t, \ldots, x_{t-N})$ · [lesson 01](01-sequences-and-memory.ipynb) · see also
# [infinite response](#infinite-response), [window](#window), [impulse](#impulse)
#
# ### forget bias
#
# The bias of the forget gate. Started at 1 or above, the gate is mostly open before any training, and gradients
# reach further back.
#
# $\mathbf{b}_f$ · PyTorch: the second quarter of `bias_ih_l0` and `bias_hh_l0` ·
# [lesson 07](07-lstm-gate-by-gate.ipynb) · see also [forget gate](#forget-gate),
# [vanishing gradient](#vanishing-gradient)
#
# ### forget gate
#
# The LSTM's valve that says how much of the cell state stays: at 1 all of it, at 0 nothing.
#
# $\mathbf{f}_t$ · recorded by `rnnviz` as `gates["forget"]` ·
# [lesson 07](07-lstm-gate-by-gate.ipynb) · see also [cell state](#cell-state), [gate](#gate),
# [forget bias](#forget-bias)
#
# ### forward pass
#
# The computation from the inputs to the outputs and the cost, step after step.
#
# PyTorch: `model(x)` · [lesson 04](04-training-through-time.ipynb) · see also [backward pass](#backward-pass)

# %% [markdown]
# ## G
#
# ### gate
#
# A valve inside a cell: numbers between 0 (closed) and 1 (open), computed anew at every step, that another
# quantity is multiplied by.
#
# $\mathbf{i}_t, \mathbf{f}_t, \mathbf{o}_t$ · [lesson 00](00-start-here.ipynb) · see also
# [forget gate](#forget-gate), [reset gate](#reset-gate), [update gate](#update-gate)
#
# ### gradient
#
# All slopes of one number, mostly the cost, with respect to many others. It points to where the cost grows
# fastest; training goes the other way.
#
# $\nabla L$, $\partial L / \partial \mathbf{W}$ · PyTorch: `.grad` · [lesson 00](00-start-here.ipynb) · see
# also [backward pass](#backward-pass), [learning rate](#learning-rate)
#
# ### gradient clipping
#
# Shortening a gradient that is longer than a threshold, without turning it. It tames an explosion and does
# nothing for what has vanished.
#
# $g_{\max}$ · PyTorch: `nn.utils.clip_grad_norm_` · [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see
# also [exploding gradient](#exploding-gradient)
#
# ### gradient flow
#
# How much the state or the cost at each step depends on each earlier state: a map with a row for every “now”
# and a column for every “then”.
#
# $\lVert \partial L_t / \partial \mathbf{h}_k \rVert$ · rnnviz: `rnnviz.flow` ·
# [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [influence](#influence),
# [Jacobian](#Jacobian)
#
# ### GRU
#
# Gated recurrent unit: a cell with two gates and one state. The update gate keeps or replaces, the reset gate
# says how much of the past goes into the candidate.
#
# PyTorch: `nn.GRU` · [lesson 07](07-lstm-gate-by-gate.ipynb) · see also [LSTM](#LSTM), [update gate](#update-gate),
# [reset gate](#reset-gate)

# %% [markdown]
# ## H
#
# ### hidden state
#
# The numbers that a recurrent layer hands from one step to the next: all that it knows of the past. It is called
# hidden because the answer is read off it, and need not be the state itself.
#
# $\mathbf{h}_t$ · PyTorch: `output` (every step), `h_n` (the last) · [lesson 02](02-the-recurrent-neuron.ipynb)
# · see also [cell state](#cell-state), [final state](#final-state), [projection](#projection)
#
# ### horizon
#
# How many steps ahead a forecast goes.
#
# [lesson 05](05-forecasting.ipynb) · see also [feeding back](#feeding-back), [window](#window)

# %% [markdown]
# ## I
#
# ### impulse
#
# An input that is zero everywhere but at one step. What a model makes of it tells how long it remembers.
#
# [lesson 01](01-sequences-and-memory.ipynb) · see also [influence](#influence),
# [finite response](#finite-response)
#
# ### infinite response
#
# What a model has that hears its own output or keeps a state: an input is in all later answers. There it may fade,
# ring, stay or grow.
#
# [lesson 01](01-sequences-and-memory.ipynb) · see also [finite response](#finite-response),
# [autoregression](#autoregression)
#
# ### influence
#
# How much an output moves when one input is moved a little. It can be measured by changing the input, or
# computed as a derivative.
#
# $\partial y_t / \partial x_s$ · rnnviz: `rnnviz.flow` · [lesson 01](01-sequences-and-memory.ipynb) · see also
# [memory horizon](#memory-horizon), [gradient flow](#gradient-flow)
#
# ### initialisation
#
# The choice of the weights before training: small random numbers (Glorot), an orthogonal matrix, the identity.
# It decides whether gradients arrive at the start.
#
# PyTorch: `nn.init` · [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also
# [spectral radius](#spectral-radius), [IRNN](#IRNN)
#
# ### input gate
#
# The LSTM's valve that says how much of the candidate is let into the cell state.
#
# $\mathbf{i}_t$ · recorded by `rnnviz` as `gates["input"]` · [lesson 07](07-lstm-gate-by-gate.ipynb) · see also
# [candidate](#candidate), [cell state](#cell-state), [gate](#gate)
#
# ### instance
#
# One sequence of a batch.
#
# a row of $\mathbf{X}_t$ · [lesson 02](02-the-recurrent-neuron.ipynb) · see also [batch](#batch)
#
# ### intervention
#
# Holding a gate or a state of a network at a value of one's own, to see what depends on it. What merely goes along
# with the answer can be held without a change.
#
# rnnviz: `rnnviz.intervene` · [lesson 07](07-lstm-gate-by-gate.ipynb) · see also [gate](#gate),
# [influence](#influence)
#
# ### IRNN
#
# A plain recurrent layer with ReLU whose recurrent matrix starts as the identity, so that each unit begins by
# keeping what it has.
#
# PyTorch: `nn.RNN(..., nonlinearity="relu")`, weights set by hand ·
# [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [initialisation](#initialisation),
# [ReLU](#ReLU)

# %% [markdown]
# ## J
#
# ### Jacobian
#
# All derivatives of the new state with respect to the old one, as a matrix. Going back one step multiplies the
# gradient by it.
#
# $\mathbf{J}_t = \partial \mathbf{h}_t / \partial \mathbf{h}_{t-1}$ · rnnviz: `rnnviz.flow` ·
# [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [spectral radius](#spectral-radius),
# [vanishing gradient](#vanishing-gradient)

# %% [markdown]
# ## K
#
# ### Kalman filter
#
# The best linear estimate of a moving state from noisy measurements: each one is weighed against what was expected. It
# has to be told how things move, and how measurements err.
#
# statsmodels: `statsmodels.tsa.statespace` · [lesson 08](08-deep-rnns.ipynb) · see also
# [state-space model](#state-space-model)

# %% [markdown]
# ## L
#
# ### leak
#
# The share of the state that is replaced at each step; the rest is kept. A small leak makes a unit slow.
#
# $a$ · rnnviz: `EchoStateNetwork(leak=…)` · [lesson 09](09-reservoirs.ipynb) · see also [reservoir](#reservoir),
# [update gate](#update-gate)
#
# ### leakage
#
# When something of the future reaches a model that should forecast it: windows shuffled before the split, a
# scale measured on the whole series. The error becomes small, and the forecast worthless.
#
# [lesson 05](05-forecasting.ipynb) · see also [split](#split), [scaling](#scaling)
#
# ### learning rate
#
# How far a step of training moves the weights against the gradient.
#
# $\eta$ · PyTorch: `lr=` · [lesson 05](05-forecasting.ipynb) · see also [Adam](#Adam), [gradient](#gradient)
#
# ### length
#
# How many steps of a padded sequence are real.
#
# $L_b$ · PyTorch: `lengths` of `pack_padded_sequence` · [lesson 03](03-sequence-shapes.ipynb) · see also
# [mask](#mask), [padding](#padding), [final state](#final-state)
#
# ### linear probe
#
# A linear readout that is fitted on the states of a finished network, to find out what they know. The network does not
# change.
#
# rnnviz: `rnnviz.models.probe_lags` · [lesson 08](08-deep-rnns.ipynb) · see also [hidden state](#hidden-state),
# [stack](#stack)
#
# ### linear recurrence
#
# A state that is multiplied by a factor and added to, with nothing nonlinear in between. All its steps can be computed
# by a scan.
#
# rnnviz: `rnnviz.variants.LinearRecurrence` · [lesson 09](09-reservoirs.ipynb) · see also [scan](#scan),
# [minGRU](#minGRU)
#
# ### LSTM
#
# Long short-term memory: a cell with a cell state that is multiplied by a gate which can stay near 1, and added to. An
# input, a forget and an output gate control it.
#
# PyTorch: `nn.LSTM` · [lesson 07](07-lstm-gate-by-gate.ipynb) · see also
# [cell state](#cell-state), [forget gate](#forget-gate), [GRU](#GRU)

# %% [markdown]
# ## M
#
# ### mask
#
# A table of ones and zeros that says which steps count: those before the end of each sequence, or those that
# the cost looks at.
#
# $m_{t,b}$ · PyTorch: a boolean tensor, (time, batch) · [lesson 03](03-sequence-shapes.ipynb) · see also
# [length](#length), [padding](#padding), [cost](#cost)
#
# ### mean squared error
#
# The mean of the squared differences between forecast and truth. Its root counts in the units of the series.
#
# MSE · PyTorch: `nn.MSELoss` · [lesson 05](05-forecasting.ipynb) · see also [cost](#cost),
# [baseline](#baseline)
#
# ### memory capacity
#
# How much of an input some steps ago a linear readout can say, as a share, summed over all delays. It is at most the
# number of units.
#
# MC · rnnviz: `rnnviz.models.measure_memory_capacity` · [lesson 09](09-reservoirs.ipynb) · see also
# [reservoir](#reservoir), [memory horizon](#memory-horizon)
#
# ### memory horizon
#
# How many steps it takes until less than a given share, say 1 %, of an input's influence is left.
#
# rnnviz: `rnnviz.flow.memory_horizon` · [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also
# [influence](#influence), [vanishing gradient](#vanishing-gradient)
#
# ### minGRU
#
# A GRU whose gate and candidate look at the input alone. Its state is a linear recurrence, so that all steps can be
# computed at once.
#
# rnnviz: `rnnviz.variants.MinGRU` · [lesson 09](09-reservoirs.ipynb) · see also [GRU](#GRU), [scan](#scan)

# %% [markdown]
# ## N
#
# ### normalisation
#
# Shifting and stretching the sums of a layer so that most units stay off the flat parts of their activation:
# over the units (layer normalisation) or over the batch (batch normalisation).
#
# PyTorch: `nn.LayerNorm`, `nn.BatchNorm1d` · [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also
# [saturation](#saturation), [scaling](#scaling)

# %% [markdown]
# ## O
#
# ### one-hot vector
#
# A choice among many as a vector: as long as there are choices, a single 1 at the place of the one, and zeros. A matrix
# times such a vector is one row or column of the matrix.
#
# PyTorch: `functional.one_hot` · [lesson 10](10-words.ipynb) · see also [word embedding](#word-embedding),
# [vocabulary](#vocabulary)
#
# ### optimiser
#
# The rule that turns gradients into changes of weights: plain gradient descent, Adam and others.
#
# PyTorch: `torch.optim` · [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [Adam](#Adam),
# [learning rate](#learning-rate)
#
# ### output gate
#
# The LSTM's valve that says how much of the cell state is shown as the hidden state.
#
# $\mathbf{o}_t$ · recorded by `rnnviz` as `gates["output"]` · [lesson 07](07-lstm-gate-by-gate.ipynb) · see also
# [cell state](#cell-state), [hidden state](#hidden-state), [gate](#gate)

# %% [markdown]
# ## P
#
# ### packed sequence
#
# A batch without its padding: the real rows of step 0, then those of step 1, and so on, and how many there are
# of each.
#
# PyTorch: `pack_padded_sequence`, `batch_sizes` · [lesson 03](03-sequence-shapes.ipynb) · see also
# [padding](#padding), [length](#length)
#
# ### padding
#
# What fills short sequences up so that a batch is one block, mostly zeros. To a layer it is an input like any
# other, unless the lengths or a mask say otherwise.
#
# PyTorch: `pad_sequence` · [lesson 01](01-sequences-and-memory.ipynb) · see also [mask](#mask),
# [length](#length), [packed sequence](#packed-sequence)
#
# ### pooling
#
# One number for all places: their mean, or the largest. It fits any length, and does not know the order.
#
# PyTorch: `.mean(dim=0)`, `nn.AdaptiveAvgPool1d(1)` · [lesson 01](01-sequences-and-memory.ipynb) · see also
# [convolution](#convolution)
#
# ### precision
#
# Of all alarms, or of all answers "yes", the share that is right.
#
# [lesson 08](08-deep-rnns.ipynb) · see also [recall](#recall), [threshold](#threshold)
#
# ### projection
#
# A weighted sum of the state, and a constant, that makes the outputs. All steps share it.
#
# $y_t = \mathbf{w}_o \cdot \mathbf{h}_t + b_o$ · PyTorch: `nn.Linear` · [lesson 05](05-forecasting.ipynb) · see
# also [hidden state](#hidden-state), [weight sharing](#weight-sharing)

# %% [markdown]
# ## R
#
# ### readout
#
# The weighted sum of a state that gives the output. In a reservoir nothing else is fitted.
#
# $y_t = \mathbf{w}^{\!\top} [1, \mathbf{h}_t]$ · [lesson 09](09-reservoirs.ipynb) · see also [projection](#projection),
# [ridge regression](#ridge-regression)
#
# ### recall
#
# Of all that should have been found, the share that was. In lesson 07 the word is used of a network that recalls a
# word.
#
# [lesson 08](08-deep-rnns.ipynb) · see also [precision](#precision), [threshold](#threshold)
#
# ### recurrent neuron
#
# A neuron that hears what it said one step before, besides its input. In a layer, each hears all of them.
#
# $h_t = \tanh(w_x x_t + w_h h_{t-1} + b)$ · PyTorch: `nn.RNN` · [lesson 02](02-the-recurrent-neuron.ipynb) · see
# also [hidden state](#hidden-state), [unrolling](#unrolling)
#
# ### ReLU
#
# The activation that keeps positive numbers and turns negative ones into 0. Its slope is 1 or 0, so it never
# squeezes a gradient, and never bounds a state.
#
# $\max(0, z)$ · PyTorch: `torch.relu` · [lesson 05](05-forecasting.ipynb) · see also [activation](#activation),
# [IRNN](#IRNN)
#
# ### reservoir
#
# A recurrent network whose recurrent weights are random and stay so. Its state holds many mixtures of past inputs, and
# a readout picks from them.
#
# rnnviz: `rnnviz.models.EchoStateNetwork` · [lesson 09](09-reservoirs.ipynb) · see also
# [echo-state property](#echo-state-property), [readout](#readout)
#
# ### reset gate
#
# The GRU's valve that says how much of the old state goes into the candidate.
#
# $\mathbf{r}_t$ · recorded by `rnnviz` as `gates["reset"]` · [lesson 07](07-lstm-gate-by-gate.ipynb) · see also
# [GRU](#GRU), [candidate](#candidate)
#
# ### ridge regression
#
# Least squares with a price on large weights. Its solution is one system of linear equations.
#
# $\lambda$ · rnnviz: `EchoStateNetwork.fit(…, ridge=…)` · [lesson 09](09-reservoirs.ipynb) · see also
# [readout](#readout), [mean squared error](#mean-squared-error)

# %% [markdown]
# ## S
#
# ### saturation
#
# What a unit is in when it lies where its function is flat, such as tanh near 1 or −1. It hardly reacts, and lets
# hardly any gradient through.
#
# $1 - h^2 \approx 0$ · [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [tanh](#tanh),
# [vanishing gradient](#vanishing-gradient)
#
# ### scaling
#
# Subtracting a mean and dividing by a spread, so that a network reads numbers of a handy size. Both are
# measured on the training part only.
#
# [lesson 05](05-forecasting.ipynb) · see also [leakage](#leakage), [split](#split)
#
# ### scan
#
# Computing all states of a linear recurrence by joining steps, then pairs of steps, then fours: few rounds, each on the
# whole sequence at once.
#
# rnnviz: `rnnviz.arithmetic.scan` · [lesson 09](09-reservoirs.ipynb) · see also [linear recurrence](#linear-recurrence)
#
# ### sequence
#
# Data whose order matters: words, sounds, prices, the rows of an image.
#
# $x_0, x_1, \ldots$ · PyTorch: the first axis of (time, batch, feature) ·
# [lesson 01](01-sequences-and-memory.ipynb) · see also [step](#step), [feature](#feature)
#
# ### skip-gram
#
# A small network that guesses from one word which others stand near it. What is kept are the vectors that it needs for
# that.
#
# $P(v \mid w) = \mathrm{softmax}(\mathbf{U}\, \mathbf{x}_w)_v$ · [lesson 10](10-words.ipynb) · see also
# [word embedding](#word-embedding)
#
# ### spectral radius
#
# The largest distance of a matrix's eigenvalues from 0. Below 1, applying the same matrix again and again makes
# everything fade in the end; above 1, something grows. Of a product of different matrices it says nothing.
#
# $\rho$ · PyTorch: `torch.linalg.eigvals(W).abs().max()` ·
# [lesson 06](06-vanishing-and-exploding-gradients.ipynb), [lesson 09](09-reservoirs.ipynb) · see also
# [eigenvalue](#eigenvalue), [Jacobian](#Jacobian)
#
# ### split
#
# The cut of the data into a part to learn from, one to choose by and one to judge by. A series is cut in time,
# once.
#
# [lesson 05](05-forecasting.ipynb) · see also [validation part](#validation-part), [leakage](#leakage)
#
# ### stack
#
# Recurrent layers above each other, each reading what the one below shows. Its state is one tensor a layer.
#
# PyTorch: `num_layers=` · rnnviz: `rnnviz.models.Stack` · [lesson 08](08-deep-rnns.ipynb) · see also
# [dropout](#dropout), [bidirectional](#bidirectional)
#
# ### state-space model
#
# A model that keeps a state, moves it on with each input, and reads its answer off it. A recurrent network is
# one whose rule is learned.
#
# $h_t = f(x_t, h_{t-1}),\; y_t = g(h_t)$ · [lesson 01](01-sequences-and-memory.ipynb) · see also
# [hidden state](#hidden-state), [dynamical system](#dynamical-system)
#
# ### step
#
# One place in a sequence, and what happens there.
#
# $t$ · PyTorch: an index of the time axis · [lesson 01](01-sequences-and-memory.ipynb) · see also
# [sequence](#sequence), [unrolling](#unrolling)

# %% [markdown]
# ## T
#
# ### tanh
#
# An activation that squeezes any number into −1 … 1. Its slope is 1 at 0, and nearly nothing near the ends.
#
# $\tanh z$ · PyTorch: `torch.tanh` · [lesson 02](02-the-recurrent-neuron.ipynb) · see also
# [activation](#activation), [saturation](#saturation)
#
# ### teacher forcing
#
# Giving a network the true values as inputs while it is trained, where it will read its own outputs in use. It
# learns fast, and never learns to live with its own mistakes.
#
# [lesson 05](05-forecasting.ipynb) · see also [feeding back](#feeding-back), [decoder](#decoder)
#
# ### temporal order
#
# A task that needs a long memory: among meaningless symbols stand two that count, and at the end the question
# is which came, in which order.
#
# [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [adding problem](#adding-problem)
#
# ### tensor
#
# A table of numbers with any number of axes. In this course a batch of sequences has three: (time, batch,
# feature).
#
# PyTorch: `torch.Tensor` · [lesson 00](00-start-here.ipynb) · see also [batch](#batch), [feature](#feature)
#
# ### threshold
#
# The value above which an alarm is raised, or a neuron counts as on. It is chosen on data that are not used to test it.
#
# [lesson 08](08-deep-rnns.ipynb) · see also [precision](#precision), [recall](#recall), [split](#split)
#
# ### truncated backpropagation
#
# Cutting the backward pass into pieces of some steps. The state goes on from piece to piece, the gradient does
# not: a cause and an effect that do not lie in one piece are not connected. Between steps that are a piece's length
# or more apart nothing is learned.
#
# $k$ steps · PyTorch: `state.detach()` · [lesson 04](04-training-through-time.ipynb) · see also
# [backpropagation through time](#backpropagation-through-time)

# %% [markdown]
# ## U
#
# ### unit
#
# One of the numbers of a state, and the neuron that makes it.
#
# PyTorch: `hidden_size` counts them · [lesson 00](00-start-here.ipynb) · see also
# [hidden state](#hidden-state), [recurrent neuron](#recurrent-neuron)
#
# ### UNK
#
# Short for “unknown”: the one entry of a vocabulary that stands for all words it does not have.
#
# [lesson 10](10-words.ipynb) · see also [vocabulary](#vocabulary)
#
# ### unrolling
#
# Writing the loop of a recurrent network out in time, one copy of the picture a step. The copies are one layer:
# they share their weights.
#
# [lesson 02](02-the-recurrent-neuron.ipynb) · see also [weight sharing](#weight-sharing),
# [backpropagation through time](#backpropagation-through-time)
#
# ### update gate
#
# The GRU's valve that says how much of the old state stays: at 1 all of it, at 0 the candidate takes its place.
#
# $\mathbf{z}_t$ · recorded by `rnnviz` as `gates["update"]` · [lesson 07](07-lstm-gate-by-gate.ipynb) · see also
# [GRU](#GRU), [candidate](#candidate)

# %% [markdown]
# ## V
#
# ### validation part
#
# The part of the data by which one chooses: settings, the moment to stop. Whatever was chosen by it has to be
# judged on another, the test part.
#
# [lesson 05](05-forecasting.ipynb) · see also [split](#split), [early stopping](#early-stopping)
#
# ### vanishing gradient
#
# A gradient that shrinks at each step back through time, until early steps get next to none of it and are not
# learned from.
#
# [lesson 06](06-vanishing-and-exploding-gradients.ipynb) · see also [exploding gradient](#exploding-gradient),
# [Jacobian](#Jacobian), [forget bias](#forget-bias)
#
# ### vocabulary
#
# The list of all words or symbols that a network can read or write.
#
# PyTorch: `nn.Embedding` has a row for each · [lesson 03](03-sequence-shapes.ipynb) · see also
# [end-of-sequence token](#end-of-sequence-token), [UNK](#UNK)

# %% [markdown]
# ## W
#
# ### washout
#
# First steps of a run that are left out when a readout is fitted, since the state still depends on its start.
#
# [lesson 09](09-reservoirs.ipynb) · see also [echo-state property](#echo-state-property)
#
# ### weight
#
# A number by which an input of a neuron is multiplied. Training changes the weights; running the network does
# not.
#
# $\mathbf{W}_x, \mathbf{W}_h$ (some books: $\mathbf{W}_y$) · PyTorch: `weight_ih_l0`, `weight_hh_l0` ·
# [lesson 02](02-the-recurrent-neuron.ipynb) · see also [bias](#bias), [weight sharing](#weight-sharing)
#
# ### weight sharing
#
# Using the same weights at every step. It is why a network trained on short sequences can read long ones, and
# why the gradient of a weight is a sum over steps.
#
# [lesson 02](02-the-recurrent-neuron.ipynb) · see also [unrolling](#unrolling),
# [backpropagation through time](#backpropagation-through-time)
#
# ### window
#
# A piece of a series with a fixed number of steps: what a model reads at once, or one example to learn from.
#
# [lesson 05](05-forecasting.ipynb) · see also [horizon](#horizon), [finite response](#finite-response)
#
# ### word embedding
#
# A row of numbers that stands for a word, also called a word vector. The table of all rows is learned: words that have
# to do the same get similar rows.
#
# $\mathbf{x}_w$ · PyTorch: `nn.Embedding` · [lesson 10](10-words.ipynb) · see also [one-hot vector](#one-hot-vector),
# [skip-gram](#skip-gram), [vocabulary](#vocabulary)
