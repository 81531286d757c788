"""Run notebooks headless: the engine of ``headstart run``."""
