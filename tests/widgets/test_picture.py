from xml.etree import ElementTree

import pytest

import rnnviz_widgets as rw
from rnnviz_widgets.picture import PICTURES, SVG


@pytest.mark.parametrize("path", sorted(PICTURES.glob("*.svg")), ids=lambda path: path.stem)
def test_every_picture_says_what_it_shows_and_leaves_its_colours_to_the_page(path):
    picture = rw.Picture(path.stem)
    assert len(picture.title) > 5
    assert len(picture.description) > 40
    for element in ElementTree.parse(path).iter():
        assert element.tag.startswith(SVG)
        assert not {"fill", "stroke", "style", "id"} & set(element.attrib)


def test_says_which_pictures_there_are():
    with pytest.raises(KeyError, match="Did you mean '02-one-neuron'"):
        rw.Picture("02-one-neurone")
