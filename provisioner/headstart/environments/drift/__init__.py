"""Whether a notebook's header, lock, receipt and environment agree."""
