"""A kernel of ours beside a plain ipykernel of a venv with the same packages, item by item."""
