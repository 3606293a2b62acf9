"""The whole world, put together in a fixed order."""

from itertools import zip_longest

from bench.accuracy.corpus import apart, dead, drift, faults, frame, healthy, moved, odd_alive, odd_dead, outdated
from bench.accuracy.corpus.ground import open_ground
from bench.accuracy.corpus.model import World

_LOGIN_SITES = 48
_ODD_EACH = 5
_ODD = tuple(
    kind for pair in zip_longest(odd_alive.KINDS, odd_dead.KINDS) for kind in pair if kind is not None
)  # each site gets some of either sort


def build() -> World:
    world = World()
    for index, site in enumerate(frame.profiles()):
        ground = open_ground(world, site, index)
        for plant in (healthy.plant, dead.plant, drift.plant, moved.plant, outdated.plant):
            plant(ground)
        for number in range(_ODD_EACH):
            _ODD[(index * _ODD_EACH + number) % len(_ODD)](ground)
        apart.plant_wall_on_page(ground)
        if site.sector == "tidning":
            odd_alive.plant_paywall(ground)
            odd_alive.plant_paywall(ground)
        if index < _LOGIN_SITES:
            apart.plant_login(ground)
    apart.plant_providers(world)
    apart.plant_walls(world)
    apart.plant_parked(world)
    faults.plant(world)
    return world
