// How the two pictures are laid over the stage, and the zoom and pan they share.

const VIEWS = {
  side: "Side by side",
  wipe: "Wipe",
  difference: "Difference",
  flip: "Flip",
};
const DIFFERENCE_GAINS = [1, 4, 16];
const ZOOM_STEP = 1.5;
const ZOOM_MAX = 16;

class Views {
  constructor(root, stage, on) {
    this.root = root;
    this.stage = stage;
    this.on = on;
    this.handle = stage.querySelector(".wipe");
    this.mode = "side";
    this.facing = "left";
    this.split = 0.5;
    this.gain = 4;
    this.zoom = 1;
    this.pan = { x: 0, y: 0 };
    this.pointers = new Map();
    this.listen();
    this.draw();
  }

  listen() {
    const { stage, handle } = this;
    stage.onpointerdown = (event) => this.grabbed(event);
    stage.onpointermove = (event) => this.moved(event);
    stage.onpointerup = stage.onpointercancel = (event) => this.released(event);
    stage.ondblclick = () => this.resetZoom();
    // Passive listeners cannot hold the page still while a pinch or ctrl+wheel zooms the pictures.
    this.wheel = (event) => this.wheeled(event);
    stage.addEventListener("wheel", this.wheel, { passive: false });
    handle.onkeydown = (event) => this.handleKey(event);
  }

  set(mode) {
    if (!VIEWS[mode]) return;
    this.mode = mode;
    this.draw();
    this.on.change();
  }

  cycle() {
    const modes = Object.keys(VIEWS);
    this.set(modes[(modes.indexOf(this.mode) + 1) % modes.length]);
  }

  face(side) {
    this.facing = side;
    this.set("flip");
  }

  flip() {
    this.face(this.mode === "flip" && this.facing === "left" ? "right" : this.mode === "flip" ? "left" : this.facing);
  }

  setSplit(share) {
    this.split = clamp(share, 0, 1);
    this.draw();
  }

  setGain(gain) {
    this.gain = gain;
    this.draw();
    this.on.change();
  }

  zoomBy(factor, at = { x: 0.5, y: 0.5 }) {
    const next = clamp(this.zoom * factor, 1, ZOOM_MAX);
    const grown = next / this.zoom;
    this.pan.x = (this.pan.x + 0.5 - at.x) * grown - 0.5 + at.x;
    this.pan.y = (this.pan.y + 0.5 - at.y) * grown - 0.5 + at.y;
    this.zoom = next;
    this.keepInside();
  }

  panBy(x, y) {
    this.pan.x += x;
    this.pan.y += y;
    this.keepInside();
  }

  resetZoom() {
    this.zoom = 1;
    this.keepInside();
  }

  keepInside() {
    const room = (this.zoom - 1) / 2;
    this.pan.x = clamp(this.pan.x, -room, room);
    this.pan.y = clamp(this.pan.y, -room, room);
    this.draw();
    this.on.change();
  }

  // The share of one picture's box under the pointer, so that zooming keeps that point still on both sides.
  shareAt(event) {
    const pane = event.target.closest?.(".pane") ?? this.stage.querySelector(".pane");
    const box = pane.getBoundingClientRect();
    return {
      x: clamp((event.clientX - box.left) / box.width, 0, 1),
      y: clamp((event.clientY - box.top) / box.height, 0, 1),
      box,
    };
  }

  wheeled(event) {
    const zooming = event.ctrlKey || event.metaKey || this.root.ownerDocument.fullscreenElement;
    if (!zooming) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 300), this.shareAt(event));
  }

  grabbed(event) {
    if (event.button !== 0 || event.target.closest("button, a, .notice")) return;
    const wiping = this.mode === "wipe" && (event.target.closest(".wipe") || this.zoom === 1);
    if (!wiping && this.zoom === 1 && event.pointerType === "mouse") return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, wiping });
    this.stage.setPointerCapture(event.pointerId);
    if (wiping) this.wipeTo(event);
  }

  moved(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = { ...before, x: event.clientX, y: event.clientY };
    if (this.pointers.size === 2) this.pinch(event.pointerId, now);
    else if (before.wiping) this.wipeTo(event);
    else if (this.zoom > 1) {
      const { box } = this.shareAt(event);
      this.panBy((now.x - before.x) / box.width, (now.y - before.y) / box.height);
    }
    this.pointers.set(event.pointerId, now);
  }

  pinch(id, now) {
    const [other] = [...this.pointers].filter(([key]) => key !== id).map(([, point]) => point);
    const before = this.pointers.get(id);
    const span = (point) => Math.hypot(point.x - other.x, point.y - other.y) || 1;
    this.zoomBy(span(now) / span(before));
  }

  released(event) {
    if (this.pointers.delete(event.pointerId)) this.on.change();
  }

  wipeTo(event) {
    const box = this.stage.getBoundingClientRect();
    this.setSplit((event.clientX - box.left) / box.width);
  }

  handleKey(event) {
    const move = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    this.setSplit(this.split + move);
    this.on.change();
  }

  async fullScreen() {
    const { ownerDocument } = this.root;
    if (ownerDocument.fullscreenElement) await ownerDocument.exitFullscreen();
    else await this.root.requestFullscreen?.();
  }

  draw() {
    const { stage } = this;
    stage.dataset.view = this.mode;
    stage.dataset.facing = this.facing;
    stage.classList.toggle("zoomed", this.zoom > 1);
    stage.classList.toggle("close", this.zoom >= 4);
    stage.style.setProperty("--split", `${this.split * 100}%`);
    stage.style.setProperty("--difference-gain", this.gain);
    stage.style.setProperty("--zoom", this.zoom);
    stage.style.setProperty("--pan-x", `${this.pan.x * 100}%`);
    stage.style.setProperty("--pan-y", `${this.pan.y * 100}%`);
    this.handle.setAttribute("aria-valuenow", Math.round(this.split * 100));
  }

  destroy() {
    this.stage.removeEventListener("wheel", this.wheel);
  }
}
