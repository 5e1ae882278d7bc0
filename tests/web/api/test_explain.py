"""`?explain=all` of a quote: why every other discount gave nothing."""

from tests.web.api.caller import CART, Caller


def test_a_quote_explains_every_discount_on_demand(api: Caller) -> None:
    api.sell_something()
    assert api.ok("POST", "/quotes", CART)["not_applied"] == []
    (lost,) = api.ok("POST", "/quotes?explain=all", CART, accept_language="sv")["not_applied"]
    assert (lost["discount"], lost["reason"]) == ("D10", "code_required")
    assert lost["message"] == "Rabatten kräver en kupongkod."


def test_nothing_but_all_can_be_asked_for(api: Caller) -> None:
    api.sell_something()
    assert api.refused(422, "POST", "/quotes?explain=some", CART)["code"] == "invalid"


def test_a_browser_is_not_told_which_discounts_there_are(api: Caller) -> None:
    api.sell_something()
    key = api.new_key("public", "HOUSTON")
    assert api.refused(403, "POST", "/quotes?explain=all", CART, key=key)["code"] == "forbidden"
    assert api.ok("POST", "/quotes", CART, key=key)["not_applied"] == []
