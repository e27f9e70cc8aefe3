"""The cases of clients.py: everybody's clients against our collector."""
