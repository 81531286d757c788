"""Images in C++ with threads of its own."""

# %%
import cv2
import numpy as np

print(cv2.__version__, cv2.getNumThreads() > 0)
image = np.zeros((60, 60, 3), np.uint8)
cv2.circle(image, (30, 30), 12, (10, 200, 90), -1)
print(image.sum(), cv2.GaussianBlur(image, (5, 5), 0).sum())

# %%
edges = cv2.Canny(image, 50, 100)
contours, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
print(len(contours), cv2.boundingRect(contours[0]))

# %%
fine, encoded = cv2.imencode(".png", image)
print(fine, np.array_equal(cv2.imdecode(encoded, cv2.IMREAD_COLOR), image))

# %%
import multiprocessing

big = np.random.default_rng(1).integers(0, 255, (400, 400), np.uint8)
print(int(cv2.medianBlur(big, 5).sum()))
with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.apply(cv2.norm, (np.ones(4),)))

# %%
from PIL import Image

Image.fromarray(cv2.applyColorMap(big[:16, :16], cv2.COLORMAP_JET))

# %% raises error
cv2.resize(image, (0, 0))
