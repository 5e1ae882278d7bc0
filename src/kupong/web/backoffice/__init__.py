"""Owns headquarters' pages: signing in, and the overview.

Only `web/urls.py` may import it; it imports `web.look` and the rooms below the web, never another face.
Add a page as a view in a module of its own, its template in `templates/backoffice/`, its address in `web/urls.py`.
"""
