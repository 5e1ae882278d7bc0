"""Owns the faces: what people and programs see of Kupong over HTTP, and the addresses of its pages.

Only `boot` may import it; no face imports another, all may use `look`.
Add a face as a package of its own, and its pages in `urls.py`.
"""
