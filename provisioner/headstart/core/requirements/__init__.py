"""Requirements: PEP 508 lines, and the files and lists that hold them."""
