// Puts one player together, keeps it alive across Streamlit's reruns, and reports to Python when something happened.

const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2];
const VIEW_SETTLED_MS = 900; // a change of view while paused is told once the hand has rested
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
    this.place = new Place(this);
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
    const fresh = this.applySides(data);
    this.markers.adopt(data.markers, data.marker_kinds, data.seen >= this.sequence);
    this.place.apply(data.view, fresh);
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
    this.lock.playedFrames.reset();
    this.flashAgreed = false;
    this.place.pending = null;
  }

  applyCommand(command) {
    if (!command || obeyed.has(command.id)) return;
    obeyed.add(command.id);
    if (command.seek_s !== null) this.place.pending = command.seek_s;
    if (command.seek_s !== null && this.lock.active.every((picture) => picture.ready)) {
      this.place.pending = null;
      this.lock.seek(command.seek_s);
    }
    clearTimeout(this.starting);
    if (command.play === true) this.starting = setTimeout(() => this.playPause(true), command.delay_s * 1000);
    if (command.play === false) this.lock.pause();
  }

  pictureChanged(what, picture) {
    if (what === "failed" && this.lock.playing) picture.video.pause();
    if (what === "ready" || what === "failed") this.place.seekPending();
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
      this.views.mode = "side"; // not set(): that would count as somebody's choice and be reported
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
      watched_share: Math.round(lock.playedFrames.share(lock.frameCount) * 1000) / 1000,
      watched_to_end: lock.playedFrames.isToEnd(lock.frameCount),
      view: this.place.state(),
    });
  }

  async copyLink() {
    const link = new URL(location.href);
    const view = this.place.state();
    link.searchParams.set(this.data.link_parameter, linkText(view));
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
    this.place.remember();
    clearTimeout(this.settling);
    clearTimeout(this.starting);
    this.keys.destroy();
    this.lock.destroy();
    this.views.destroy();
    this.sound.destroy();
    for (const picture of this.pictures) picture.destroy();
  }
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
