"""Owns the names of background jobs, each mapped to a use case, and the worker that runs them.

Only boot, demo and web may import it; lower rooms ask for work by name through `work`.
Add a job as a function in `tasks.py`.
"""
