"""Fakes and small tools for tests, shipped for the tests of what builds on Headstart."""
