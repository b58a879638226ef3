"""Every word in a badge that a page uses, with what it means."""

import re

from overparam.report._words import MORE, VERDICTS, WORDS, spoken

_BADGE = re.compile(r'class="badge ([A-Za-z_]+)"')
GLOSSES = WORDS | MORE | VERDICTS


def glossary(page: str) -> list[tuple[str, str, str]]:
    """Class, spoken word and meaning of each badge of the page, records before claims, in the order of the words."""
    used = set(_BADGE.findall(page))
    return [(word, spoken(word), gloss) for word, gloss in GLOSSES.items() if word in used]
