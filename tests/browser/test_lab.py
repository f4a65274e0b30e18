"""The widgets in a real JupyterLab in a real browser: Chromium, driven by its own driver.

Left out where there is no Chromium with a driver (Debian: ``apt-get install chromium
chromium-driver``) or no selenium (``pip install selenium``).
"""

import base64
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import numpy as np
import pytest
from PIL import Image

selenium = pytest.importorskip("selenium", reason="selenium is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium with its driver on this machine"
)

WAIT = 300  # seconds until a cell has run, with the import of TensorFlow, on a busy machine

CELLS = [
    """from helpers import session
session.import_tensorflow()
import numpy as np
from helpers import weights
from helpers.networks import autoencoders, conditional
from lessons.widgets import explorers
generator = conditional.generator()
weights.load(generator, weights.bundled("fashion_mnist_generator"))
names = "t-shirt trouser pullover dress coat sandal shirt sneaker bag boot".split()
explorers.class_picker(lambda z, labels: generator([z, labels]).numpy(), names, 16)""",
    """encoder, decoder = autoencoders.load_vae(2)
points = np.random.default_rng(0).normal(size=(200, 2)).astype("float32")
explorers.plane_explorer(
    lambda z: 1 / (1 + np.exp(-decoder(z).numpy())), points, np.arange(200) % 10, list("0123456789")
)""",
    """from lessons.widgets import pad
def invert(drawing):
    if drawing.mean() < 0:
        raise ValueError("too much ink")
    return -drawing
start = np.full((32, 32, 3), 255, "uint8")
start[4:8, 4:28] = 0
box = pad.doodle_pad(invert, start=start)
box""",
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running JupyterLab on a folder with one notebook: (folder, address)."""
    folder = tmp_path_factory.mktemp("lab")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, folder / "widgets.ipynb")
    port, token = free_port(), "course"
    env = {**os.environ, "COURSE_OFFLINE": "1", "JUPYTER_CONFIG_DIR": str(folder / "config")}
    command = [sys.executable, "-m", "jupyterlab", str(folder), "--no-browser", "--allow-root"]
    command += [f"--port={port}", f"--IdentityProvider.token={token}", "--ip=127.0.0.1"]
    command += ["--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"]
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=folder)
    address = f"http://127.0.0.1:{port}/lab/tree/widgets.ipynb?token={token}&reset"
    try:
        wait_for(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/api").status == 200)
        yield folder, address
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def page(lab, tmp_path_factory):
    """A Chromium that has opened the notebook and run all of its cells."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    flags = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    flags += "--disable-background-networking --disable-component-update --disable-sync "
    flags += f"--window-size=1400,2400 --user-data-dir={tmp_path_factory.mktemp('profile')}"
    for flag in flags.split():
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        browser.get(lab[1])
        ready = "return !!(window.jupyterapp && document.querySelector('.jp-NotebookPanel'))"
        wait_for(lambda: browser.execute_script(ready))
        # Before the notebook has its kernel, running it would ask for one in a dialog.
        kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        wait_for(lambda: browser.execute_script(f"return {kernel}.status === 'idle'"))
        browser.execute_script("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        yield browser
    finally:
        browser.quit()


def wait_for(condition, seconds=WAIT):
    """Poll until ``condition()`` is true; an error counts as not yet."""
    until, last = time.monotonic() + seconds, None
    while time.monotonic() < until:
        try:
            if condition():
                return
        except Exception as error:  # the server or the page is not there yet
            last = error
        time.sleep(0.3)
    raise AssertionError(f"still waiting after {seconds} s; last error: {last}")


def outputs(page):
    from selenium.webdriver.common.by import By

    return page.find_elements(By.CSS_SELECTOR, ".jp-CodeCell .jp-OutputArea-output .widget-vbox")


def picture_in(page, box):
    """Pixels of the widget's picture as the browser shows it, ``(H, W, 3)`` uint8."""
    from selenium.webdriver.common.by import By

    element = box.find_element(By.CSS_SELECTOR, "img")
    drawn = """
        const image = arguments[0], canvas = document.createElement('canvas');
        canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
        canvas.getContext('2d').drawImage(image, 0, 0);
        return canvas.toDataURL('image/png').split(',')[1];
    """
    data = base64.b64decode(page.execute_script(drawn, element))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_another_class_gives_another_picture_for_the_same_z(page):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    wait_for(lambda: len(outputs(page)) >= 1 and picture_in(page, outputs(page)[0]).std() > 10)
    box = outputs(page)[0]
    before = picture_in(page, box)
    Select(box.find_element(By.TAG_NAME, "select")).select_by_visible_text("trouser")
    wait_for(lambda: not np.array_equal(picture_in(page, box), before), 30)
    after = picture_in(page, box)
    assert after.shape == before.shape and after.std() > 10
    # The large picture changes; the ten small ones beside it show the same z and stay.
    middle = 28 * 8 + 30
    assert np.abs(after[:, :middle].astype(int) - before[:, :middle]).mean() > 5
    small = before[60:, middle + 20 : middle + 60]
    assert small.std() > 5


def test_a_slider_moves_through_the_latent_plane(page):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    wait_for(lambda: len(outputs(page)) >= 2 and picture_in(page, outputs(page)[1]).std() > 10)
    box = outputs(page)[1]
    before = picture_in(page, box)
    handle = box.find_element(By.CSS_SELECTOR, ".noUi-handle")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", handle)
    for _ in range(10):
        handle.send_keys(Keys.ARROW_RIGHT)
    wait_for(lambda: not np.array_equal(picture_in(page, box), before), 30)
    changed = np.abs(picture_in(page, box).astype(int) - before).max(axis=-1) > 60
    right_half = changed[:, changed.shape[1] // 2 :]
    assert right_half.sum() > 500, "the decoded digit must change with z"


def canvas_of(page, box):
    """Gray pixels of the drawing pad, ``(256, 256)`` uint8."""
    from selenium.webdriver.common.by import By

    canvas = box.find_element(By.TAG_NAME, "canvas")
    script = "return arguments[0].toDataURL('image/png').split(',')[1]"
    data = base64.b64decode(page.execute_script(script, canvas))
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def drag(page, box, kind, points):
    """A stroke through ``points``, (x, y) of the 256 px, by a ``mouse`` or a finger (``touch``)."""
    from selenium.webdriver.common.actions.action_builder import ActionBuilder
    from selenium.webdriver.common.actions.pointer_input import PointerInput
    from selenium.webdriver.common.by import By

    canvas = box.find_element(By.TAG_NAME, "canvas")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    actions = ActionBuilder(page, mouse=PointerInput(kind, kind), duration=50)
    for number, (x, y) in enumerate(points):
        actions.pointer_action.move_to(canvas, x - 128, y - 128)
        if number == 0:
            actions.pointer_action.pointer_down()
    actions.pointer_action.pointer_up()
    actions.perform()


def test_what_a_mouse_or_a_finger_draws_is_painted(page):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    def painted():
        return picture_in(page, box)[..., 0]

    def named(name):
        controls = box.find_elements(By.CSS_SELECTOR, "canvas, img, input, button, [role=status]")
        (found,) = [each for each in controls if each.accessible_name == name]
        return found

    wait_for(lambda: len(outputs(page)) >= 3 and picture_in(page, outputs(page)[2]).std() > 10)
    box = outputs(page)[2]
    first = painted()
    assert first.shape == (256, 256) and first[48, 128] == 255 and first[128, 128] == 0
    assert canvas_of(page, box)[48, 128] == 0 and canvas_of(page, box)[128, 128] == 255
    canvas, picture = box.find_element(By.TAG_NAME, "canvas"), named("Painted picture")
    assert canvas.aria_role in ("img", "image") and "draw an outline" in canvas.accessible_name
    for square in (canvas, picture):
        assert square.size == {"width": 256, "height": 256}

    drag(page, box, "mouse", [(40, 132), (216, 132)])
    wait_for(lambda: painted()[132, 128] > 200, 30)
    drawn = canvas_of(page, box)
    assert drawn[132, 40:216].max() == 0 and drawn[140].min() == 255 and drawn[132, 34] == 255
    drag(page, box, "touch", [(128, 180), (128, 220), (60, 220)])
    wait_for(lambda: painted()[220, 64] > 200, 30)
    assert canvas_of(page, box)[182:218, 128].max() == 0

    named("Undo").click()
    wait_for(lambda: painted()[220, 64] == 0, 30)
    assert painted()[132, 128] > 200 and canvas_of(page, box)[220, 64] == 255
    named("Clear").click()
    wait_for(lambda: painted().max() == 0, 30)
    assert canvas_of(page, box).min() == 255
    named("Undo").click()
    wait_for(lambda: painted()[48, 128] == 255 and painted()[132, 128] > 200, 30)

    named("Pen width").send_keys(Keys.END)
    for y in range(16, 256, 24):
        drag(page, box, "mouse", [(0, y), (255, y)])
    message = box.find_element(By.CSS_SELECTOR, "[role=status]")
    wait_for(lambda: message.text == "ValueError: too much ink", 30)
    named("Clear").click()
    wait_for(lambda: message.text == "" and painted().max() == 0, 30)
    named("Undo").click()
    named("Undo").click()
    drag(page, box, "touch", [(128, 128)])


def test_a_second_view_of_the_pad_shows_the_same_drawing(page):
    """The strokes live in the kernel, so that nothing is lost when the page is loaded again."""
    box = outputs(page)[2]
    before = canvas_of(page, box)
    assert before.min() == 0
    script = """
        window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2;
        return window.jupyterapp.commands.execute('notebook:create-output-view')
    """
    page.execute_script(script)
    wait_for(lambda: len(page.find_elements("css selector", ".jp-LinkedOutputView canvas")) == 1)
    linked = page.find_element("css selector", ".jp-LinkedOutputView")
    wait_for(lambda: np.array_equal(canvas_of(page, linked), before), 30)
    np.testing.assert_array_equal(picture_in(page, linked), picture_in(page, box))


def test_the_saved_notebook_keeps_a_still_picture(lab, page):
    wait_for(lambda: len(outputs(page)) >= len(CELLS))
    page.execute_script("window.jupyterapp.commands.execute('docmanager:save')")

    def stills():
        book = nbformat.read(lab[0] / "widgets.ipynb", 4)
        return [
            output.data
            for cell in book.cells
            for output in cell.outputs
            if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
        ]

    wait_for(lambda: len(stills()) == len(CELLS), 30)
    for data in stills():
        still = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))))
        assert still.std() > 10
