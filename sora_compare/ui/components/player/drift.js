// How far apart the two pictures were, sampled once per screen refresh while playing.

const DRIFT_SAMPLES = 20000; // about five minutes at 60 Hz; older ones give way

class DriftMeter {
  constructor() {
    this.reset();
  }

  reset() {
    this.samples = [];
    this.next = 0;
    this.clocks = [];
  }

  add(shownApart_ms, clocksApart_ms) {
    this.samples[this.next % DRIFT_SAMPLES] = shownApart_ms;
    this.clocks[this.next % DRIFT_SAMPLES] = Math.abs(clocksApart_ms);
    this.next += 1;
  }

  summary() {
    const shown = [...this.samples].sort((a, b) => a - b);
    const clocks = [...this.clocks].sort((a, b) => a - b);
    const round = (value) => Math.round(value * 100) / 100;
    return {
      p50_ms: round(percentile(shown, 0.5)),
      p95_ms: round(percentile(shown, 0.95)),
      max_ms: round(shown[shown.length - 1] ?? 0),
      clock_p95_ms: round(percentile(clocks, 0.95)),
      samples: shown.length,
    };
  }
}

// Zero when both frames are due at some common instant, else the distance between their starts.
function framesApart_ms(left, right) {
  const overlap = Math.min(left.end, right.end) - Math.max(left.start, right.start);
  if (overlap > 0) return 0;
  return Math.abs(left.start - right.start) * 1000;
}
