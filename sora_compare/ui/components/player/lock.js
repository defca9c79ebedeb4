// The frame lock: one timeline over two pictures.
//
// Playing, each picture queues the frames its element decodes; a pair is painted only when both sides hold frames that
// are due at the same instant, and both are painted in one animation frame. A stall on one side therefore holds both.
// The elements' clocks only have to stay near each other, which clocks.js sees to.
// Paused, both elements sit in the middle of their frame, confirmed by the frame's own time stamp.

const SAME_INSTANT_S = 1e-4; // spans that touch because of rounding do not overlap
const HOLD_LIMIT_MS = 500; // after this long without a common frame, show what there is and count it as drift,
const HOLD_LIMIT_REFRESHES = 30; // unless the machine itself stood still for that long

class Lock {
  constructor(pictures, sound, on) {
    this.pictures = pictures;
    this.sound = sound;
    this.on = on;
    this.playing = false;
    this.busy = false;
    this.speed = 1;
    this.loop = { on: false, from: null, to: null };
    this.time = 0;
    this.seekToken = 0;
    this.wanted = null;
    this.clocks = new Clocks(this);
    this.drift = new DriftMeter();
    this.playedFrames = new PlayedFrames();
    this.tick = this.tick.bind(this);
  }

  get active() {
    return this.pictures.filter((picture) => picture.playable);
  }

  // The side that both wait for, while it has no data.
  get stalled() {
    return this.clocks.stalled;
  }

  get coarse() {
    return this.active.some((picture) => !picture.exact);
  }

  // Steps go by the faster side's frames, so that no picture of either side is skipped.
  get grid() {
    const fastest = this.active.reduce((best, one) => (one.rate.fps > best.rate.fps ? one : best), this.active[0]);
    return fastest?.rate ?? { num: 30, den: 1, fps: 30 };
  }

  get duration() {
    return Math.max(0, ...this.active.map((picture) => picture.durationOnTimeline));
  }

  get frameCount() {
    return Math.max(1, Math.round(this.duration * this.grid.fps));
  }

  get frame() {
    return clamp(frameAt(this.grid, this.time), 0, this.frameCount - 1);
  }

  // The frame that is shown or, while a seek is under way, that will be: what a key pressed right now is about.
  get aimedFrame() {
    return this.wanted ?? this.frame;
  }

  get section() {
    const from = this.loop.from ?? 0;
    const to = this.loop.to ?? this.duration;
    return { from, to, whole: this.loop.from === null && this.loop.to === null };
  }

  async toggle() {
    return this.playing ? this.pause() : this.play();
  }

  async play() {
    if (this.playing || !this.active.length) return;
    const { from, to } = this.section;
    const aimed = frameMiddle(this.grid, this.aimedFrame);
    const atEnd = this.aimedFrame >= this.frameCount - 1;
    const outside = this.loop.on && (aimed < from || aimed >= to);
    this.playing = true;
    this.on.change();
    if (atEnd || outside) await this.land(this.loop.on ? from : 0);
    else if (this.wanted !== null) await this.land(aimed);
    if (this.playing) await this.run();
  }

  async run() {
    this.lastPaint = this.startedAt = performance.now();
    this.held = 0;
    this.clocks.start();
    const starting = this.active.map((picture) => this.startPicture(picture));
    if (!this.ticking) this.ticking = requestAnimationFrame(this.tick);
    await Promise.all(starting);
    if (this.playing) this.sound.start(this);
  }

  async startPicture(picture) {
    const due = this.time + picture.offset;
    picture.delaying = due < 0; // an offset can make a side begin later than the timeline
    picture.video.playbackRate = this.speed;
    if (picture.delaying || picture.ended) return;
    try {
      await picture.video.play();
    } catch (error) {
      if (error.name !== "AbortError") this.on.problem(`${picture.clip?.label}: ${error.message}`);
    }
  }

  stopPictures() {
    cancelAnimationFrame(this.ticking);
    this.ticking = 0;
    this.clocks.stop();
    for (const picture of this.pictures) picture.video.pause();
    this.sound.stop();
  }

  async pause(reason = "pause") {
    if (!this.playing) return;
    this.playing = false;
    this.stopPictures();
    this.on.change();
    await this.land(frameMiddle(this.grid, this.frame));
    this.on.event(reason);
  }

  setSpeed(speed) {
    this.speed = speed;
    for (const picture of this.active) picture.video.playbackRate = speed;
    this.sound.setSpeed(speed);
    this.on.change();
  }

  step(frames) {
    return this.seekFrame(this.aimedFrame + frames);
  }

  seek(time) {
    return this.seekFrame(frameAt(this.grid, time));
  }

  // While playing, a seek goes on playing from the new place; many seeks at once: the last one counts.
  async seekFrame(frame) {
    const wasPlaying = this.playing;
    if (wasPlaying) this.stopPictures();
    await this.land(frameMiddle(this.grid, clamp(frame, 0, this.frameCount - 1)));
    if (wasPlaying && this.playing && this.wanted === null && !this.ticking) await this.run();
  }

  // Brings every side to the frame due at this time and paints all of them together.
  async land(time) {
    this.wanted = clamp(frameAt(this.grid, time), 0, this.frameCount - 1);
    this.landing ??= this.landAll();
    return this.landing;
  }

  async landAll() {
    while (this.wanted !== null) {
      const frame = this.wanted;
      const time = frameMiddle(this.grid, frame);
      const token = ++this.seekToken;
      const isCurrent = () => token === this.seekToken;
      this.on.seeking(time);
      await Promise.all(this.active.map((picture) => picture.seekFrame(picture.frameFor(time), isCurrent)));
      if (this.wanted === frame) {
        this.paintAll(time);
        this.wanted = null;
      }
    }
    this.landing = null; // here, and not when the promise settles: a command in between would be lost
  }

  paintAll(time) {
    for (const picture of this.active) picture.paint(picture.newest);
    this.time = time;
    this.lastPaint = performance.now();
    this.on.time(time);
  }

  // One screen refresh while playing.
  tick(now) {
    this.ticking = requestAnimationFrame(this.tick);
    for (const picture of this.active) picture.grab();
    const due = this.coarse ? this.coarseTime() : this.commonTime();
    if (this.isPastSection(due)) return void this.again();
    if (due !== null && due > this.time) this.show(due, now);
    else this.hold(now);
    this.sample();
    this.clocks.check(now);
    this.finishIfDue();
  }

  show(time, now) {
    for (const picture of this.active) {
      const frame = picture.frameFor(time);
      picture.paint(picture.queue.find((entry) => entry.frame === frame));
      picture.dropBefore(frame);
    }
    this.playedFrames.played(this.grid, this.time, time, this.speed);
    this.time = time;
    this.lastPaint = now;
    this.held = 0;
    this.on.time(time);
  }

  hold(now) {
    this.held += 1;
    const limit_ms = HOLD_LIMIT_MS / Math.min(1, this.speed);
    if (this.stalled || this.held < HOLD_LIMIT_REFRESHES || now - this.lastPaint < limit_ms) return;
    for (const picture of this.active) picture.paint(picture.newest);
    this.lastPaint = now;
    this.held = 0;
  }

  coarseTime() {
    return Math.min(...this.active.map((picture) => picture.video.currentTime - picture.offset).filter(Number.isFinite));
  }

  // The latest instant for which every side holds a frame; null when there is none newer.
  commonTime() {
    const sides = this.active.map((picture) => this.spans(picture));
    if (!sides.length || sides.some((spans) => !spans.length)) return null;
    let best = null;
    for (const first of sides[0]) {
      for (const second of sides[1] ?? [first]) {
        const start = Math.max(first.start, second.start);
        const end = Math.min(first.end, second.end);
        if (end - start > SAME_INSTANT_S && (best === null || start > best.start)) best = { start, end };
      }
    }
    if (!best) return null;
    const end = Math.min(best.end, this.duration);
    return Math.max(0, (Math.max(best.start, 0) + end) / 2);
  }

  spans(picture) {
    const held = picture.queue.length ? picture.queue : [picture.shown].filter(Boolean);
    return held.map(({ frame }) => picture.span(frame));
  }

  sample() {
    const [left, right] = this.active;
    if (!right || !left.shown || !right.shown) {
      if (right && this.coarse) this.drift.add(Math.abs(this.clocks.skew) * 1000, this.clocks.skew * 1000);
      return;
    }
    const apart = framesApart_ms(left.span(left.shown.frame), right.span(right.shown.frame));
    this.drift.add(apart, this.clocks.skew * 1000);
  }

  finishIfDue() {
    if (!this.active.every((picture) => picture.ended && this.isShowingLast(picture))) return undefined;
    this.playedFrames.reachedEnd = true;
    if (this.loop.on) return this.again();
    this.time = frameMiddle(this.grid, this.frameCount - 1);
    return this.pause("end");
  }

  // A looped section ends on its last frame, however late the refresh comes that would show the next one.
  isPastSection(time) {
    return time !== null && this.loop.on && this.loop.to !== null && time >= this.loop.to;
  }

  isShowingLast(picture) {
    return !picture.exact || picture.shown?.frame === (picture.newest ?? picture.shown)?.frame;
  }

  again() {
    if (this.landing) return undefined;
    return this.seek(this.section.from);
  }

  destroy() {
    this.playing = false;
    this.seekToken += 1;
    this.wanted = null;
    this.stopPictures();
  }
}
