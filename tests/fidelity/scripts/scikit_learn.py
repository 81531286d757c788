"""Models: OpenMP threads, worker processes of loky, and estimators as HTML."""

# %%
import numpy as np
import sklearn
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

x, y = make_classification(300, random_state=1)
print(sklearn.__version__, x.sum().round(6), y.sum())

# %%
model = make_pipeline(StandardScaler(), LogisticRegression())
print(model.fit(x, y).score(x, y))
repr(model)

# %%
forest = RandomForestClassifier(20, random_state=2, n_jobs=2).fit(x, y)
print(forest.feature_importances_.round(6)[:4])
boosted = HistGradientBoostingClassifier(max_iter=10, random_state=3).fit(x, y)
print(boosted.predict_proba(x[:2]).round(6))

# %%
print(cross_val_score(model, x, y, n_jobs=2).round(6))

# %%
from sklearn.cluster import KMeans

round(KMeans(3, n_init=2, random_state=0).fit(x).inertia_, 6)

# %%
import pickle

np.array_equal(pickle.loads(pickle.dumps(forest)).predict(x), forest.predict(x))

# %% raises NotFittedError
LogisticRegression().predict(x)
