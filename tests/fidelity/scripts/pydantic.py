"""Models of classes that live in `__main__`."""

# %%
from datetime import UTC, datetime

import pydantic


class Point(pydantic.BaseModel):
    x: float
    when: datetime = datetime(2026, 1, 2, tzinfo=UTC)


print(pydantic.VERSION, Point.__module__)
Point(x="3")

# %%
print(Point.model_json_schema())
Point.model_validate_json('{"x": 1}').model_dump_json()

# %%
import copy
import pickle

print(pickle.loads(pickle.dumps(Point(x=2))), copy.deepcopy(Point(x=4)) == Point(x=4))


class Line(pydantic.BaseModel):
    points: "list[Point]"


print(Line(points=[{"x": 1}]))

# %% raises ValidationError
Point(x="no number")
