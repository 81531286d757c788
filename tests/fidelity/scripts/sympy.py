"""Formulas as LaTeX, whose order follows the hashes of strings if somebody is careless."""

# %%
import sympy
from sympy import Symbol, integrate, sin, solve, symbols

x, y, z = symbols("x y z")
print(sympy.__version__, sympy.expand((x + y + z) ** 3))
integrate(sin(x) ** 2, x)

# %%
sympy.init_printing()
sympy.Matrix([[x, y], [1, sympy.Rational(1, 3)]])

# %%
print(solve([x + y - 3, x - y - 1], [x, y]))
sympy.series(sympy.exp(x), x, 0, 4)

# %%
sympy.lambdify(x, x**2 + 1, "numpy")(3), sympy.N(sympy.pi, 30)

# %%
sympy.plotting.plot(x**2, show=False)[0].expr, Symbol("a").is_real

# %% raises NonSquareMatrixError
sympy.Matrix([[1, 2]]).inv()
