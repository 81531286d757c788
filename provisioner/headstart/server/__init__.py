"""The Jupyter Server extension: handlers that only translate, and the events of builds."""
