"""Owns what each command of `kupong` does once its arguments are read.

Only boot may import it; a command is imported when it is typed, so that the others start fast.
Add a command as a module with one function, and name it in `boot/main.py`.
"""
