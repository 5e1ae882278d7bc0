from tests.managing import company, shared_company

__all__ = ["company", "shared_company"]
