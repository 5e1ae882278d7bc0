"""Templates in, text out: escaping, the fields there are, the bounds, and nothing that is raised."""

import html
from collections.abc import Mapping
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kupong.kernel.reasons import Reason, Refused
from kupong.personalization.fields import CODE, FIELDS, NAMES, Values, values
from kupong.personalization.sandbox import (
    FILTERS,
    MAX_OUTPUT_BYTES,
    MAX_TEMPLATE_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    TAGS,
)
from kupong.personalization.templates import Template, read

ALMA = values(
    {"number": "2001", "first_name": "Alma", "name": "Ek", "email": "alma@example.com"},
    {"code": "A&B <1>", "label": "Spring", "valid_from": None, "valid_to": "2026-03-31"},
    {"label": "Spring mail"},
)
# Ends of lines become "\n", however they were written.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=40)


def template(text: str, markup: bool = True) -> Template:
    found = read(text, markup=markup)
    assert isinstance(found, Template), found
    return found


def rendered(text: str, markup: bool = True, of: Values = ALMA) -> str:
    said = template(text, markup).render(of)
    assert isinstance(said, str), said
    return said


def refusal(text: str, of: Values = ALMA) -> Refused:
    found = read(text, markup=True)
    answer = found.render(of) if isinstance(found, Template) else found
    assert isinstance(answer, Refused), answer
    return answer


def test_a_template_is_rendered_with_the_values_of_the_recipient() -> None:
    assert rendered("Hello {{ recipient.first_name }}, {{ delivery.label }}!") == (
        "Hello Alma, Spring mail!"
    )


def test_a_code_is_escaped_in_html_raw_in_text_and_encoded_in_an_address() -> None:
    assert rendered("{{ coupon.code }}") == "A&amp;B &lt;1&gt;"
    assert rendered("{{ coupon.code }}", markup=False) == "A&B <1>"
    assert rendered("?c={{ coupon.code | url_encode }}") == "?c=A%26B+%3C1%3E"


def test_the_same_code_stands_at_every_place_that_names_it() -> None:
    assert rendered("{{ coupon.code }} {{ coupon['code'] }}", False) == "A&B <1> A&B <1>"


def test_an_empty_field_is_blank_and_may_have_a_default() -> None:
    assert rendered("[{{ coupon.valid_from }}][{{ coupon.valid_from | default: 'now' }}]") == (
        "[][now]"
    )


def test_a_date_is_written_in_another_form_and_no_clock_is_read() -> None:
    assert rendered("{{ coupon.valid_to | date: '%d/%m %Y' }}") == "31/03 2026"
    assert rendered("{{ 'now' | date: '%Y' }} {{ recipient.name | date: '%Y' }}") == "now Ek"
    assert refusal("{{ now }}") == Refused(Reason.UNKNOWN_FIELD, {"value": ["now"]})


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_field_is_known_by_its_full_name_only(field: str) -> None:
    assert template(f"{{{{ {field} }}}}").uses == {field}
    root = field.split(".")[0]
    for wrong in (root, f"{field}.size", f"{root}[{field}]", field.upper()):
        assert refusal(f"{{{{ {wrong} }}}}").reason == Reason.UNKNOWN_FIELD


def test_all_unknown_fields_are_named_at_once() -> None:
    text = "{{ recipient.nmae }}{% if coupon.value %}{{ x }}{% endif %}{{ recipient.name }}"
    assert refusal(text).detail == {"value": ["coupon.value", "recipient.nmae", "x"]}


def test_what_a_template_uses_is_seen_in_conditions_and_loops_too() -> None:
    text = "{% if recipient.name %}{% for i in (1..2) %}{{ coupon.code }}{% endfor %}{% endif %}"
    assert template(text).uses == {CODE, "recipient.name"}


def test_a_name_of_ours_cannot_be_assigned_to() -> None:
    assert "assign" in refusal("{% assign coupon = 'x' %}{{ coupon.code }}").detail["problem"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("{{ recipient.name", 1), ("a\n{% if %}b{% endif %}", 2), ("{% nonsense %}", 1)],
)
def test_a_template_that_is_no_liquid_is_refused_with_its_line(text: str, line: int) -> None:
    no = refusal(text)
    assert (no.reason, no.detail["line"]) == (Reason.TEMPLATE_INVALID, line)
    assert no.detail["problem"]


@pytest.mark.parametrize(
    "text",
    [
        "{% include 'x' %}",
        "{% render 'x' %}",
        "{{ 'x' | safe }}",
        "{{ 'x' | unheard_of }}",
        "{% if false %}{{ 'x' | join: 'y' }}{% endif %}",
        "{% increment i %}",
    ],
)
def test_what_is_not_on_the_lists_does_not_exist(text: str) -> None:
    assert refusal(text).reason == Reason.TEMPLATE_INVALID


GROWING = "{{ 'aaaaaaaaaa' " + "| replace: 'a', 'aaaaaaaaaa' " * 9 + "}}"
DOUBLING = "{% assign x = 'ab' %}{% for i in (1..40) %}{% assign x = x | append: x %}{% endfor %}"


@pytest.mark.parametrize(
    "text",
    [
        GROWING,
        DOUBLING,
        "{% for i in (1..1001) %}{% endfor %}",
        "{% for i in (1..100) %}{% for j in (1..100) %}{% endfor %}{% endfor %}",
        "{% for i in (1..1000000000000) %}x{% endfor %}",
        "{{ (1..99999999999999999999999999) | size }}",
        "{% if true %}" * 30 + "{% endif %}" * 30,
        "{% for i in (1..1000) %}" + "x" * 1001 + "{% endfor %}",
        "{% for i in (1..1000) %}{% capture y %}{{ y }}xxxxxxxxxx{{ y }}{% endcapture %}{% endfor %}",
    ],
)
def test_a_template_that_grows_without_end_is_stopped(text: str) -> None:
    assert refusal(text).reason in (Reason.TEMPLATE_INVALID, Reason.TEMPLATE_TOO_LARGE)


def test_a_template_beyond_its_size_is_not_read() -> None:
    assert refusal("x" * (MAX_TEMPLATE_CHARACTERS + 1)).detail == {"limit": MAX_TEMPLATE_CHARACTERS}
    assert len(rendered("x" * MAX_TEMPLATE_CHARACTERS)) == MAX_TEMPLATE_CHARACTERS


def test_a_template_in_the_bounds_is_left_alone() -> None:
    text = "{% for i in (1..1000) %}{{ recipient.name }}{% endfor %}"
    assert rendered(text) == "Ek" * 1000
    long = "{{ recipient.name | replace: 'E', 'x' }}"
    whole = values({"name": "E" * MAX_VALUE_CHARACTERS}, {}, {})
    assert rendered(long, of=whole) == "x" * MAX_VALUE_CHARACTERS


@st.composite
def anyone(draw: st.DrawFn) -> Values:
    def some(names: tuple[str, ...]) -> Mapping[str, str | None]:
        return {name: draw(st.none() | TEXT) for name in names}

    return {root: some(names) for root, names in NAMES.items()}


# Every filter with what it needs; the value that goes through it is the recipient's.
CHAINS = {
    "append": "append: recipient.name",
    "prepend": "prepend: recipient.name",
    "date": "date: recipient.name",
    "default": "default: recipient.name",
    "remove": "remove: recipient.name",
    "replace": "replace: 'a', recipient.name",
    "slice": "slice: 0, 9",
    "truncate": "truncate: 9, recipient.name",
    "truncatewords": "truncatewords: 2, recipient.name",
} | {
    name: name
    for name in "capitalize downcase escape size strip strip_newlines upcase url_encode".split()
}


def test_every_filter_takes_part_in_the_tests_of_escaping() -> None:
    assert set(CHAINS) == set(FILTERS)
    assert {"include", "render", "tablerow", "increment"} & set(TAGS) == set()


@given(anyone(), st.lists(st.sampled_from(sorted(CHAINS)), max_size=3))
def test_no_value_ever_becomes_markup(of: Values, chain: list[str]) -> None:
    through = "".join(f" | {CHAINS[name]}" for name in chain)
    for start in ("recipient.first_name", "'<b>a'"):
        said = template(f"[{{{{ {start}{through} }}}}]").render(of)
        if isinstance(said, Refused):
            continue
        own = said.replace("<b>", "").replace("<B>", "") if start.startswith("'") else said
        assert "<" not in own
        assert '"' not in own


@given(TEXT)
def test_what_was_escaped_reads_as_it_was(name: str) -> None:
    of = values({"name": name}, {}, {})
    assert html.unescape(rendered("{{ recipient.name }}", of=of)) == html.unescape(
        html.escape(name)
    )
    assert rendered("{{ recipient.name }}", markup=False, of=of) == name
    assert unquote_plus(rendered("{{ recipient.name | url_encode }}", of=of)) == name


PIECES = st.sampled_from(
    "{{ }} {% %} {%- -%} | : , . ' if else endif for in endfor (1..9) (1..x) recipient coupon.code assign x = capture"
    " endcapture case when endcase raw endraw comment endcomment unless endunless echo replace append slice date 1 -1"
    " 1e99 nil blank and or contains == < [ ] limit: reversed size truncate \n # ö".split(" ")
)


@given(st.lists(PIECES, max_size=25), st.booleans(), anyone())
def test_nothing_but_text_or_a_refusal_ever_comes_out(
    pieces: list[str], markup: bool, of: Values
) -> None:
    found = read(" ".join(pieces), markup=markup)
    if isinstance(found, Template):
        said = found.render(of)
        assert isinstance(said, Refused) or len(said.encode()) <= MAX_OUTPUT_BYTES
    else:
        assert found.reason in (Reason.TEMPLATE_INVALID, Reason.UNKNOWN_FIELD)


@given(st.text(max_size=60))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    assert isinstance(read(text, markup=True), Template | Refused)


def test_half_a_character_is_refused_and_not_sent() -> None:
    assert refusal("{{ recipient.name }}", values({"name": "\ud800"}, {}, {})).reason == (
        Reason.TEMPLATE_INVALID
    )
