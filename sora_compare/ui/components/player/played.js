// How much of the pair was really played; seeking is not watching.

const WATCHED_SHARE = 0.9;
const LONGEST_HOP_S = 0.5; // between two refreshes at normal speed; more than that was a jump

class PlayedFrames {
  constructor() {
    this.reset();
  }

  reset() {
    this.frames = new Set();
    this.reachedEnd = false;
  }

  // Played is everything the clocks went through, also frames that a busy machine had no time to paint.
  played(grid, from, to, speed) {
    const last = frameAt(grid, to);
    const first = to - from < LONGEST_HOP_S * Math.max(1, speed) ? frameAt(grid, from) : last;
    for (let frame = first; frame <= last; frame += 1) this.frames.add(frame);
  }

  share(frameCount) {
    return Math.min(1, this.frames.size / frameCount);
  }

  isToEnd(frameCount) {
    return this.reachedEnd && this.share(frameCount) >= WATCHED_SHARE;
  }
}
