// The browser's half of pad.py: paper to draw on and, beside it, the picture that was painted.
//
// strokes: [{width, points: [[x, y], ...]}, ...] in pixels of the canvas. One without points is
// a fresh sheet of paper, so that undo brings back what was cleared.

const SIDE = 256;
const SQUARE = `flex: none; width: ${SIDE}px; height: ${SIDE}px; background: white;
  box-shadow: 0 0 0 1px #888;`;
const PAGE = `
  <div style="display: flex; flex-flow: row wrap; gap: 12px; padding: 2px;">
    <canvas width="${SIDE}" height="${SIDE}" role="img" style="${SQUARE}
      touch-action: none; cursor: crosshair;"
      aria-label="Drawing pad: draw an outline with a mouse, a pen or a finger"></canvas>
    <img alt="Painted picture" style="${SQUARE}">
  </div>
  <div style="display: flex; flex-flow: row wrap; align-items: center; gap: 8px; padding: 4px 2px;">
    <label>Pen width <input type="range" min="2" max="32" step="1"></label>
    <button type="button">Undo</button>
    <button type="button">Clear</button>
  </div>
  <div role="status" style="min-height: 1.5em;"></div>`;

function show(image, bytes) {
  const old = image.src;
  image.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  URL.revokeObjectURL(old);
}

function draw(context, { width, points }) {
  const [[x, y]] = points;
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath(); // a tap leaves a dot
  context.arc(x, y, width / 2, 0, 2 * Math.PI);
  context.fill();
  context.beginPath();
  points.forEach(([x, y]) => context.lineTo(x, y));
  context.stroke();
}

function render({ model, el }) {
  el.innerHTML = PAGE;
  el.style.color = "var(--jp-ui-font-color1, inherit)"; // readable in JupyterLab's dark theme
  const [canvas, painted, pen, message] = ["canvas", "img", "input", "[role=status]"].map((name) =>
    el.querySelector(name)
  );
  const [undo, clear] = el.querySelectorAll("button");
  const context = canvas.getContext("2d");
  const paper = new Image();
  let stroke = null; // the one being drawn, and the pointer that draws it
  let pointer = null;

  function redraw() {
    const strokes = model.get("strokes");
    const cleared = strokes.findLastIndex(({ points }) => points.length === 0);
    context.fillStyle = "white";
    context.fillRect(0, 0, SIDE, SIDE);
    context.fillStyle = "black";
    context.imageSmoothingEnabled = false;
    if (cleared < 0 && paper.complete && paper.naturalWidth) {
      context.drawImage(paper, 0, 0, SIDE, SIDE);
    }
    strokes.slice(cleared + 1).forEach((each) => draw(context, each));
    if (stroke) draw(context, stroke);
  }

  function keep(strokes) {
    model.set("strokes", strokes);
    model.save_changes();
  }

  function add(event) {
    const box = canvas.getBoundingClientRect();
    const place = [event.clientX - box.left, event.clientY - box.top];
    const scale = [SIDE / box.width, SIDE / box.height];
    stroke.points.push(place.map((value, axis) => Math.round(10 * value * scale[axis]) / 10));
    draw(context, { width: stroke.width, points: stroke.points.slice(-2) });
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (stroke || event.button !== 0) return; // a second finger draws nothing
    event.preventDefault();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    stroke = { width: model.get("pen"), points: [] };
    add(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (stroke && event.pointerId === pointer) add(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (!stroke || event.pointerId !== pointer) return;
      const drawn = stroke;
      stroke = null;
      keep([...model.get("strokes"), drawn]);
    });
  }
  undo.addEventListener("click", () => keep(model.get("strokes").slice(0, -1)));
  clear.addEventListener("click", () =>
    keep([...model.get("strokes"), { width: 0, points: [] }])
  );
  pen.addEventListener("input", () => {
    model.set("pen", Number(pen.value));
    model.save_changes();
  });

  const follow = {
    strokes: redraw,
    paper: () => show(paper, model.get("paper")),
    painted: () => show(painted, model.get("painted")),
    pen: () => (pen.value = model.get("pen")),
    message: () => (message.textContent = model.get("message")),
  };
  paper.addEventListener("load", redraw);
  for (const [name, react] of Object.entries(follow)) {
    model.on(`change:${name}`, react);
    react();
  }
  return () => {
    for (const [name, react] of Object.entries(follow)) model.off(`change:${name}`, react);
  };
}

export default { render };
