"""Checks of the pool of old fakes in notebook 09; ``translation`` offers them."""

from collections import Counter

import numpy as np

from exercises import verdict
from exercises.verdict import array, call, passed, refuse


def _numbers(images):
    """The numbers of pictures that are filled with theirs; see ``_Pool``."""
    found = array(list(images), None, "a picture").reshape(len(images), -1 if len(images) else 1)
    refuse((found != found[:, :1]).any(), "pictures were mixed: store and return whole ones")
    return [int(number) for number in found[:, 0]]


class _Pool:
    """A student's pool, one batch after the other; nothing may get lost in it."""

    def __init__(self, function, size, seed):
        self.function, self.size, self.seen = verdict.own_work(function), size, 0
        self.pool, self.random = [], np.random.default_rng(seed)

    def step(self, count):
        """Numbers in the pool before, of the fakes, and of what comes back."""
        before, new = _numbers(self.pool), list(range(self.seen, self.seen + count))
        fakes = np.full((3, 2, 3, count), new, "float32").transpose(3, 0, 1, 2)
        kept, free = fakes.copy(), max(0, self.size - len(before))
        found = call(self.function, self.pool, fakes, self.size, self.random)
        found = _numbers(array(found, fakes.shape, "what comes back"))
        self.seen += count
        refuse(not np.array_equal(fakes, kept), "your function changes the fakes that it was given")
        refuse(not self.pool, "the pool is still empty: change the list itself, by pool.append")
        after = _numbers(self.pool)
        held = f"the pool holds {len(after)} pictures of {self.size}, after {self.seen} fakes"
        refuse(len(after) > self.size, f"{held}: when it is full, replace one")
        refuse(len(after) < min(self.size, self.seen), f"{held}: fill it first, fake by fake")
        refuse(found[:free] != new[:free], "while there is room, return each fake as it came")
        here, there = Counter(before + new), Counter(found[free:] + after)
        gone = set(here - there)
        refuse(gone & set(new), "a new fake got lost: it takes the place of the old one")
        refuse(gone, "an old fake left the pool and did not come back: return it, not the new one")
        refuse(there - here, "a full pool holds a fake that came back, too: one or the other")
        return before, np.array(new), np.array(found)


def exchange_fills(function):
    """Check that a pool is filled up to its size first, also in the middle of a batch."""
    for size, counts in ((5, (1, 2, 2)), (50, (20, 30)), (7, (5, 6)), (3, (9, 4))):
        pool = _Pool(function, size, seed=size)
        for count in counts:
            pool.step(count)
    passed("every fake is stored until the pool is full.")


def exchange_full(function):
    """Check a full pool: half of the fakes are exchanged, each for any old one."""
    pool = _Pool(function, 6, seed=0)
    steps = [pool.step(count) for count in [6] + [1] * 600 + [8] * 100][1:]
    places = [before.index(back[0]) for before, new, back in steps[:600] if back[0] != new[0]]
    share, counts = len(places) / 600, np.bincount(places, minlength=6)
    refuse(abs(share - 0.5) > 0.12, f"{share:.0%} of what comes back is old: exchange every other "
           "fake, by chance")  # fmt: skip
    refuse(counts.min() < 15, f"the six places were chosen {counts.tolist()} times: draw one of "
           "all of them")  # fmt: skip
    together = np.mean([(back != new).all() or (back == new).all() for _, new, back in steps[600:]])
    refuse(together > 0.3, "a batch is exchanged as a whole or not at all: draw for each fake")
    pools = [_Pool(function, 4, seed) for seed in (1, 1, 2)]
    one, again, other = ([each.step(3)[2].tolist() for _ in range(30)] for each in pools)
    refuse(one != again or one == other, "draw from the argument random: a seed decides all")
    passed("half of what D sees is old.")
