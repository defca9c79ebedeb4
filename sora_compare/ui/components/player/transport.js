// The visible controls: buttons call commands by name, and everything shown is drawn from the player's state.

class Transport {
  constructor(player) {
    this.player = player;
    this.root = player.root;
    this.find = player.find;
    for (const button of this.root.querySelectorAll("[data-command]")) {
      button.onclick = () => player.run(button.dataset.command);
      const keys = KEYS.filter(([, , command]) => command === button.dataset.command).flatMap(([, signs]) => signs);
      button.title = `${button.getAttribute("aria-label") ?? button.textContent.trim()} (${keys.map(keySign).join(", ")})`;
    }
    this.bind();
  }

  bind() {
    const { player } = this;
    for (const button of this.root.querySelectorAll("[data-hear]")) {
      button.onclick = () => player.hear(button.dataset.hear);
    }
    this.find(".speed").replaceChildren(...SPEEDS.map((speed) => new Option(`${speed}×`, speed)));
    this.find(".speed").onchange = (event) => this.chosen(event, (speed) => player.setSpeed(speed));
    this.find(".gain").replaceChildren(...DIFFERENCE_GAINS.map((gain) => new Option(`×${gain}`, gain)));
    this.find(".gain").onchange = (event) => this.chosen(event, (gain) => player.views.setGain(gain));
    for (const button of this.root.querySelectorAll("[data-nudge]")) {
      button.onclick = () => this.nudge(Number(button.dataset.nudge));
    }
    this.find(".offset-reset").onclick = () => player.setOffset(0);
    this.find(".agree").onclick = () => player.agreeToFlashes();
    this.find(".help .close").onclick = () => this.find(".help").close();
  }

  // Chosen with the mouse, a list gives the keys back to the player; chosen by keyboard, it keeps them.
  chosen({ target }, take) {
    take(Number(target.value));
    if (!target.matches(":focus-visible")) this.root.focus({ preventScroll: true });
  }

  // A tenth of a frame at a time.
  nudge(by) {
    const frame = 1 / this.player.lock.grid.fps;
    const now = this.player.picture("right").offset;
    this.player.setOffset(Math.round((now + by * frame) * 1e5) / 1e5);
  }

  draw() {
    const { player } = this;
    const { lock, views, sound } = player;
    if (!player.data) return;
    this.root.classList.toggle("playing", lock.playing);
    this.root.classList.toggle("empty", !lock.active.length);
    this.find("[data-command=playPause]").setAttribute("aria-label", lock.playing ? "Pause" : "Play");
    this.press("[data-command=loop]", lock.loop.on);
    this.press("[data-command=loudness]", sound.matched);
    this.press("[data-command=readout]", !this.find(".readout").hidden);
    this.drawViews(views);
    this.drawSound(sound);
    this.drawSpeed(lock.speed);
    this.drawOffset();
    this.find(".warning").hidden = !(this.warned && player.mustWarn());
    this.drawTime();
    this.drawReadout();
    this.drawNotes();
  }

  press(selector, pressed) {
    for (const button of this.root.querySelectorAll(selector)) button.setAttribute("aria-pressed", pressed);
  }

  drawViews(views) {
    for (const button of this.root.querySelectorAll("[data-view-mode]")) {
      const mode = button.dataset.viewMode;
      button.setAttribute("aria-pressed", mode === views.mode);
      button.disabled = mode !== "side" && !this.player.canOverlay;
    }
    this.find(".gain").value = String(views.gain);
    this.find(".gain").hidden = views.mode !== "difference";
    this.find(".faces").hidden = views.mode !== "flip";
    this.press("[data-command=showLeft]", views.facing === "left");
    this.press("[data-command=showRight]", views.facing === "right");
    this.find(".zoom-value").textContent = `${Math.round(views.zoom * 100)} %`;
  }

  drawSound(sound) {
    for (const button of this.root.querySelectorAll("[data-hear]")) {
      const side = button.dataset.hear;
      button.disabled = side !== "none" && !sound.canHear(side);
      button.setAttribute("aria-pressed", side === sound.heard);
    }
    const both = this.player.pictures.every((one) => sound.canHear(one.side));
    this.find("[data-command=loudness]").hidden = !both;
  }

  drawSpeed(speed) {
    const select = this.find(".speed");
    if (![...select.options].some((option) => Number(option.value) === speed)) select.add(new Option(`${speed}×`, speed));
    select.value = String(speed);
  }

  drawOffset() {
    const { offset } = this.player.picture("right");
    const frames = offset * this.player.lock.grid.fps;
    this.find(".offset-value").textContent = `${frames > 0 ? "+" : ""}${frames.toFixed(1)} fr`;
    this.find(".offset-reset").disabled = offset === 0;
  }

  drawTime() {
    const { lock } = this.player;
    this.find(".now").textContent = formatSeconds(frameStart(lock.grid, lock.frame));
    this.find(".total").textContent = formatSeconds(lock.duration);
    this.find(".frame-number").textContent = `frame ${lock.frame}`;
  }

  drawReadout() {
    const { lock, sound } = this.player;
    const badge = this.find(".badge");
    const words = this.lockWords(lock);
    badge.querySelector("span").textContent = words.text;
    badge.dataset.level = words.level;
    if (this.find(".readout").hidden) return;
    const drift = lock.drift.summary();
    const figures = {
      "shown apart": `${drift.p50_ms} / ${drift.p95_ms} / ${drift.max_ms} ms (p50 / p95 / max of ${drift.samples})`,
      "clocks apart": `${drift.clock_p95_ms} ms (p95)`,
      "sound from picture": sound.apart_ms === null ? "not playing" : `${sound.apart_ms} ms`,
      frames: this.player.pictures.map((one) => `${one.label} ${one.shown?.frame ?? "–"}`).join(" · "),
    };
    this.find(".readout").replaceChildren(...Object.entries(figures).flatMap(([name, value]) => [
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    ]));
  }

  lockWords(lock) {
    if (!lock.active.length) return { text: "Nothing to play", level: "off" };
    if (lock.active.length === 1) return { text: "One side only", level: "off" };
    if (lock.playing && lock.stalled) return { text: `Waiting for ${lock.stalled.label}`, level: "wait" };
    if (lock.coarse) return { text: "Coarse lock", level: "coarse" };
    return { text: "Frame lock", level: "exact" };
  }

  // What the viewer must know about this pair, in words under the picture.
  drawNotes() {
    const { lock, pictures } = this.player;
    const notes = [];
    if (lock.active.length && lock.coarse) {
      notes.push("This browser does not report single frames: the lock is coarse, about a frame either way.");
    }
    for (const picture of lock.active) {
      if (picture.note) notes.push(`${picture.label} ${picture.note}.`);
      else if (lock.duration - picture.durationOnTimeline > 0.5 / lock.grid.fps) {
        notes.push(`${picture.label} is shorter: it holds its last frame from ${formatSeconds(picture.durationOnTimeline)}.`);
      }
    }
    const [left, right] = pictures;
    if (lock.active.length === 2 && Math.abs(left.rate.fps - right.rate.fps) > 1e-3) {
      notes.push(`Frame rates differ: ${left.label} ${formatRate(left.rate)}, ${right.label} ${formatRate(right.rate)}.`);
    }
    if (this.spoken) notes.push(this.spoken);
    this.find(".notes").textContent = notes.join(" ");
  }

  say(text) {
    this.spoken = text;
    this.drawNotes();
  }

  warn() {
    this.warned = true;
    this.draw();
    this.find(".agree").focus();
  }

  drawPane(picture) {
    const { pane, clip } = picture;
    const notice = pane.querySelector(".notice");
    notice.hidden = !picture.problem;
    notice.textContent = picture.problem ? `${picture.label} cannot be shown: ${picture.problem}.` : "";
    pane.classList.toggle("coarse", !picture.exact);
    pane.classList.toggle("broken", Boolean(picture.problem));
    pane.querySelector(".label").textContent = picture.label;
    pane.querySelector("canvas").setAttribute("aria-label", `Picture of ${picture.label}`);
    const facts = picture.playable && !clip.hides_details ? [`${clip.width}×${clip.height}`, `${formatRate(picture.rate)} fps`] : [];
    pane.querySelector(".facts").textContent = facts.join(" · ");
    const original = pane.querySelector(".original");
    original.hidden = !clip?.original_url;
    if (clip?.original_url) original.href = clip.original_url;
    this.drawNames(picture);
  }

  drawNames({ side, label }) {
    for (const named of this.root.querySelectorAll(`[data-name=${side}]`)) named.textContent = label;
    this.find(`[data-hear=${side}]`).setAttribute("aria-label", `Hear ${label}`);
    const mark = this.find(`[data-command=mark${side === "left" ? "Left" : "Right"}]`);
    mark.setAttribute("aria-label", `Mark ${label} here`);
    mark.disabled = !this.player.picture(side).playable;
  }

  async offerLink(href) {
    try {
      await navigator.clipboard.writeText(href);
      this.say("Link to this view copied.");
    } catch {
      this.say(`Link to this view: ${href}`);
    }
  }
}
