// Keeps the clocks of the two elements near each other while playing; the lock sees to the single frames.

const CHECK_EVERY_MS = 100;

class Clocks {
  constructor(lock) {
    this.lock = lock;
    this.start();
  }

  start() {
    this.lastCheck = 0;
    this.skewSeen = 0;
    this.stalled = null;
    this.holdTimer = 0;
  }

  stop() {
    clearTimeout(this.holdTimer);
    this.holdTimer = 0;
  }

  get skew() {
    const [left, right] = this.lock.active;
    if (!right || left.ended || right.ended || left.delaying || right.delaying) return 0;
    return left.video.currentTime - left.offset - (right.video.currentTime - right.offset);
  }

  // A few times a second: begin the delayed side, hold for data, bring the clocks together, steer the sound.
  check(now) {
    if (now - this.lastCheck < CHECK_EVERY_MS) return;
    this.lastCheck = now;
    for (const picture of this.lock.active) this.startIfDue(picture);
    if (this.holdForData()) return;
    this.resumePaused();
    this.closeSkew();
    this.lock.sound.follow(this.lock);
    this.lock.on.drift();
  }

  startIfDue(picture) {
    if (!picture.delaying || this.now + picture.offset < 0) return;
    picture.delaying = false;
    picture.video.play().catch(() => {});
  }

  // Browsers pause silent videos in hidden tabs, and media keys pause whatever plays.
  resumePaused() {
    if (this.holdTimer) return;
    for (const picture of this.lock.active) {
      if (picture.video.paused && !picture.ended && !picture.delaying) picture.video.play().catch(() => {});
    }
  }

  get now() {
    const running = this.lock.active.find((picture) => !picture.delaying && !picture.ended);
    return running ? running.video.currentTime - running.offset : this.lock.time;
  }

  holdForData() {
    const waits = ({ ended, delaying, video }) => !ended && !delaying && !video.seeking && video.readyState < 3;
    const waiting = this.lock.active.find(waits) ?? null;
    if (waiting === this.stalled) return Boolean(waiting);
    this.stalled = waiting;
    for (const picture of this.lock.active) {
      if (waiting && picture !== waiting) picture.video.pause();
      if (!waiting && !picture.delaying && !picture.ended) picture.video.play().catch(() => {});
    }
    if (waiting) this.lock.sound.stop();
    else this.lock.sound.start(this.lock);
    this.lock.on.change();
    return Boolean(waiting);
  }

  // The one ahead waits for exactly the skew: it settles in under a second, steering the rate may never do.
  closeSkew() {
    const skew = this.skew;
    const limit = this.lock.coarse ? 0.02 : 0.75 / this.lock.grid.fps;
    this.skewSeen = Math.abs(skew) > limit ? this.skewSeen + 1 : 0;
    if (this.skewSeen < 2 || this.holdTimer) return;
    this.skewSeen = 0;
    const ahead = skew > 0 ? this.lock.active[0] : this.lock.active[1];
    ahead.video.pause();
    this.holdTimer = setTimeout(
      () => {
        this.holdTimer = 0;
        if (this.lock.playing && !this.stalled && !ahead.ended) ahead.video.play().catch(() => {});
      },
      Math.min(2000, (Math.abs(skew) * 1000) / this.lock.speed),
    );
  }
}
