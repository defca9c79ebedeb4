// Puts one player together, keeps it alive across Streamlit's reruns, and reports to Python when something happened.

const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const VIEW_SETTLED_MS = 900; // a change of view while paused is told once the hand has rested
const remembered = new Map(); // where each player was, for coming back to a page
const obeyed = new Set(); // commands from Python that were carried out; a rerun must not repeat them

class Player {
  constructor(root, data) {
    this.root = root;
    this.key = data.key;
    this.sequence = data.seen;
    this.find = (selector) => root.querySelector(selector);
    this.pictures = ["left", "right"].map(
      (side) => new Picture(side, this.find(`.pane.${side}`), (what, picture) => this.pictureChanged(what, picture)),
    );
    this.sound = new Sound(this.pictures);
    this.lock = new Lock(this.pictures, this.sound, this.lockEvents());
    this.views = new Views(root, this.find(".stage"), { change: () => this.viewChanged() });
    this.timeline = new Timeline(root, this.lock, { seekFrame: (frame) => this.lock.seekFrame(frame) });
    this.markers = new Markers(root, this);
    this.keys = new Keys(this);
    this.transport = new Transport(this);
  }

  lockEvents() {
    return {
      change: () => this.transport?.draw(),
      time: (time) => this.timeChanged(time),
      seeking: (time) => this.timeline.draw(time),
      drift: () => this.transport.drawReadout(),
      event: (what) => this.report(what),
      problem: (text) => this.transport.say(text),
    };
  }

  picture(side) {
    return this.pictures[side === "left" ? 0 : 1];
  }

  // Called on every rerun: takes over what changed and touches nothing else.
  apply(data, sendReport) {
    this.data = data;
    this.sendReport = sendReport;
    this.root.dataset.scheme = schemeOf(this.root);
    const fresh = this.applySides(data);
    this.markers.adopt(data.markers, data.marker_kinds, data.seen >= this.sequence);
    this.applyView(data.view, fresh);
    this.applyCommand(data.command);
    drawKeyTable(this.find(".keys"), { left: data.left.label, right: data.right.label });
    this.layOut();
  }

  applySides(data) {
    let fresh = false;
    for (const picture of this.pictures) {
      const side = data[picture.side];
      picture.label = side.label;
      picture.pane.style.setProperty("--side", side.color || `var(--${picture.side}-default)`);
      this.root.style.setProperty(`--${picture.side}`, side.color || `var(--${picture.side}-default)`);
      if (side.reason !== undefined) picture.missing(side.reason);
      else if (picture.load(side)) fresh = true;
    }
    if (fresh) this.newPair();
    return fresh;
  }

  newPair() {
    this.lock.destroy();
    this.lock.time = 0;
    this.lock.drift.reset();
    this.lock.watched.clear();
    this.lock.reachedEnd = false;
    this.flashAgreed = false;
    this.pending = null;
  }

  get memoryKey() {
    const path = (side) => (side.url ? new URL(side.url, location.href).pathname : side.label);
    return [this.key, path(this.data.left), path(this.data.right)].join(" ");
  }

  // A view from Python (a link) is taken when it is new; coming back to a page, the place it was left at.
  applyView(view, fresh) {
    const text = JSON.stringify(view);
    const isNew = text !== this.viewPassed;
    this.viewPassed = text;
    const chosen = fresh ? (remembered.get(this.memoryKey) ?? view) : isNew ? view : null;
    if (fresh && isNew && view && text !== remembered.get(`${this.key} view`)) this.restore(view);
    else if (chosen) this.restore(chosen);
    remembered.set(`${this.key} view`, text);
  }

  restore(view) {
    this.views.mode = VIEWS[view.mode] ? view.mode : "side";
    this.views.facing = view.facing === "right" ? "right" : "left";
    this.views.split = view.split;
    this.views.zoom = clamp(view.zoom, 1, ZOOM_MAX);
    this.views.pan = { x: view.pan_x, y: view.pan_y };
    this.lock.speed = clamp(view.speed, 0.1, 2);
    this.lock.loop = { on: view.loop, from: view.loop_from_s, to: view.loop_to_s };
    this.setOffsets(view.offset_s);
    this.sound.heard = view.heard;
    this.pending = view.time_s;
    this.views.draw();
    this.seekPending();
  }

  // The place can only be taken once every side that will come has come.
  seekPending() {
    const waiting = this.lock.active.some((picture) => !picture.ready);
    if (waiting || !this.lock.active.length) return;
    const time = this.pending ?? this.lock.time;
    this.pending = null;
    if (!this.lock.playing) this.lock.seek(time);
  }

  applyCommand(command) {
    if (!command || obeyed.has(command.id)) return;
    obeyed.add(command.id);
    if (command.seek_s !== null) this.pending = command.seek_s;
    if (command.seek_s !== null && this.lock.active.every((picture) => picture.ready)) {
      this.pending = null;
      this.lock.seek(command.seek_s);
    }
    if (command.play === true) this.playPause(true);
    if (command.play === false) this.lock.pause();
  }

  pictureChanged(what, picture) {
    if (what === "failed" && this.lock.playing) picture.video.pause();
    if (what === "ready" || what === "failed") this.seekPending();
    this.layOut();
  }

  layOut() {
    if (!this.data) return;
    this.fitStage();
    for (const picture of this.pictures) this.transport.drawPane(picture);
    if (this.sound.heard !== "none" && !this.sound.canHear(this.sound.heard)) {
      this.sound.heard = this.pictures.find((one) => this.sound.canHear(one.side))?.side ?? "none";
    }
    if (this.pictures.some((one) => !one.playable) && this.views.mode !== "side") {
      this.views.mode = "side"; // not set(): that would count as somebody's wish and be reported
      this.views.draw();
    }
    this.timeline.setup(this.pictures);
    this.markers.draw();
    this.transport.draw();
  }

  // Both sides get one box, the wider of the two shapes, so that views that overlay them match.
  fitStage() {
    const shapes = this.pictures.filter((one) => one.playable).map((one) => one.canvas.width / one.canvas.height);
    this.find(".stage").style.setProperty("--shape", shapes.length ? Math.max(...shapes) : 16 / 9);
  }

  run(command) {
    COMMANDS[command](this);
  }

  playPause(wanted = !this.lock.playing) {
    if (wanted && this.mustWarn()) return this.transport.warn();
    return wanted ? this.lock.play() : this.lock.pause();
  }

  mustWarn() {
    return !this.flashAgreed && this.lock.active.some((picture) => picture.clip.flashes);
  }

  agreeToFlashes() {
    this.flashAgreed = true;
    this.transport.draw();
    return this.lock.play();
  }

  setSpeed(speed) {
    this.lock.setSpeed(speed);
    this.viewChanged();
  }

  changeSpeed(by) {
    const nearest = SPEEDS.reduce((best, one, at) =>
      Math.abs(one - this.lock.speed) < Math.abs(SPEEDS[best] - this.lock.speed) ? at : best, 0);
    this.setSpeed(SPEEDS[clamp(nearest + by, 0, SPEEDS.length - 1)]);
  }

  toggleLoop() {
    this.setLoop({ on: !this.lock.loop.on });
  }

  setLoopEdge(edge) {
    const frame = 1 / this.lock.grid.fps;
    const at = edge === "from" ? this.lock.aimedFrame * frame : (this.lock.aimedFrame + 1) * frame;
    const loop = { ...this.lock.loop, [edge]: at, on: true };
    if (loop.from !== null && loop.to !== null && loop.to - loop.from < 2 * frame) loop[edge === "from" ? "to" : "from"] = null;
    this.setLoop(loop);
  }

  clearLoop() {
    this.setLoop({ on: false, from: null, to: null });
  }

  setLoop(change) {
    Object.assign(this.lock.loop, change);
    this.viewChanged();
  }

  hear(side) {
    this.sound.choose(side, this.lock);
    this.viewChanged();
  }

  hearNext() {
    const sides = [...this.pictures.map((one) => one.side).filter((side) => this.sound.canHear(side)), "none"];
    this.hear(sides[(sides.indexOf(this.sound.heard) + 1) % sides.length]);
  }

  toggleLoudness() {
    this.sound.setMatched(!this.sound.matched);
    this.transport.draw();
  }

  get canOverlay() {
    return this.pictures.every((picture) => picture.playable);
  }

  setView(mode) {
    if (this.canOverlay) this.views.set(mode);
  }

  face(side) {
    if (this.canOverlay) this.views.face(side);
  }

  flip() {
    if (this.canOverlay) this.views.flip();
  }

  // The offset moves the right side against the left; half a frame is a tenth of a hair to the eye, but not to a cut.
  setOffset(seconds) {
    this.setOffsets(clamp(seconds, -2, 2));
    this.lock.seek(this.lock.time);
    this.viewChanged();
  }

  setOffsets(seconds) {
    const right = this.picture("right");
    if (right.offset === seconds) return;
    right.offset = seconds;
    right.shown = null;
  }

  timeChanged(time) {
    this.timeline.draw(time);
    this.transport.drawTime();
  }

  viewChanged() {
    if (!this.data) return;
    this.transport.draw();
    this.timeline.draw();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => !this.lock.playing && this.report("view"), VIEW_SETTLED_MS);
  }

  viewState() {
    const { views, lock } = this;
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
      heard: this.sound.heard,
      loop: lock.loop.on,
      loop_from_s: lock.loop.from,
      loop_to_s: lock.loop.to,
      offset_s: this.picture("right").offset,
    };
  }

  // The only way to Python, and only after something a person did or the end of the clips: never while mounting.
  report(what) {
    clearTimeout(this.settling);
    if (!this.sendReport || this.gone) return;
    this.sequence += 1;
    const { lock } = this;
    this.sendReport({
      sequence: this.sequence,
      event: what,
      markers: this.markers.list,
      drift: lock.drift.summary(),
      coarse: lock.coarse,
      watched_share: Math.round(lock.watchedShare * 1000) / 1000,
      watched_to_end: lock.watchedToEnd,
      view: this.viewState(),
    });
  }

  async copyLink() {
    const link = new URL(location.href);
    const view = this.viewState();
    link.searchParams.set(this.data.link_parameter, LINK_FIELDS.map((field) => view[field] ?? "").join("~"));
    await this.transport.offerLink(link.href);
  }

  toggleHelp() {
    const dialog = this.find(".help");
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  toggleReadout() {
    this.find(".readout").hidden = !this.find(".readout").hidden;
    this.transport.draw();
  }

  closeDialogs() {
    const dialog = this.find("dialog[open]");
    dialog?.close();
    return Boolean(dialog);
  }

  destroy() {
    this.gone = true;
    remembered.set(this.memoryKey, this.viewState());
    clearTimeout(this.settling);
    this.keys.destroy();
    this.lock.destroy();
    this.views.destroy();
    this.sound.destroy();
    for (const picture of this.pictures) picture.destroy();
  }
}

// The order in which a link writes a view; Python reads it in the same order (values.py).
const LINK_FIELDS = [
  "time_s", "mode", "facing", "split", "zoom", "pan_x", "pan_y", "speed", "heard", "loop", "loop_from_s", "loop_to_s",
  "offset_s",
];

// Native controls take light or dark from color-scheme, which Streamlit's theme does not set.
function schemeOf(root) {
  const probe = Object.assign(document.createElement("i"), { style: "color: var(--st-background-color)" });
  root.append(probe);
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
  probe.remove();
  return 0.3 * red + 0.6 * green + 0.1 * blue < 128 ? "dark" : "light";
}

const players = new WeakMap();

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  let player = players.get(root);
  if (!player) {
    player = new Player(root, data);
    players.set(root, player);
  }
  player.apply(data, (report) => setStateValue("report", report));
  return () => {
    player.destroy();
    players.delete(root);
  };
}
