"""Machine code made in the kernel, in one thread and in several, and its cache."""

# %%
import numba
import numpy as np


@numba.njit
def total(numbers):
    result = 0.0
    for number in numbers:
        result += number
    return result


print(numba.__version__, total(np.arange(10.0)), total.signatures)


# %%
@numba.njit(parallel=True)
def spread(numbers):
    result = np.zeros_like(numbers)
    for index in numba.prange(len(numbers)):
        result[index] = numbers[index] ** 2
    return result


print(spread(np.arange(5.0)), numba.threading_layer())


# %%
@numba.vectorize(["float64(float64, float64)"])
def larger(a, b):
    return max(b, a)


larger(np.array([1.0, 5.0]), 3.0)


# %%
@numba.njit
def drawn():
    np.random.seed(4)
    return np.random.random(2)


drawn()

# %%
import multiprocessing

with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.apply(total, (np.arange(4.0),)))


# %% raises TypingError
@numba.njit
def wrong():
    return "a" + 1


wrong()
