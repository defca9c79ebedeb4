// What is heard: one audio element per side, of which at most one plays, following the picture's clock.

const SOUND_LATE_S = 0.03; // lips and sound are seen as one within about 40 ms
const SOUND_LOST_S = 0.25; // beyond this a seek is less audible than chasing
const SOUND_CHASE = 0.04; // below 6 % browsers resample, which is inaudible in speech

class Sound {
  constructor(pictures) {
    this.pictures = pictures;
    this.heard = "left";
    this.matched = true;
    this.latency_s = 0.04; // learned at each start
    this.elements = new Map();
    this.apart_ms = null;
  }

  canHear(side) {
    const picture = this.pictures.find((one) => one.side === side);
    return Boolean(picture?.playable && picture.clip.has_audio);
  }

  choose(side, lock) {
    this.heard = side;
    this.stop();
    if (lock.playing && !lock.stalled) this.start(lock);
  }

  get picture() {
    return this.pictures.find((one) => one.side === this.heard && this.canHear(one.side));
  }

  get element() {
    const { picture } = this;
    if (!picture) return null;
    if (!this.elements.has(picture.side)) this.elements.set(picture.side, new Audio());
    const element = this.elements.get(picture.side);
    if (element.dataset.url !== picture.clip.url) {
      element.dataset.url = picture.clip.url;
      element.src = picture.clip.url;
    }
    return element;
  }

  // The louder side is turned down to the quieter one: browsers cannot turn up beyond full without distortion.
  volumeOf(picture) {
    if (!this.matched) return 1;
    const gains = this.pictures.filter((one) => one.playable && one.clip.has_audio).map((one) => one.clip.gain_db);
    return clamp(10 ** ((picture.clip.gain_db - Math.max(...gains)) / 20), 0, 1);
  }

  setMatched(matched) {
    this.matched = matched;
    if (this.picture) this.element.volume = this.volumeOf(this.picture);
  }

  setSpeed(speed) {
    if (this.picture) this.element.playbackRate = speed;
  }

  async start(lock) {
    const { picture, element } = this;
    if (!element || picture.ended || picture.delaying) return;
    element.volume = this.volumeOf(picture);
    element.playbackRate = lock.speed;
    element.currentTime = Math.max(0, picture.video.currentTime + this.latency_s * lock.speed);
    this.learning = true;
    try {
      await element.play();
      if (!lock.playing) element.pause();
    } catch (error) {
      if (error.name === "NotAllowedError") lock.on.problem("The browser blocked the sound; press play once more.");
    }
  }

  stop() {
    for (const element of this.elements.values()) element.pause();
    this.apart_ms = null;
  }

  follow(lock) {
    const { picture, element } = this;
    if (!element || element.paused || element.readyState < 3 || element.seeking) return;
    const apart = element.currentTime - picture.video.currentTime;
    this.apart_ms = Math.round(apart * 1000);
    if (this.learning && performance.now() - lock.startedAt > 400) {
      this.learning = false;
      this.latency_s = clamp(this.latency_s - apart / 2 / lock.speed, 0, 0.2);
    }
    if (Math.abs(apart) > SOUND_LOST_S) element.currentTime = picture.video.currentTime + this.latency_s * lock.speed;
    const chase = Math.abs(apart) > SOUND_LATE_S || (this.chasing && Math.abs(apart) > SOUND_LATE_S / 3);
    this.chasing = chase;
    element.playbackRate = chase ? lock.speed * (1 - Math.sign(apart) * SOUND_CHASE) : lock.speed;
  }

  destroy() {
    for (const element of this.elements.values()) {
      element.pause();
      element.removeAttribute("src");
      element.load();
    }
    this.elements.clear();
  }
}
