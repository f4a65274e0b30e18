"""Tiles: every pixel once, wherever the grid lies; no seam; the gradient of the whole picture."""

import itertools
import threading

import numpy as np
import pytest
import tensorflow as tf

from helpers.networks import features
from lessons.dream import Ascent, Tiling, objective, tiles
from lessons.dream import ascent as ascents

LAYER = "fire4"  # 47 pixels of receptive field, stride 8


@pytest.fixture(scope="module")
def network():
    return features.load("squeezenet")


def ascender(network, layer=LAYER, tile_size=48, workers=2, **tiling):
    tiling = Tiling(**{"jitter": 0, "shift": 0} | tiling)
    chosen = objective.targets(network, layer)
    return ascents.GradientAscent(
        network, chosen, Ascent(), tiling, tile_size=tile_size, workers=workers
    )


def noise(height, width, seed=0):
    random = np.random.default_rng(seed)
    return random.uniform(0, 255, (height, width, 3)).astype("float32")


def test_mirrored_lines_by_hand():
    assert tiles.mirrored(-3, 7, 4).tolist() == [2, 1, 0, 0, 1, 2, 3, 3, 2, 1]
    assert tiles.mirrored(-2, 3, 1).tolist() == [0, 0, 0, 0, 0]
    line = np.arange(5)
    padded = np.pad(line, 4, mode="symmetric")
    np.testing.assert_array_equal(line[tiles.mirrored(-4, 9, 5)], padded)


@pytest.mark.parametrize("shape", [(1, 1), (7, 200), (96, 96), (97, 131), (48, 49)])
@pytest.mark.parametrize(
    "tile_size, shift, jitter", [(16, 0, 0), (32, 16, 5), (48, 9, 1), (500, 9, 9)]
)
def test_every_pixel_belongs_to_one_tile(shape, tile_size, shift, jitter):
    """The last row and column too, however the grid is moved (a well-known loop loses them)."""
    grid = tiles.grid(shape, tile_size, 8, Tiling(shift=shift, jitter=jitter))
    assert all(side % 8 == 0 for side in (*grid.tile, *grid.window))
    assert max(grid.tile) <= -(-1.5 * tile_size // 8) * 8
    most = tuple(each + max(0, jitter - 1) for each in grid.shift)
    for move in ((0, 0), (most[0], 0), (most[0] // 2, most[1])):
        count = np.zeros((*shape, 1), int)
        for start in grid.starts(move):
            one = np.full((*shape, 1), -1)
            grid.write(one, start, np.ones((*grid.window, 1), int))
            count += one == 1
        assert (count == 1).all()


def test_tiles_are_about_as_large_as_asked_for():
    """By hand: 640 + 15 pixels make one tile of 512, for it is less than one and a half."""
    one = tiles.grid((427, 640), 512, 16, Tiling(jitter=16))
    assert one.count == (1, 1) and one.tile == (448, 656)
    assert one.halo == (0, 0) and one.shift == (0, 0)
    large = tiles.grid((4000, 600), 512, 16, Tiling(jitter=16))
    assert large.count == (8, 1) and large.shift == (64, 0) and large.halo == (16, 0)
    assert large.tile == (512, 624) and large.window == (544, 624)


def test_a_window_holds_the_tile_where_write_expects_it():
    image = noise(61, 83)
    grid = tiles.grid(image.shape, 32, 8, Tiling(halo=24, shift=8, jitter=3))
    copy = np.empty_like(image)
    for start in grid.starts((3, 10)):
        window = grid.read(image, start)
        assert window.shape == (*grid.window, 3)
        grid.write(copy, start, window)
    np.testing.assert_array_equal(copy, image)


@pytest.mark.parametrize("shape", [(96, 96), (64, 136), (70, 101), (20, 33), (150, 47)])
def test_with_the_halo_tiles_give_the_gradient_of_the_whole_picture(network, shape):
    """Small tiles, oblong pictures, sizes that no tile divides, pictures smaller than a tile."""
    image, halo = noise(*shape), network.receptive_field(LAYER) + 1
    whole, _ = ascender(network, tile_size=1000, halo=halo).gradient(image, (0, 0))
    parts, _ = ascender(network, tile_size=32, halo=halo).gradient(image, (0, 0))
    assert (
        np.abs(whole).max() > 0 and np.abs(whole[-1]).max() > 0 and np.abs(whole[:, -1]).max() > 0
    )
    np.testing.assert_allclose(parts, whole, atol=2e-5 * np.abs(whole).max())


def test_the_whole_picture_s_gradient_is_that_of_plain_tensorflow(network):
    """Away from the border, where the mirror image begins."""
    image, field = noise(176, 208), network.receptive_field(LAYER)
    variable = tf.Variable(image[None])
    with tf.GradientTape() as tape:
        maps = network.features(variable, [LAYER])[LAYER]
        total = tf.reduce_sum(maps) * network.stride(LAYER) ** 2 / maps.shape[-1]
    plain = tape.gradient(total, variable)[0].numpy()
    tiled, _ = ascender(network, halo=field + 1).gradient(image, (0, 0))
    inner = (slice(field, -field), slice(field, -field))
    np.testing.assert_allclose(tiled[inner], plain[inner], atol=2e-5 * np.abs(plain).max())


def edge_energy(network, **options):
    """Mean square of the gradient along the borders of 48-pixel tiles, by that of the rest."""
    tool = ascender(network, "fire6", tile_size=48, **options)
    total = np.zeros((192, 192))
    for seed in range(3):
        image = np.full((192, 192, 3), 128, "float32") + 4 * (noise(192, 192, seed) / 255 - 0.5)
        slope, size = tool.gradient(image)
        total += np.mean((slope / size) ** 2, axis=-1)
    border = np.zeros((192, 192), bool)
    lines = [line + side for line in (48, 96, 144) for side in (-1, 0)]
    border[lines], border[:, lines] = True, True
    inner = np.zeros_like(border)
    inner[32:-32, 32:-32] = True
    return total[border & inner].mean() / total[~border & inner].mean()


def test_no_seam_along_the_tiles(network):
    """Without halo and shift there is a seam, which shows that the measure sees one."""
    seam = edge_energy(network, halo=0, shift=0)
    assert abs(np.log(seam)) > np.log(1.15)
    with_halo = edge_energy(network, halo=64, shift=0)
    assert 0.8 < with_halo < 1.1
    moved = edge_energy(network, halo=0, shift=48, jitter=16)
    assert abs(np.log(moved)) < abs(np.log(seam)) / 2


@pytest.mark.parametrize("side", [800, 1000, 1500, 2000, 2048, 3333])
def test_borders_move_where_there_is_room(side):
    """At least by a sixteenth of a tile, but no tile is larger than that asks for."""
    found = tiles.grid((side, side), 512, 16, Tiling(jitter=16))
    still = tiles.grid((side, side), 512, 16, Tiling(jitter=16, shift=32))
    assert found.tile == still.tile and found.count == still.count
    assert 32 <= found.shift[0] <= 64 and found.shift[0] % 16 == 0
    assert found.tile[0] * found.count[0] >= side + 15 + found.shift[0]


def test_movements_stay_in_their_ranges():
    random = np.random.default_rng(0)
    grid = tiles.grid((100, 100), 32, 8, Tiling(shift=24, jitter=5))
    assert grid.shift == (24, 24)
    moves = np.array([grid.move(random) for _ in range(400)])
    assert moves.min() == 0 and moves.max() == 28
    assert sorted(np.unique(moves % 8)) == [0, 1, 2, 3, 4]  # jitter under the stride of 8
    still = tiles.grid((100, 100), 32, 8, Tiling(shift=0, jitter=0))
    assert still.move(random) == (0, 0)
    # A picture of one tile is moved by jitter alone.
    alone = tiles.grid((100, 100), 200, 8, Tiling(jitter=5))
    assert alone.count == (1, 1) and alone.shift == (0, 0)
    assert max(max(alone.move(random)) for _ in range(100)) == 4


def test_batches_of_tiles_change_nothing(network, monkeypatch):
    image, found = noise(90, 120), []
    for pixels in (1, 10**7):
        monkeypatch.setattr(ascents, "BATCH", pixels)
        found.append(ascender(network).gradient(image, (0, 0))[0])
    np.testing.assert_allclose(*found, atol=1e-5 * np.abs(found[0]).max())


def test_workers_change_nothing_and_an_interrupt_stops_them(network, monkeypatch):
    image = noise(90, 120)
    monkeypatch.setattr(ascents, "BATCH", 1)
    alone = ascender(network, tile_size=24, workers=1).gradient(image, (0, 0))[0]
    three = ascender(network, tile_size=24, workers=3)
    np.testing.assert_array_equal(three.gradient(image, (0, 0))[0], alone)
    calls, canceled, function = itertools.count(), threading.Event(), three.function

    class Pool(ascents.ThreadPoolExecutor):
        def shutdown(self, **options):
            super().shutdown(wait=False, **options)
            canceled.set()
            super().shutdown()

    def interrupted(windows, *rest):
        next(calls)
        if np.array_equal(windows, first):
            raise KeyboardInterrupt
        canceled.wait()  # however slow this machine is: the others run until they are canceled
        return function(windows, *rest)

    monkeypatch.setattr(ascents, "ThreadPoolExecutor", Pool)
    grid = tiles.grid(image.shape, 24, 8, Tiling(shift=0, jitter=0))
    first = grid.read(image, grid.starts()[0])[None]
    three.function, before = interrupted, image.copy()
    with pytest.raises(KeyboardInterrupt):
        three.step(image, 3.0)
    assert next(calls) <= 4  # one interrupted, its worker takes one more, two wait; 20 windows
    np.testing.assert_array_equal(image, before)  # half a gradient moves nothing


def test_half_precision_of_large_pictures_keeps_the_direction(network, monkeypatch):
    """Also where one half is empty, whatever its scale, and when it was not known before."""
    image = noise(90, 120)
    sky = np.concatenate([np.zeros((96, 96, 3), "float32"), image[:, :96]])
    for picture in (image, sky):
        for weight in (1.0, 1e-9, 1e9):
            full, size = ascender(network, {LAYER: weight}).gradient(picture, (0, 0))
            monkeypatch.setattr(ascents, "LARGE", 0)
            monkeypatch.setattr(ascents, "BATCH", 1)
            tool = ascender(network, {LAYER: weight})
            for _ in range(2):
                half, half_size = tool.gradient(picture, (0, 0))
                assert half.dtype == np.float16 and full.dtype == np.float32
                np.testing.assert_allclose(half / half_size, full / size, atol=5e-3)
            monkeypatch.undo()


def test_one_trace_serves_all_sizes(network):
    tool = ascender(network, "fire5")
    for shape in ((40, 60), (57, 90), (100, 128), (33, 33)):
        tool.gradient(noise(*shape), (0, 0))
    assert tool.function.experimental_get_tracing_count() == 1
    assert ascender(network, "fire5").function is tool.function
