"""Owns deliveries: whom they reach, their analysis, the issue of codes to messages, and the sending.

The rooms above it may import it; it imports redemption and below.
Add an exclusion in `rules/`, a message channel in `channels/`, a transition in `states.py`.
"""
