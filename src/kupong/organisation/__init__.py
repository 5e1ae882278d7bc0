"""Owns companies, channels, price groups, affiliations, parameters, number sequences, API keys, sign-in links.

Every room above may import it; it imports the pure rooms only.
Add a table in `models.py` with `CompanyKey` and `CompanyReference` (see `keys.py`), a use case in `service.py`.
"""
