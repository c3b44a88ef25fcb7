"""Models of the course."""

from rnnviz.models.baselines import LinearForecaster, Naive, NearestWindows, SeasonalNaive, SlidingConvolution
from rnnviz.models.forecaster import Forecaster
from rnnviz.models.forecasting import ForecastFrame, Forecasting, ModelFrame
from rnnviz.models.score import Forecasts, Score, forecast_loss, score

__all__ = [
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
    "SlidingConvolution",
    "forecast_loss",
    "score",
]
