// The timeline: a native range input (so it works by keyboard and screen reader) over drawn lanes.

class Timeline {
  constructor(root, lock, on) {
    this.lock = lock;
    this.on = on;
    this.box = root.querySelector(".timeline");
    this.range = root.querySelector(".timeline input");
    this.hover = root.querySelector(".hover");
    this.section = root.querySelector(".section");
    this.played = root.querySelector(".played");
    this.range.oninput = () => this.on.seekFrame(Number(this.range.value));
    this.box.onpointermove = (event) => this.hovered(event);
    this.box.onpointerleave = () => this.hover.classList.remove("open");
  }

  setup(pictures) {
    this.pictures = pictures;
    this.range.max = this.lock.frameCount - 1;
    this.range.disabled = !this.lock.active.length;
    for (const picture of pictures) this.setupThumb(picture);
    this.drawShorter();
    this.draw();
  }

  setupThumb(picture) {
    const thumb = this.hover.querySelector(`.thumb.${picture.side}`);
    const sprites = picture.playable ? picture.clip.sprites : null;
    thumb.hidden = !sprites;
    if (!sprites) return;
    thumb.style.backgroundImage = `url("${sprites.url.replaceAll('"', "%22")}")`;
    thumb.style.aspectRatio = `${picture.clip.width} / ${picture.clip.height}`;
    thumb.style.backgroundSize = `${sprites.columns * 100}% ${Math.ceil(sprites.tiles / sprites.columns) * 100}%`;
  }

  // Where a shorter side holds its last frame, its track is hatched.
  drawShorter() {
    for (const picture of this.pictures) {
      const track = this.box.querySelector(`.held.${picture.side}`);
      const share = picture.playable ? picture.durationOnTimeline / (this.lock.duration || 1) : 1;
      track.hidden = share > 1 - 0.5 / this.lock.frameCount;
      track.style.left = `${share * 100}%`;
    }
  }

  shareOf(time) {
    return clamp(time / (this.lock.duration || 1), 0, 1);
  }

  draw(time = this.lock.time) {
    const share = this.shareOf(time);
    this.played.style.transform = `scaleX(${share})`;
    this.box.style.setProperty("--at", share);
    this.range.value = clamp(frameAt(this.lock.grid, time), 0, this.lock.frameCount - 1);
    this.range.setAttribute("aria-valuetext", `${formatSeconds(time)}, frame ${this.range.value}`);
    const { from, to, whole } = this.lock.section;
    this.section.hidden = whole;
    this.section.style.left = `${this.shareOf(from) * 100}%`;
    this.section.style.right = `${100 - this.shareOf(to) * 100}%`;
    this.section.classList.toggle("on", this.lock.loop.on);
  }

  hovered(event) {
    if (event.pointerType === "touch" && !event.buttons) return;
    const box = this.box.getBoundingClientRect();
    const share = clamp((event.clientX - box.left) / box.width, 0, 1);
    const time = share * this.lock.duration;
    this.hover.classList.add("open");
    this.hover.querySelector(".at").textContent = `${formatSeconds(time)} · ${frameAt(this.lock.grid, time)}`;
    for (const picture of this.pictures) this.placeThumb(picture, time);
    const half = this.hover.offsetWidth / 2;
    this.hover.style.left = `${clamp(share * box.width, half, Math.max(half, box.width - half))}px`;
  }

  placeThumb(picture, time) {
    const sprites = picture.playable ? picture.clip.sprites : null;
    if (!sprites) return;
    const thumb = this.hover.querySelector(`.thumb.${picture.side}`);
    const index = clamp(Math.floor((time + picture.offset) / sprites.interval_s), 0, sprites.tiles - 1);
    const rows = Math.ceil(sprites.tiles / sprites.columns);
    const part = (cell, cells) => (cells > 1 ? (cell / (cells - 1)) * 100 : 0);
    const column = index % sprites.columns;
    const row = Math.floor(index / sprites.columns);
    thumb.style.backgroundPosition = `${part(column, sprites.columns)}% ${part(row, rows)}%`;
  }
}
