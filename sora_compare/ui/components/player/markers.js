// Markers: what a reviewer noted at an instant of one side. The list belongs to Python; edits go there as a whole.

class Markers {
  constructor(root, player) {
    this.player = player;
    this.list = [];
    this.kinds = [];
    this.editing = null;
    this.track = root.querySelector(".marks");
    this.chips = root.querySelector(".chips");
    this.form = root.querySelector(".marker-form");
    this.form.onsubmit = (event) => this.saved(event);
    this.form.querySelector("[data-do=cancel]").onclick = () => this.close();
    this.form.querySelector("[data-do=remove]").onclick = () => this.remove(this.editing?.id);
    this.form.onkeydown = (event) => this.typed(event);
  }

  // Python's list is taken when Python changed it, never when it merely lags behind what was just typed here.
  adopt(markers, kinds, acknowledged) {
    this.setKinds(kinds);
    const passed = JSON.stringify(markers);
    if (passed === this.passed || !acknowledged) return;
    this.passed = passed;
    this.list = markers.map((marker) => ({ ...marker }));
    this.draw();
  }

  setKinds(kinds) {
    if (kinds.join() === this.kinds.join()) return;
    this.kinds = kinds;
    this.form.kind.replaceChildren(...kinds.map((kind) => new Option(kind, kind)));
    this.form.kind.hidden = !kinds.length;
  }

  async add(side) {
    const picture = this.player.picture(side);
    if (!picture.playable) return;
    const { lock } = this.player;
    await lock.pause();
    const frame = picture.frameFor(frameMiddle(lock.grid, lock.aimedFrame));
    this.open({
      id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
      side,
      time_s: Math.round(frameStart(picture.rate, frame) * 1000) / 1000,
      kind: this.form.kind.value || this.kinds[0] || "",
      note: "",
      isNew: true,
    });
  }

  open(marker) {
    this.editing = marker;
    const { form } = this;
    const picture = this.player.picture(marker.side);
    form.hidden = false;
    form.dataset.side = marker.side;
    form.querySelector(".where").textContent = `${picture.label} at ${formatSeconds(marker.time_s)}`;
    form.kind.value = marker.kind;
    form.note.value = marker.note;
    form.querySelector("[data-do=remove]").hidden = Boolean(marker.isNew);
    form.note.focus();
    this.draw();
  }

  typed(event) {
    event.stopPropagation(); // keys typed into the note are no commands
    if (event.key === "Escape") this.close();
  }

  close() {
    this.editing = null;
    this.form.hidden = true;
    this.draw();
    this.player.root.focus({ preventScroll: true });
  }

  saved(event) {
    event.preventDefault();
    const { isNew, ...marker } = this.editing;
    const edited = { ...marker, kind: this.form.kind.value, note: this.form.note.value.trim() };
    const others = this.list.filter((one) => one.id !== edited.id);
    this.changed([...others, edited].sort((a, b) => a.time_s - b.time_s));
  }

  remove(id) {
    this.changed(this.list.filter((one) => one.id !== id));
  }

  changed(list) {
    this.list = list;
    this.close();
    this.player.report("marker");
  }

  visit(marker) {
    const picture = this.player.picture(marker.side);
    this.player.lock.seek(marker.time_s - picture.offset + 0.5 / picture.rate.fps);
    this.open(marker);
  }

  draw() {
    this.track.replaceChildren(...this.list.map((marker) => this.pin(marker)));
    this.chips.replaceChildren(...this.list.map((marker) => this.chip(marker)));
    this.chips.hidden = !this.list.length;
  }

  named(marker) {
    const { label } = this.player.picture(marker.side);
    return [label, formatSeconds(marker.time_s), marker.kind, marker.note].filter(Boolean).join(" · ");
  }

  button(marker, className) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `${className} ${marker.side}`;
    button.classList.toggle("open", this.editing?.id === marker.id);
    button.onclick = () => this.visit(marker);
    return button;
  }

  pin(marker) {
    const button = this.button(marker, "pin");
    const picture = this.player.picture(marker.side);
    const share = this.player.timeline.shareOf(marker.time_s - picture.offset);
    button.style.left = `${share * 100}%`;
    button.title = this.named(marker);
    button.setAttribute("aria-label", `Marker ${this.named(marker)}`);
    return button;
  }

  chip(marker) {
    const button = this.button(marker, "chip");
    const dot = document.createElement("i");
    button.append(dot, this.named(marker));
    button.setAttribute("aria-label", `Edit marker ${this.named(marker)}`);
    return button;
  }
}
