"""Images as outputs and in files; codecs in shared libraries beside the package."""

# %%
import PIL
from PIL import Image, ImageDraw, ImageFilter, features

print(PIL.__version__, features.get_supported())
image = Image.new("RGB", (40, 20), "navy")
ImageDraw.Draw(image).ellipse((5, 5, 15, 15), fill="red")
image

# %%
import hashlib
import io

for kind in ("png", "jpeg", "webp", "tiff"):
    stream = io.BytesIO()
    image.save(stream, kind)
    print(kind, hashlib.sha256(stream.getvalue()).hexdigest()[:12])

# %%
image.filter(ImageFilter.GaussianBlur(1)).resize((20, 10))

# %%
import tempfile

with tempfile.NamedTemporaryFile(suffix=".gif") as file:
    image.save(file.name)
    print(Image.open(file.name).size, Image.open(file.name).mode)

# %% raises UnidentifiedImageError
Image.open(io.BytesIO(b"no image"))
