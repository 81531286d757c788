"""Algorithms in C and Fortran: optimisation, integration, sparse matrices, transforms."""

# %%
import numpy as np
import scipy
from scipy import fft, integrate, linalg, optimize, signal, sparse, stats

print(scipy.__version__)
optimize.minimize(lambda x: (x[0] - 1) ** 2 + (x[1] + 2) ** 2, [0, 0]).x.round(5)

# %%
print(integrate.quad(np.sin, 0, np.pi))
integrate.solve_ivp(lambda _t, y: -y, (0, 1), [1.0], t_eval=[0, 0.5, 1]).y

# %%
matrix = sparse.random(50, 50, density=0.1, rng=np.random.default_rng(1), format="csr")
print(repr(matrix), matrix.sum().round(9))
sparse.linalg.svds(matrix, k=2, rng=np.random.default_rng(2))[1].round(6)

# %%
print(linalg.expm(np.array([[0, 1], [-1, 0]])).round(9))
print(np.abs(fft.fft(np.sin(np.arange(64)), workers=2))[:4].round(9))
signal.butter(3, 0.2)

# %%
print(stats.norm.rvs(size=3, random_state=4), stats.ttest_ind([1, 2, 3], [2, 3, 5]))

# %% raises LinAlgError
linalg.cholesky(-np.eye(2))
