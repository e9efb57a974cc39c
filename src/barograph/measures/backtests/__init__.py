"""Back-tests of VaR, ES and whole distributions, one small file per family.

All take returns with losses negative and VaR and ES as positive losses; an exception is ``return < -VaR``,
strictly. Each answers with `core.results.TestResult` (or a small record around it); where a sample cannot
carry a test, its statistic and p-value are NaN and the note says why. Missing values must be left out by
the caller and raise here.
"""

from __future__ import annotations

from barograph.measures.backtests.acerbi_szekely import (
    Z2_THRESHOLDS,
    AcerbiSzekely,
    acerbi_szekely,
    z2_critical_values,
)
from barograph.measures.backtests.berkowitz import (
    berkowitz,
    berkowitz_exact,
    berkowitz_mean_variance,
    berkowitz_tail,
)
from barograph.measures.backtests.christoffersen import conditional_coverage, independence
from barograph.measures.backtests.common import Transitions, exceptions, transitions, waiting_times
from barograph.measures.backtests.duration import DurationTest, duration
from barograph.measures.backtests.dynamic_quantile import dynamic_quantile
from barograph.measures.backtests.first_failure import time_until_first_failure
from barograph.measures.backtests.haas import mixed_kupiec, time_between_failures
from barograph.measures.backtests.kupiec import kupiec, kupiec_region
from barograph.measures.backtests.mcneil_frey import McNeilFrey, mcneil_frey
from barograph.measures.backtests.pit import kolmogorov_smirnov, ljung_box, uniform_bins
from barograph.measures.backtests.simulate import (
    duration_p_value,
    dynamic_quantile_p_value,
    mixed_kupiec_p_value,
    monte_carlo_p_value,
)
from barograph.measures.backtests.traffic_light import (
    BASEL_1996,
    MAR99,
    MultiplierTable,
    TrafficLight,
    multiplier,
    plus_factor,
    traffic_light,
)

__all__ = [
    "BASEL_1996",
    "MAR99",
    "Z2_THRESHOLDS",
    "AcerbiSzekely",
    "DurationTest",
    "McNeilFrey",
    "MultiplierTable",
    "TrafficLight",
    "Transitions",
    "acerbi_szekely",
    "berkowitz",
    "berkowitz_exact",
    "berkowitz_mean_variance",
    "berkowitz_tail",
    "conditional_coverage",
    "duration",
    "duration_p_value",
    "dynamic_quantile",
    "dynamic_quantile_p_value",
    "exceptions",
    "independence",
    "kolmogorov_smirnov",
    "kupiec",
    "kupiec_region",
    "ljung_box",
    "mcneil_frey",
    "mixed_kupiec",
    "mixed_kupiec_p_value",
    "monte_carlo_p_value",
    "multiplier",
    "plus_factor",
    "time_between_failures",
    "time_until_first_failure",
    "traffic_light",
    "transitions",
    "uniform_bins",
    "waiting_times",
    "z2_critical_values",
]
