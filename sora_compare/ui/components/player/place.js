// Where a player is and how it looks: restored from a link or on coming back, and told to links and to Python.

const remembered = new Map(); // where each player was, for coming back to a page

// The order in which a link writes a view; Python reads it in the same order (values.py).
const LINK_FIELDS = [
  "time_s", "mode", "facing", "split", "zoom", "pan_x", "pan_y", "speed", "heard", "loop", "loop_from_s", "loop_to_s",
  "offset_s",
];

function linkText(view) {
  return LINK_FIELDS.map((field) => view[field] ?? "").join("~");
}

class Place {
  constructor(player) {
    this.player = player;
    this.pending = null;
  }

  get key() {
    const { player } = this;
    const path = (side) => (side.url ? new URL(side.url, location.href).pathname : side.label);
    return [player.key, path(player.data.left), path(player.data.right)].join(" ");
  }

  // A view from Python (a link) is taken when it is new; coming back to a page, the place it was left at.
  apply(view, fresh) {
    const text = JSON.stringify(view);
    const isNew = text !== this.viewPassed;
    this.viewPassed = text;
    const chosen = fresh ? (remembered.get(this.key) ?? view) : isNew ? view : null;
    if (fresh && isNew && view && text !== remembered.get(`${this.player.key} view`)) this.restore(view);
    else if (chosen) this.restore(chosen);
    remembered.set(`${this.player.key} view`, text);
  }

  restore(view) {
    const { views, lock, sound } = this.player;
    views.mode = VIEWS[view.mode] ? view.mode : "side";
    views.facing = view.facing === "right" ? "right" : "left";
    views.split = view.split;
    views.zoom = clamp(view.zoom, 1, ZOOM_MAX);
    views.pan = { x: view.pan_x, y: view.pan_y };
    lock.speed = clamp(view.speed, 0.1, 2);
    lock.loop = { on: view.loop, from: view.loop_from_s, to: view.loop_to_s };
    this.player.setOffsets(view.offset_s);
    sound.heard = view.heard;
    this.pending = view.time_s;
    views.draw();
    this.seekPending();
  }

  // The place can only be taken once every side that will come has come.
  seekPending() {
    const { lock } = this.player;
    if (!lock.active.length || lock.active.some((picture) => !picture.ready)) return;
    const time = this.pending ?? lock.time;
    this.pending = null;
    if (!lock.playing) lock.seek(time);
  }

  state() {
    const { views, lock, sound } = this.player;
    const near = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;
    return {
      time_s: near(frameMiddle(lock.grid, lock.aimedFrame), 4),
      mode: views.mode,
      facing: views.facing,
      split: near(views.split, 3),
      zoom: near(views.zoom, 3),
      pan_x: near(views.pan.x, 4),
      pan_y: near(views.pan.y, 4),
      speed: lock.speed,
      heard: sound.heard,
      loop: lock.loop.on,
      loop_from_s: lock.loop.from,
      loop_to_s: lock.loop.to,
      offset_s: this.player.picture("right").offset,
    };
  }

  remember() {
    remembered.set(this.key, this.state());
  }
}
