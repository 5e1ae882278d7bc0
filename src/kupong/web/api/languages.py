"""The language of an answer's texts, out of the Accept-Language header."""

from kupong.kernel.reason_texts import LANGUAGES


def preferred(header: str) -> str:
    """The one of our languages that is liked best; English when none is named."""
    best, liking = "en", 0.0
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if language in LANGUAGES and quality > liking:
            best, liking = language, quality
    return best


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
