"""Regression tables, as text and HTML."""

# %%
import numpy as np
import statsmodels
import statsmodels.api as sm

numbers = np.random.default_rng(2)
x = sm.add_constant(numbers.normal(size=(60, 2)))
y = x @ [1.0, 2.0, -1.0] + numbers.normal(size=60)
fitted = sm.OLS(y, x).fit()
print(statsmodels.__version__)
print(fitted.params.round(8), fitted.rsquared.round(8))

# %%
fitted.summary().tables[1]

# %%
import pandas as pd
import statsmodels.formula.api as smf

frame = pd.DataFrame({"y": y, "u": x[:, 1]})
print(smf.ols("y ~ u + I(u ** 2)", frame).fit().pvalues.round(8))

# %%
from statsmodels.tsa.arima.model import ARIMA

ARIMA(np.cumsum(y), order=(1, 1, 0)).fit().params.round(4)

# %% raises ValueError
sm.OLS([1.0], [[1.0], [2.0]])
