// One side's picture: a muted video element that decodes, and a canvas that shows exactly the frame it is told to.
//
// The element is always muted: a clip that is heard follows its own audio device clock, which starts up to 45 ms
// apart between two elements, while two muted ones start within 2 ms. Sound comes from sound.js.
// The canvas is there because a video element chooses by itself, one screen refresh early or late, when to swap frames;
// a VideoFrame carries its own time stamp, so what is painted is known and not guessed.

const HELD_FRAMES = 6; // decoders have few output buffers; more would starve them

const CAN_LOCK =
  typeof VideoFrame === "function" && "requestVideoFrameCallback" in HTMLVideoElement.prototype;

const MEDIA_ERRORS = {
  1: "loading was stopped",
  2: "the connection broke while loading",
  3: "the file is damaged or cut short",
  4: "the file is missing, damaged, or of a kind this browser cannot play",
};

class Picture {
  constructor(side, pane, onChange) {
    this.side = side;
    this.pane = pane;
    this.video = pane.querySelector("video");
    this.canvas = pane.querySelector("canvas");
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.onChange = onChange;
    this.offset = 0;
    this.queue = [];
    this.exact = CAN_LOCK;
    this.clear();
    this.listen();
  }

  clear() {
    this.dropQueue();
    this.clip = null;
    this.problem = null;
    this.note = null;
    this.ready = false;
    this.shown = null;
    this.base = null;
    this.delaying = false;
  }

  listen() {
    const { video } = this;
    video.onloadedmetadata = () => this.checkPicture();
    video.onloadeddata = () => this.firstData();
    video.onerror = () => this.failed();
    video.onended = () => this.checkWhole();
  }

  // Only a path that changed is another clip; a signature that was renewed in the query is not.
  load(clip) {
    const path = (url) => new URL(url, location.href).pathname;
    const same = this.clip && clip && path(this.clip.url) === path(clip.url);
    this.freshUrl = clip.url;
    if (same) {
      this.clip = { ...clip, url: this.clip.url };
      return false;
    }
    this.clear();
    this.clip = clip;
    this.rate = parseRate(clip.fps);
    this.frames = Math.max(1, clip.frames);
    this.canvas.width = clip.width || 16;
    this.canvas.height = clip.height || 9;
    this.video.poster = clip.poster_url || "";
    this.video.muted = true;
    this.fetch(clip.url, new URL(clip.url, location.href).origin !== location.origin);
    return true;
  }

  // Frames of another origin may only be read when it was asked for them with CORS.
  fetch(url, withCors) {
    this.exact = CAN_LOCK;
    this.withCors = withCors;
    this.video.crossOrigin = withCors ? "anonymous" : null;
    this.clip.url = url;
    this.video.src = url;
    this.video.load();
  }

  missing(reason) {
    if (this.problem === reason && !this.clip) return;
    this.unload();
    this.problem = reason;
  }

  unload() {
    this.clear();
    this.video.removeAttribute("src");
    this.video.load();
  }

  get playable() {
    return Boolean(this.clip) && !this.problem;
  }

  get durationOnTimeline() {
    return frameStart(this.rate, this.frames) - this.offset;
  }

  checkPicture() {
    if (this.clip && this.video.videoWidth === 0) this.fail("this file has no picture (sound only, or a codec this browser lacks)");
  }

  firstData() {
    if (!this.playable || this.ready) return;
    this.ready = true;
    if (this.video.videoWidth) {
      this.canvas.width = this.video.videoWidth;
      this.canvas.height = this.video.videoHeight;
    }
    this.onChange("ready", this);
  }

  failed() {
    if (!this.clip) return;
    if (this.retry()) return;
    this.fail(MEDIA_ERRORS[this.video.error?.code] ?? "it cannot be played");
  }

  // A signed address may have run out since: take the newest. An origin may refuse CORS: play without, coarsely.
  retry() {
    const stale = this.freshUrl !== this.clip.url;
    if (!stale && !this.withCors) return false;
    this.dropQueue();
    this.ready = false;
    this.fetch(this.freshUrl, this.withCors && stale);
    return true;
  }

  fail(reason) {
    this.dropQueue();
    this.problem = reason;
    this.onChange("failed", this);
  }

  // A file that ends well before its probed length was cut; what exists of it is shown, and it is said.
  checkWhole() {
    const last = this.newest?.frame ?? this.shown?.frame;
    if (!this.playable || last === undefined || last >= this.frames - 1 - this.rate.fps / 5) return;
    this.frames = last + 1;
    this.note = `stops at ${formatSeconds(frameStart(this.rate, this.frames))}: the file is cut short`;
    this.onChange("cut", this);
  }

  get newest() {
    return this.queue[this.queue.length - 1];
  }

  get ended() {
    return this.video.ended || (this.newest ?? this.shown)?.frame >= this.frames - 1;
  }

  frameFor(time) {
    return clamp(frameAt(this.rate, time + this.offset), 0, this.frames - 1);
  }

  // When a frame is due on the common timeline. The first one also holds before its start, the last one after its end.
  span(frame) {
    const last = frame >= this.frames - 1 || (this.video.ended && frame === (this.newest ?? this.shown)?.frame);
    return {
      start: frame <= 0 ? -Infinity : frameStart(this.rate, frame) - this.offset,
      end: last ? Infinity : frameStart(this.rate, frame + 1) - this.offset,
    };
  }

  // Takes the frame that the element shows now into the queue, unless it is there already.
  grab() {
    if (!this.playable || !this.exact || this.video.readyState < 2 || this.video.seeking) return null;
    const image = this.capture();
    if (!image) return null;
    const frame = this.frameNumber(image.timestamp / 1e6);
    if (this.newest?.frame === frame || (this.newest && frame < this.newest.frame)) {
      image.close();
      return frame;
    }
    this.queue.push({ frame, image });
    while (this.queue.length > HELD_FRAMES) this.queue.shift().image.close();
    return frame;
  }

  capture() {
    try {
      return new VideoFrame(this.video);
    } catch (error) {
      // A clip from another origin that forbids reading: the element itself is shown, and the lock is coarse.
      if (error.name === "SecurityError") {
        this.exact = false;
        this.onChange("coarse", this);
      }
      return null;
    }
  }

  // Some files begin later than zero; the first picture seen at the start says by how much.
  frameNumber(stamp) {
    if (this.base === null) {
      const early = this.video.currentTime < 0.6 / this.rate.fps;
      if (!early) return Math.round((stamp * this.rate.num) / this.rate.den);
      this.base = stamp < 0.5 ? stamp : 0;
    }
    return Math.round(((stamp - this.base) * this.rate.num) / this.rate.den);
  }

  paint(entry) {
    if (!entry || this.shown?.frame === entry.frame) return;
    this.context.drawImage(entry.image, 0, 0, this.canvas.width, this.canvas.height);
    this.shown = { frame: entry.frame };
    this.pane.dataset.frame = entry.frame;
    this.pane.classList.add("painted");
  }

  dropBefore(frame) {
    while (this.queue.length && this.queue[0].frame < frame) this.queue.shift().image.close();
  }

  dropQueue() {
    for (const { image } of this.queue ?? []) image.close();
    this.queue = [];
  }

  // Brings the element to the middle of a frame and holds that frame in the queue. Resolves to whether it was confirmed.
  async seekFrame(frame, isCurrent) {
    if (this.holds(frame)) return true;
    for (const nudge of [0, 0.2, -0.2]) {
      this.dropQueue();
      this.video.currentTime = (this.base ?? 0) + ((frame + 0.5 + nudge) * this.rate.den) / this.rate.num;
      const got = await this.landed(isCurrent);
      if (!isCurrent() || got === frame || !this.exact) return got === frame || !this.exact;
    }
    return false;
  }

  holds(frame) {
    const here = (this.video.currentTime - (this.base ?? 0)) * this.rate.fps;
    return !this.video.seeking && this.newest?.frame === frame && Math.floor(here + 1e-6) === frame;
  }

  // Waits until the element has arrived and given a picture; answers with the picture's frame number.
  landed(isCurrent) {
    return new Promise((resolve) => {
      const deadline = performance.now() + 4000;
      const wanted = Math.floor((this.video.currentTime - (this.base ?? 0)) * this.rate.fps + 1e-6);
      let settled = 0;
      const look = () => {
        if (!isCurrent() || !this.playable || performance.now() > deadline) return finish(null);
        if (this.video.seeking || this.video.readyState < 2) return undefined;
        if (!this.exact) return finish(wanted);
        const frame = this.grab();
        if (frame === wanted || settled++ > 4) return finish(frame);
        this.dropQueue();
        return undefined;
      };
      const timer = setInterval(look, 5);
      this.video.onseeked = look;
      const watch = CAN_LOCK ? this.video.requestVideoFrameCallback(look) : 0;
      const finish = (frame) => {
        clearInterval(timer);
        this.video.onseeked = null;
        if (watch) this.video.cancelVideoFrameCallback(watch);
        resolve(frame);
      };
    });
  }

  destroy() {
    this.video.onloadedmetadata = this.video.onloadeddata = this.video.onerror = null;
    this.video.onended = this.video.onseeked = null;
    this.unload();
  }
}
