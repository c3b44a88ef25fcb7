"""Questions of the kind "man is to woman as king is to …?", of words that the everyday sentences hold."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["ANALOGIES", "ask_analogies"]

#: Pairs that stand in the same relation, by its name.
ANALOGIES: dict[str, tuple[tuple[str, str], ...]] = {
    "man → woman": (
        ("man", "woman"),
        ("boy", "girl"),
        ("father", "mother"),
        ("brother", "sister"),
        ("king", "queen"),
        ("prince", "princess"),
    ),
    "capital → country": (
        ("paris", "france"),
        ("rome", "italy"),
        ("berlin", "germany"),
        ("madrid", "spain"),
        ("athens", "greece"),
    ),
    "country → language": (
        ("france", "french"),
        ("italy", "italian"),
        ("germany", "german"),
        ("spain", "spanish"),
        ("greece", "greek"),
    ),
    "animal → sound": (
        ("dog", "barks"),
        ("cat", "purrs"),
        ("cow", "moos"),
        ("horse", "neighs"),
        ("bird", "sings"),
    ),
    "one → several": (
        ("dog", "dogs"),
        ("cat", "cats"),
        ("cow", "cows"),
        ("horse", "horses"),
        ("bird", "birds"),
    ),
}


def ask_analogies(relation: str) -> Iterator[tuple[str, str, str, str]]:
    """Ask for each pair of a relation by each other pair of it.

    Parameters
    ----------
    relation : str
        A key of `ANALOGIES`.

    Yields
    ------
    a, b, c, answer : str
        a is to b as c is to the answer: the answer should lie near b − a + c.

    Raises
    ------
    KeyError
        If there is no such relation.

    Examples
    --------
    >>> from rnnviz.data.analogies import ask_analogies
    >>> next(ask_analogies("man → woman"))
    ('man', 'woman', 'boy', 'girl')
    >>> len(list(ask_analogies("man → woman")))
    30
    """
    pairs = ANALOGIES[relation]
    return ((a, b, c, answer) for a, b in pairs for c, answer in pairs if (a, b) != (c, answer))
