"""Sentences with an opinion: a small made-up corpus that comes along, and a real one where its files are at hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rnnviz.data.files import find_file

__all__ = ["WORD_KINDS", "Reviews", "everyday_sentences", "made_up_reviews", "rt_polarity"]

POSITIVE_SHA256 = "d79ef14009bbf87cd6be21f91c3ea1a3cbcb73b34dfb4231aef7bbcd7677abc4"
NEGATIVE_SHA256 = "4af43bf489620b498a0852c5a8c6a535155dec7985fdfea782b8f7756b957ccc"


@dataclass(frozen=True)
class Reviews:
    """Sentences, and whether each of them praises.

    Attributes
    ----------
    name : str
        What the collection is called.
    sentences : tuple of str
    positive : tuple of bool
        True where the sentence praises, False where it complains.
    source : str
        Origin and licence.

    Raises
    ------
    ValueError
        If there is not one verdict for each sentence.
    """

    name: str
    sentences: tuple[str, ...]
    positive: tuple[bool, ...]
    source: str = ""

    def __post_init__(self) -> None:
        if len(self.sentences) != len(self.positive) or not self.sentences:
            raise ValueError(
                f"There are {len(self.sentences)} sentences and {len(self.positive)} verdicts; there must be one each."
            )

    def __len__(self) -> int:
        return len(self.sentences)

    def __repr__(self) -> str:
        return f"Reviews({self.name!r}, {len(self):,} sentences, {sum(self.positive):,} positive)"

    def split(self, share: float = 0.8, seed: int = 0) -> tuple[Reviews, Reviews]:
        """Divide into a part to train on and a part to test on, no sentence in both.

        Parameters
        ----------
        share : float, default 0.8
            Of the sentences, in the first part.
        seed : int, default 0
            Of the order in which they are dealt out.

        Returns
        -------
        training, test : Reviews

        Raises
        ------
        ValueError
            If one part would be empty.
        """
        cut = round(share * len(self))
        if not 0 < cut < len(self):
            raise ValueError(f"A share of {share} leaves one part of {len(self)} sentences empty.")
        order = sorted(range(len(self)), key=_shuffled(len(self), seed).__getitem__)
        return self._take("training", order[:cut]), self._take("test", order[cut:])

    def _take(self, part: str, places: Sequence[int]) -> Reviews:
        return Reviews(
            f"{self.name}, {part}",
            tuple(self.sentences[place] for place in places),
            tuple(self.positive[place] for place in places),
            self.source,
        )


def rt_polarity() -> Reviews:
    """Return 10,662 real sentences from film reviews, where the files are at hand.

    Returns
    -------
    Reviews
        As many that praise as complain; lower case, with blanks around the punctuation.

    Raises
    ------
    DataFileError
        If ``sentiment/rt-polarity.pos`` or ``.neg`` is missing or is another edition; the message says how to
        get it.

    References
    ----------
    B. Pang and L. Lee, "Seeing stars: exploiting class relationships for sentiment categorization with respect to
    rating scales", ACL 2005.
    """
    parts = []
    for name, sha256 in (("pos", POSITIVE_SHA256), ("neg", NEGATIVE_SHA256)):
        path = find_file(f"sentiment/rt-polarity.{name}", sha256=sha256)
        # Latin-1 has line ends that are none here (0x85), so splitlines() would cut sentences apart.
        parts.append(
            [line.strip() for line in path.read_bytes().decode("latin-1").split("\n") if line.strip()]
        )
    praise, complaint = parts
    return Reviews(
        "rt-polarity",
        (*praise, *complaint),
        (True,) * len(praise) + (False,) * len(complaint),
        "Pang and Lee, 2005: sentence polarity dataset v1.0.",
    )


# What can be said of what. The words are few, so that each is seen often enough to be learned in seconds.
_THINGS = {
    "film": ("the film", "the story", "the plot", "the ending", "the music", "every scene"),
    "book": ("the book", "the novel", "the first chapter", "the last chapter", "every page"),
    "food": ("the soup", "the bread", "the coffee", "the cake", "the fish", "the salad", "the tea"),
    "hotel": ("the room", "the bed", "the pool", "the lobby", "our breakfast", "the view"),
    "phone": ("the phone", "the screen", "the battery", "the camera", "the speaker"),
}
_GOOD = {
    "film": ("funny", "moving", "thrilling", "clever"),
    "book": ("moving", "wise", "clever", "gripping"),
    "food": ("delicious", "fresh", "tasty", "warm"),
    "hotel": ("clean", "quiet", "comfortable", "bright"),
    "phone": ("fast", "reliable", "sharp", "light"),
}
_BAD = {
    "film": ("boring", "predictable", "shallow", "silly"),
    "book": ("boring", "confusing", "shallow", "dull"),
    "food": ("stale", "cold", "salty", "greasy"),
    "hotel": ("dirty", "noisy", "cramped", "dark"),
    "phone": ("slow", "unreliable", "blurry", "heavy"),
}
_PRAISE = ("good", "great", "wonderful", "excellent", "lovely")
_BLAME = ("bad", "poor", "terrible", "awful", "disappointing")
_PEOPLE = {
    "film": (("the actor", "his"), ("the actress", "her"), ("the hero", "his"), ("the heroine", "her")),
    "food": (("the waiter", "his"), ("the waitress", "her")),
    "hotel": (("the host", "his"), ("the hostess", "her")),
    "book": (("the king", "his"), ("the queen", "her"), ("the prince", "his"), ("the princess", "her")),
}
# What a person does in a sentence; {own} is "his" or "her".
_KIND_DEEDS = {
    "film": ("knew {own} lines", "filled {own} part with life", "had us laughing with {own} jokes"),
    "food": ("never forgot {own} smile", "brought {own} best wine", "knew {own} menu by heart"),
    "hotel": ("gave us {own} best room", "found us {own} own umbrella", "was proud of {own} garden"),
    "book": ("won {own} crown", "loved {own} people", "kept {own} promise"),
}
_UNKIND_DEEDS = {
    "film": ("forgot {own} lines", "slept through {own} part", "killed every one of {own} jokes"),
    "food": ("lost {own} temper", "spilled {own} wine on us", "forgot {own} own menu"),
    "hotel": ("ignored {own} guests", "lost {own} keys", "shouted at {own} guests"),
    "book": ("lost {own} crown", "forgot {own} people", "broke {own} promise"),
}
_VERY = ("", "very ", "really ", "so ")


def _draw(generator: random.Random, options: Sequence[str]) -> str:
    # Not choice(): only random() promises to give the same numbers in every version of Python.
    return options[int(generator.random() * len(options))]


def _shuffled(count: int, seed: int) -> list[float]:
    generator = random.Random(seed)
    return [generator.random() for _ in range(count)]


def _write_review(generator: random.Random, positive: bool) -> str:
    """Fill one of the patterns; several turn on a single small word such as "not"."""
    kind = _draw(generator, tuple(_THINGS))
    good, bad = (*_GOOD[kind], *_PRAISE), (*_BAD[kind], *_BLAME)
    mine, other = (good, bad) if positive else (bad, good)
    thing, another = (_draw(generator, _THINGS[kind]) for _ in range(2))
    very = _draw(generator, _VERY)
    minutes = str(5 + int(generator.random() * 55))
    patterns = [
        lambda: f"{thing} was {very}{_draw(generator, mine)} .",
        lambda: f"{thing} was {_draw(generator, mine)} and {another} was {_draw(generator, mine)} .",
        lambda: f"{thing} was not {_draw(generator, other)} at all .",
        lambda: f"{thing} was {_draw(generator, other)} , but {another} was {very}{_draw(generator, mine)} .",
        lambda: f"i expected {thing} to be {_draw(generator, other)} , and it was {_draw(generator, mine)} .",
        lambda: f"nobody could call {thing} {_draw(generator, other)} .",
    ]
    if positive:
        patterns += [
            lambda: f"after {minutes} minutes i already loved {thing} .",
            lambda: f"i would come back for {thing} , it was {_draw(generator, mine)} .",
            lambda: f"thank you for {thing} , more at www.example.org/{kind} .",
        ]
    else:
        patterns += [
            lambda: f"after {minutes} minutes i already hated {thing} .",
            lambda: f"i want my money back for {thing} , it was {_draw(generator, mine)} .",
            lambda: f"stay away from {thing} , my list is at www.example.org/{kind} .",
        ]
    if kind in _PEOPLE:
        mood = "kind" if positive else "rude"
        person, own = _PEOPLE[kind][int(generator.random() * len(_PEOPLE[kind]))]
        deeds = _KIND_DEEDS[kind] if positive else _UNKIND_DEEDS[kind]
        deed = _draw(generator, deeds).format(own=own)
        patterns += [
            lambda: f"{person} {deed} .",
            lambda: f"{person} {deed} and {thing} was {_draw(generator, mine)} .",
            lambda: f"{person} was {very}{mood} and {deed} .",
        ]
    return patterns[int(generator.random() * len(patterns))]()


@lru_cache(maxsize=4)
def made_up_reviews(count: int = 600, seed: int = 0) -> Reviews:
    """Return short opinions on films, books, food, hotels and phones, all of them made up.

    They are filled into patterns that were written for this course, so a model that reads them perfectly has
    learned these patterns, not English. That is what makes them good for watching a model learn: the words are
    few, and "not" turns a sentence round.

    Parameters
    ----------
    count : int, default 600
        Half of them praise. No sentence comes twice.
    seed : int, default 0
        Of what goes into the patterns.

    Returns
    -------
    Reviews

    Raises
    ------
    ValueError
        If fewer than 2 or more than 4,000 are asked for.

    Examples
    --------
    >>> from rnnviz.data import made_up_reviews
    >>> reviews = made_up_reviews()
    >>> reviews
    Reviews('made-up reviews', 600 sentences, 300 positive)
    """
    if not 2 <= count <= 4000:
        raise ValueError(f"count is {count}; these patterns make between 2 and 4,000 different sentences.")
    generator = random.Random(seed)
    drawn: dict[str, bool] = {}
    missing = {True: count // 2, False: count - count // 2}
    while any(missing.values()):
        for positive in (True, False):
            if missing[positive]:
                sentence = _write_review(generator, positive)
                if sentence not in drawn:
                    drawn[sentence] = positive
                    missing[positive] -= 1
    return Reviews(
        "made-up reviews", tuple(drawn), tuple(drawn.values()), "Made up for this course; BSD licence."
    )


_SETTINGS = (
    # Who, what is theirs, and what they are seen doing: words that keep the same company end up close together.
    (("the man", "his"), ("the woman", "her"), ("the boy", "his"), ("the girl", "her")),
    (("the father", "his"), ("the mother", "her"), ("the brother", "his"), ("the sister", "her")),
    (("the king", "his"), ("the queen", "her"), ("the prince", "his"), ("the princess", "her")),
)
_ROYAL = ("sat on {own} throne", "wore {own} crown", "rode from {own} castle", "ruled {own} people")
_FAMILY = (
    "called {own} children to dinner",
    "set the family table with {own} plates",
    "read {own} family a story",
)
_PLAIN_DEEDS = ("walked {own} dog", "lost {own} keys", "rode {own} bicycle", "opened {own} umbrella")
_GROWN = ("earned money", "married in spring", "had grey hair")
_YOUNG = ("went to school", "played with toys", "learned to read")
_DRINKS = ("milk", "tea", "coffee", "water", "juice", "wine")
_FOODS = ("bread", "soup", "rice", "fish", "cheese", "cake", "salad", "apples")
_ANIMALS = (("dog", "barks"), ("cat", "purrs"), ("cow", "moos"), ("horse", "neighs"), ("bird", "sings"))
_PLACES = (
    ("paris", "france"),
    ("rome", "italy"),
    ("berlin", "germany"),
    ("madrid", "spain"),
    ("athens", "greece"),
)
_LANGUAGES = {
    "france": "french",
    "italy": "italian",
    "germany": "german",
    "spain": "spanish",
    "greece": "greek",
}
_NUMBERS = ("two", "three", "four", "five", "six", "seven")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIMES = ("morning", "evening", "night")
_COLOURS = ("red", "green", "blue", "yellow", "white", "black")
_CLOTHES = ("coat", "hat", "shirt", "dress", "scarf")
_WEATHER = ("rain", "snow", "wind", "fog", "sunshine")

#: Words of the everyday sentences that are of one kind, which no sentence says.
WORD_KINDS: dict[str, tuple[str, ...]] = {
    "people": tuple(who.removeprefix("the ") for group in _SETTINGS for who, _ in group),
    "drinks": _DRINKS,
    "foods": _FOODS,
    "cities": tuple(city for city, _ in _PLACES),
    "days": _DAYS,
    "colours": _COLOURS,
}


def _write_sentence(generator: random.Random) -> str:
    group = int(generator.random() * len(_SETTINGS))
    place = int(generator.random() * 4)
    person, own = _SETTINGS[group][place]
    ages = _GROWN if place < 2 else _YOUNG
    he = "he" if own == "his" else "she"
    deeds = (_PLAIN_DEEDS, _FAMILY, _ROYAL)[group]
    animal, sound = _ANIMALS[int(generator.random() * len(_ANIMALS))]
    city, country = _PLACES[int(generator.random() * len(_PLACES))]
    number, another = (_draw(generator, _NUMBERS) for _ in range(2))
    day, time = _draw(generator, _DAYS), _draw(generator, _TIMES)
    patterns = (
        lambda: f"{person} {_draw(generator, deeds).format(own=own)} .",
        lambda: f"{person} said that {he} {_draw(generator, deeds).format(own=own)} on {day} .",
        lambda: f"{he} is {person} , and {he} {_draw(generator, deeds).format(own=own)} .",
        lambda: f"i drink {_draw(generator, _DRINKS)} every {time} .",
        lambda: f"they drink a glass of {_draw(generator, _DRINKS)} and eat {_draw(generator, _FOODS)} .",
        lambda: f"we eat {_draw(generator, _FOODS)} with {_draw(generator, _FOODS)} on {day} .",
        lambda: f"the {animal} {sound} every {time} .",
        lambda: f"{number} {animal}s sleep in the barn , {another} in the field .",
        lambda: f"{city} is the capital of {country} .",
        lambda: f"{city} speaks {_LANGUAGES[country]} and eats {_draw(generator, _FOODS)} .",
        lambda: f"all {country} speaks {_LANGUAGES[country]} , from coast to coast .",
        lambda: f"{person} {_draw(generator, ages)} .",
        lambda: f"as {he} {_draw(generator, ages)} , {person} was happy .",
        lambda: (
            f"{person} wore a {_draw(generator, _COLOURS)} {_draw(generator, _CLOTHES)} on {day} {time} ."
        ),
        lambda: (
            f"there was {_draw(generator, _WEATHER)} on {day} and {_draw(generator, _WEATHER)} all {time} ."
        ),
        lambda: (
            f"a {_draw(generator, _COLOURS)} {_draw(generator, _CLOTHES)} costs {number} coins in {city} ."
        ),
    )
    return patterns[int(generator.random() * len(patterns))]()


@lru_cache(maxsize=4)
def everyday_sentences(count: int = 3000, seed: int = 0) -> tuple[str, ...]:
    """Return plain sentences on families, food, animals, cities and weather, all of them made up.

    Words of one kind stand in the same places of the same patterns: kings and queens wear crowns, one drinks milk,
    tea and water. That company is all a word embedding learns from, and here it shows in seconds; real text
    says the same less clearly, and a million times.

    Parameters
    ----------
    count : int, default 3000
        Some come more than once, as in life.
    seed : int, default 0
        Of what goes into the patterns.

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        If fewer than 1 are asked for.

    Examples
    --------
    >>> from rnnviz.data import everyday_sentences
    >>> sentences = everyday_sentences()
    >>> len(sentences), "i drink milk every morning ." in sentences
    (3000, True)
    """
    if count < 1:
        raise ValueError(f"count is {count}; ask for at least 1 sentence.")
    generator = random.Random(seed)
    return tuple(_write_sentence(generator) for _ in range(count))
