"""Models of the course."""

from rnnviz.models.baselines import LinearForecaster, Naive, NearestWindows, SeasonalNaive, SlidingConvolution
from rnnviz.models.classifier import SequenceClassifier
from rnnviz.models.forecaster import Forecaster
from rnnviz.models.forecasting import ForecastFrame, Forecasting, ModelFrame
from rnnviz.models.initialise import INITIALISATIONS, draw_recurrent_matrix, initialise_layer
from rnnviz.models.score import Forecasts, Score, forecast_loss, score
from rnnviz.models.sequence_regressor import SequenceRegressor

__all__ = [
    "INITIALISATIONS",
    "ForecastFrame",
    "Forecaster",
    "Forecasting",
    "Forecasts",
    "LinearForecaster",
    "ModelFrame",
    "Naive",
    "NearestWindows",
    "Score",
    "SeasonalNaive",
    "SequenceClassifier",
    "SequenceRegressor",
    "SlidingConvolution",
    "draw_recurrent_matrix",
    "forecast_loss",
    "initialise_layer",
    "score",
]
