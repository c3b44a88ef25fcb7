"""Models of the course."""

from rnnviz.models.baselines import LinearForecaster, Naive, NearestWindows, SeasonalNaive, SlidingConvolution
from rnnviz.models.car import (
    CarForecaster,
    ConstantVelocity,
    KalmanCar,
    draw_car_batches,
    measure_miss,
)
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
from rnnviz.models.learning_race import (
    LearningRace,
    LearningRun,
    Racer,
    readout_race,
)
from rnnviz.models.probe import probe_lags
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
from rnnviz.models.shipped import (
    read_bearing_lstm,
    read_car_lstm,
    read_digit_lstm,
    read_recall_lstm,
    read_tank_controller,
)
from rnnviz.models.signal_race import SignalRace, SignalRun
from rnnviz.models.stack import Floor, Stack, StackForecaster, StackLabeller
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
from rnnviz.models.watchman import (
    Alarms,
    LinearPieces,
    choose_threshold,
    count_alarms,
    measure_surprise,
    smooth_surprise,
)

__all__ = [
    "INITIALISATIONS",
    "RECALL_CELLS",
    "STAGES",
    "AddingCell",
    "Alarms",
    "CarForecaster",
    "CharacterLearning",
    "CharacterModel",
    "ConstantVelocity",
    "Contender",
    "Cost",
    "DynamicalSystem",
    "EchoStateNetwork",
    "EncoderDecoder",
    "FiniteResponse",
    "Floor",
    "ForecastFrame",
    "Forecaster",
    "Forecasting",
    "Forecasts",
    "ForgetGateCell",
    "ImageConvolution",
    "Influence",
    "InputGateCell",
    "KalmanCar",
    "LearningRace",
    "LearningRun",
    "LinearForecaster",
    "LinearPieces",
    "ModelFrame",
    "Naive",
    "NearestWindows",
    "OutputFeedback",
    "OutputGateCell",
    "Racer",
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
    "SignalRace",
    "SignalRun",
    "SkipGram",
    "SlidingConvolution",
    "SquashedCell",
    "Stack",
    "StackForecaster",
    "StackLabeller",
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
    "choose_threshold",
    "compare_costs",
    "count_alarms",
    "count_cost",
    "count_vectors",
    "draw_car_batches",
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
    "measure_miss",
    "measure_recall",
    "measure_remedies",
    "measure_shape",
    "measure_surprise",
    "next_character_loss",
    "normalised_error",
    "probe_lags",
    "project_words",
    "read_bearing_lstm",
    "read_car_lstm",
    "read_digit_lstm",
    "read_recall_lstm",
    "read_tank_controller",
    "readout_race",
    "recall_loss",
    "score",
    "search_beam",
    "sentiment_loss",
    "shape_loss",
    "smooth_surprise",
    "threshold_controller",
    "train_controller",
    "translate",
    "translation_loss",
    "write_text",
]
