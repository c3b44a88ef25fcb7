"""Models of the course."""

from rnnviz.models.baselines import LinearForecaster, Naive, NearestWindows, SeasonalNaive, SlidingConvolution
from rnnviz.models.characters import (
    CharacterLearning,
    CharacterModel,
    WritingFrame,
    choose_character,
    draw_passages,
    next_character_loss,
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
from rnnviz.models.encoder_decoder import (
    EncoderDecoder,
    Translation,
    search_beam,
    translate,
    translation_loss,
)
from rnnviz.models.forecaster import Forecaster
from rnnviz.models.forecasting import ForecastFrame, Forecasting, ModelFrame
from rnnviz.models.image_convolution import ImageConvolution
from rnnviz.models.influence import Influence, Verdict, judge_response, measure_influence
from rnnviz.models.initialise import INITIALISATIONS, draw_recurrent_matrix, initialise_layer
from rnnviz.models.recall import (
    RECALL_CELLS,
    RecallRace,
    RecallRun,
    StoryReader,
    measure_recall,
    recall_loss,
)
from rnnviz.models.remedies import RemedyNet, RemedySettings, measure_remedies
from rnnviz.models.reservoir import (
    EchoStateNetwork,
    forget_start,
    measure_memory_capacity,
    normalised_error,
)
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
from rnnviz.models.shapes import (
    ReadingWriter,
    StepAnswerer,
    build_for_shape,
    learn_shape,
    measure_shape,
    shape_loss,
)
from rnnviz.models.shipped import read_digit_lstm, read_recall_lstm, read_tank_controller
from rnnviz.models.stages import (
    STAGES,
    AddingCell,
    ForgetGateCell,
    InputGateCell,
    OutputGateCell,
    SquashedCell,
    Stage,
)
from rnnviz.models.tank_controller import RecurrentController, threshold_controller, train_controller
from rnnviz.models.trials import Contender, Trial, Trials

__all__ = [
    "INITIALISATIONS",
    "RECALL_CELLS",
    "STAGES",
    "AddingCell",
    "CharacterLearning",
    "CharacterModel",
    "Contender",
    "Cost",
    "DynamicalSystem",
    "EchoStateNetwork",
    "EncoderDecoder",
    "FiniteResponse",
    "ForecastFrame",
    "Forecaster",
    "Forecasting",
    "Forecasts",
    "ForgetGateCell",
    "ImageConvolution",
    "Influence",
    "InputGateCell",
    "LinearForecaster",
    "ModelFrame",
    "Naive",
    "NearestWindows",
    "OutputFeedback",
    "OutputGateCell",
    "ReadingWriter",
    "RecallRace",
    "RecallRun",
    "RecurrentController",
    "RemedyNet",
    "RemedySettings",
    "Score",
    "SeasonalNaive",
    "SentimentModel",
    "SequenceClassifier",
    "SequenceRegressor",
    "SkipGram",
    "SlidingConvolution",
    "SquashedCell",
    "Stage",
    "StateSpace",
    "StepAnswerer",
    "StoryReader",
    "Translation",
    "Trial",
    "Trials",
    "Verdict",
    "WordFrame",
    "WordLearning",
    "WritingFrame",
    "build_for_shape",
    "choose_character",
    "compare_costs",
    "count_cost",
    "count_vectors",
    "draw_passages",
    "draw_recurrent_matrix",
    "forecast_loss",
    "forget_start",
    "initialise_layer",
    "judge_response",
    "learn_shape",
    "list_neighbours",
    "measure_influence",
    "measure_memory_capacity",
    "measure_recall",
    "measure_remedies",
    "measure_shape",
    "next_character_loss",
    "normalised_error",
    "project_words",
    "read_digit_lstm",
    "read_recall_lstm",
    "read_tank_controller",
    "recall_loss",
    "score",
    "search_beam",
    "sentiment_loss",
    "shape_loss",
    "threshold_controller",
    "train_controller",
    "translate",
    "translation_loss",
    "write_text",
]
