// Frame arithmetic. A rate is a fraction ("30000/1001"), so frame numbers never round wrongly on long clips.

function parseRate(text) {
  const [num, den] = String(text).split("/").map(Number);
  const rate = { num, den: den || 1 };
  return { ...rate, fps: rate.num / rate.den };
}

function frameStart(rate, frame) {
  return (frame * rate.den) / rate.num;
}

// The middle of a frame is the one place where no browser's rounding shows a neighbour.
function frameMiddle(rate, frame) {
  return ((frame + 0.5) * rate.den) / rate.num;
}

function frameAt(rate, seconds) {
  return Math.floor((seconds * rate.num) / rate.den + 1e-6);
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function percentile(sorted, share) {
  if (!sorted.length) return 0;
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0];
}

function formatSeconds(seconds) {
  const whole = Math.max(0, seconds);
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${(whole - minutes * 60).toFixed(2).padStart(5, "0")}`;
}

function formatRate(rate) {
  return Number.isInteger(rate.fps) ? `${rate.fps}` : rate.fps.toFixed(3).replace(/0+$/, "");
}
