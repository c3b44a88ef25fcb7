"""Models of the course."""

from rnnviz.models.baselines import LinearForecaster, Naive, NearestWindows, SeasonalNaive, SlidingConvolution
from rnnviz.models.characters import (
    CharacterLearning,
    CharacterModel,
    WritingFrame,
    choose_character,
    draw_passages,
    next_character_loss,
    roll_dice,
    write_text,
)
from rnnviz.models.classifier import SequenceClassifier
from rnnviz.models.embeddings import (
    SentimentModel,
    SkipGram,
    WordFrame,
    WordLearning,
    count_vectors,
    list_neighbours,
    project_words,
    sentiment_loss,
)
from rnnviz.models.forecaster import Forecaster
from rnnviz.models.forecasting import ForecastFrame, Forecasting, ModelFrame
from rnnviz.models.image_convolution import ImageConvolution
from rnnviz.models.influence import Influence, Verdict, judge_response, measure_influence
from rnnviz.models.initialise import INITIALISATIONS, draw_recurrent_matrix, initialise_layer
from rnnviz.models.remedies import RemedyNet, RemedySettings, measure_remedies
from rnnviz.models.responses import (
    Cost,
    DynamicalSystem,
    FiniteResponse,
    OutputFeedback,
    StateSpace,
    compare_costs,
    count_cost,
)
from rnnviz.models.score import Forecasts, Score, forecast_loss, score
from rnnviz.models.sequence_regressor import SequenceRegressor
from rnnviz.models.shipped import read_digit_lstm
from rnnviz.models.trials import Contender, Trial, Trials

__all__ = [
    "INITIALISATIONS",
    "CharacterLearning",
    "CharacterModel",
    "Contender",
    "Cost",
    "DynamicalSystem",
    "FiniteResponse",
    "ForecastFrame",
    "Forecaster",
    "Forecasting",
    "Forecasts",
    "ImageConvolution",
    "Influence",
    "LinearForecaster",
    "ModelFrame",
    "Naive",
    "NearestWindows",
    "OutputFeedback",
    "RemedyNet",
    "RemedySettings",
    "Score",
    "SeasonalNaive",
    "SentimentModel",
    "SequenceClassifier",
    "SequenceRegressor",
    "SkipGram",
    "SlidingConvolution",
    "StateSpace",
    "Trial",
    "Trials",
    "Verdict",
    "WordFrame",
    "WordLearning",
    "WritingFrame",
    "choose_character",
    "compare_costs",
    "count_cost",
    "count_vectors",
    "draw_passages",
    "draw_recurrent_matrix",
    "forecast_loss",
    "initialise_layer",
    "judge_response",
    "list_neighbours",
    "measure_influence",
    "measure_remedies",
    "next_character_loss",
    "project_words",
    "read_digit_lstm",
    "roll_dice",
    "score",
    "sentiment_loss",
    "write_text",
]
