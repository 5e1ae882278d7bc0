"""Owns headquarters' pages: signing in, the overview, and the rooms that the main menu leads to.

Only `web/urls.py` may import it; it imports `web.look` and the rooms below the web, never another face.
Add a page as a view in a module of its own, its template in `templates/backoffice/`, its address in `web/urls.py`;
a room of the main menu in `web/look/navigation.py`, a page of a coupon in `coupon.TABS`.
"""
