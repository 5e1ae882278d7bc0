"""Owns the design system: base templates, styles, formats of numbers and money, and how charts are drawn.

All faces of `web` may import it; it imports no face and no room with tables.
Add a component as a template in `templates/look/` or a tag in `templatetags/look.py`, a chart in `charts.py`.
"""
