"""The cases of servers.py: our server among its neighbours, and against its enemies."""
