"""The recipes: functions from a Draw to a model's outputs (or a whole model), by name."""

from collections.abc import Callable

from draw import Draw

RECIPES: dict[str, Callable[[Draw], object]] = {}
SHARES: dict[str, int] = {}


def recipe(share: int = 1, **variants):
    """Registers a recipe under its function's name.

    `share` says how many seeds it gets for each one of a plain recipe. `variants` make several recipes of one
    function: `@recipe(rank=(1, 2, 3))` on `conv` registers conv_1, conv_2, conv_3, each called with its `rank`.
    """

    def register(function):
        for argument, values in variants.items():
            for value in values:
                add(f"{function.__name__}_{value}", lambda draw, value=value: function(draw, **{argument: value}), share)
        if not variants:
            add(function.__name__, function, share)
        return function

    return register


def add(name: str, function: Callable[[Draw], object], share: int) -> None:
    if name in RECIPES:
        raise ValueError(f"two recipes are called {name}")
    RECIPES[name] = function
    SHARES[name] = share
