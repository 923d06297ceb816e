"""A page made from its figures, as its exposure lists them: controls, and one figure after the other."""

from __future__ import annotations

import streamlit as st

from dashboard import blocks, data, kinds


def controls(here: blocks.Context) -> kinds.Choice | None:
    """The controls of the page: place, year, and the dimensions it lists; None when no number of it has a value at the place."""
    page = here.listed[here.page]
    place = blocks.region(here)
    year = blocks.year(here, page.indicators, place.code) if page.indicators else here.release.last_year
    if year is None:
        return None
    chosen = {}
    for parameter, dimension in page.controls.items():
        codes = ("_T", *data.values_of(here.snapshot, page.indicators, dimension))
        code = blocks.choose(here, parameter, codes, lambda code, name=dimension: here.term(name, code), title=here.dimension(dimension))
        chosen[dimension] = (parameter, code)
    return kinds.Choice(place, year, chosen)


def main() -> None:
    """One run of the page."""
    here = blocks.context()
    page = here.listed[here.page]
    title = st.empty()
    with blocks.controls(here):
        choice = controls(here)
    if choice is None:
        title.title(here.link_of(here.page))
        place = data.region_path(here.snapshot, here.address["region"])[-1]
        st.info(kinds.said(here, page.missing, "figures.empty", place=here.name(place), page=here.link_of(here.page)))
        return
    title.title(kinds.said(here, page.title, "figures.title", place=here.name(choice.place), year=choice.year, page=here.link_of(here.page)))
    blocks.breadcrumbs(here, choice.place)
    halves = []
    for figure in page.figures:
        if figure.is_half and not halves:
            halves = list(blocks.beside(here))
        with halves.pop(0) if figure.is_half else st.container():
            kinds.draw(here, figure, choice)
        halves = halves if figure.is_half else []


main()
