// Scores of one pair, by mouse, touch or keyboard. Cells are answered in order; a digit answers the active cell and
// moves on, so that three criteria, a preference and saving take eight key presses.

const NOT_APPLICABLE = "n/a";
const SCALE = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, NOT_APPLICABLE];
const REPORT_AFTER_MS = 250;
const ANYWHERE = /^([0-9nN]|Backspace|Enter)$/;
const pads = new WeakMap();
let shownLast = null;

export default function (component) {
  const { parentElement, data } = component;
  let pad = pads.get(parentElement);
  if (!pad || pad.item !== data.item) {
    pad?.end();
    pad = new Pad(parentElement, data);
    pads.set(parentElement, pad);
  }
  pad.tell = component;
  pad.show(data);
  return () => { pad.end(); pads.delete(parentElement); };
}

class Pad {
  constructor(parent, data) {
    this.item = data.item;
    this.root = parent.querySelector(".pad");
    this.values = structuredClone(data.values);
    this.active = 0;
    this.timer = 0;
    this.wasLocked = true;
    this.build(data);
    this.root.onsubmit = (event) => { event.preventDefault(); this.save(); };
    // On the window, before the player's own keys: once scores can be given, digits are scores wherever nothing else
    // has the focus.
    this.onKey = (event) => this.mayTake(event) && this.key(event);
    window.addEventListener("keydown", this.onKey, true);
    this.active = Math.max(0, this.cells.findIndex((cell) => this.value(cell) === null));
    if (shownLast !== null && shownLast !== data.item) this.scrollToTop();
    shownLast = data.item;
  }

  build(data) {
    this.cells = [];
    const rows = this.root.querySelector(".rows");
    rows.replaceChildren(...data.criteria.map((criterion) => this.row(criterion, data.sides)));
    const steps = this.root.querySelector(".steps");
    this.preference = { field: "preference", name: "Preference", choices: data.steps.map((step) => step.value), box: this.root.querySelector(".preference") };
    steps.replaceChildren(...data.steps.map((step) => this.step(step)));
    this.cells.push(this.preference);
  }

  row(criterion, sides) {
    const row = element("div", "row");
    const what = element("div", "what");
    what.append(element("b", "", criterion.label), element("span", "", criterion.question));
    if (criterion.anchors) what.append(element("span", "", criterion.anchors));
    row.append(what, ...sides.map((side, index) => this.cell(criterion, side, index)));
    return row;
  }

  cell(criterion, side, index) {
    const box = element("div", "cell");
    const scale = element("div", "scale");
    scale.setAttribute("role", "radiogroup");
    scale.setAttribute("aria-label", `${criterion.label}, ${side}`);
    const cell = { field: criterion.id, index, choices: SCALE, box, name: `${criterion.label}, ${side}` };
    scale.append(element("span", "side", side), ...SCALE.map((value) => this.button(cell, value, String(value))));
    box.append(scale);
    this.cells.push(cell);
    return box;
  }

  step({ value, label }) {
    const button = this.button(this.preference, value, "");
    const sign = value === 0 ? "0" : (value < 0 ? "◀" : "▶") + Math.abs(value);
    button.setAttribute("aria-label", label);
    button.append(element("span", "long", label), element("span", "short", sign));
    return button;
  }

  button(cell, value, label) {
    const button = element("button", "", label);
    button.type = "button";
    button.setAttribute("role", "radio");
    button.dataset.value = String(value);
    button.onclick = () => { this.active = this.cells.indexOf(cell); this.answer(value); };
    return button;
  }

  value(cell) {
    return cell.index === undefined ? this.values[cell.field] : this.values[cell.field][cell.index];
  }

  answer(value) {
    const cell = this.cells[this.active];
    if (cell.index === undefined) this.values[cell.field] = value;
    else this.values[cell.field][cell.index] = value;
    this.active = Math.min(this.active + 1, this.cells.length - 1);
    const next = this.cells[this.active];
    this.say(`${cell.name}: ${this.words(cell, value)}.${next === cell ? "" : ` Next: ${next.name}.`}`);
    this.paint();
    this.report();
  }

  words(cell, value) {
    const button = [...this.buttons(cell)].find((one) => one.dataset.value === String(value));
    return button?.getAttribute("aria-label") ?? String(value);
  }

  buttons(cell) {
    return cell.box.querySelectorAll("[role=radio]");
  }

  mayTake(event) {
    if (this.locked || event.ctrlKey || event.metaKey || event.altKey || !this.root.isConnected) return false;
    const target = event.composedPath()[0];
    const isInside = event.composedPath().includes(this.root);
    const isNowhere = target === document.body || target === document.documentElement;
    return isInside || (isNowhere && ANYWHERE.test(event.key));
  }

  key(event) {
    const cell = this.cells[this.active];
    const isPreference = cell === this.preference;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const aside = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (/^[0-9]$/.test(event.key)) {
      const digit = Number(event.key);
      const value = isPreference ? cell.choices[digit - 1] : digit || 10;
      if (value === undefined) return;
      this.answer(value);
    } else if (event.key.toLowerCase() === "n" && !isPreference) this.answer(NOT_APPLICABLE);
    else if (event.key === "Backspace") this.go(this.active - 1);
    else if (move) this.go(this.active + move);
    else if (aside) this.lookAside(event.composedPath()[0], aside);
    else if (event.key === "Enter") this.save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  go(place) {
    this.active = Math.min(Math.max(0, place), this.cells.length - 1);
    this.say(this.cells[this.active].name);
    this.paint();
  }

  lookAside(button, by) {
    const cell = this.cells.find((one) => one.box.contains(button)) ?? this.cells[this.active];
    const all = [...this.buttons(cell)];
    const at = all.indexOf(button);
    all[at < 0 ? 0 : (at + by + all.length) % all.length].focus();
  }

  say(words) {
    this.root.querySelector(".unseen").textContent = words;
  }

  report() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell.setStateValue("values", this.values), REPORT_AFTER_MS);
  }

  save() {
    if (this.locked) return;
    const open = this.cells.findIndex((cell) => cell !== this.preference && this.value(cell) === null);
    if (open >= 0) {
      this.go(open);
      this.showProblem(`Still to score: ${this.cells[open].name}. Choose “n/a” where there is nothing to judge.`);
      return;
    }
    this.showProblem("");
    clearTimeout(this.timer);
    this.tell.setTriggerValue("saved", this.values);
  }

  showProblem(words) {
    const place = this.root.querySelector(".problem");
    place.textContent = words;
    place.hidden = !words;
  }

  show(data) {
    this.locked = data.locked;
    this.root.dataset.scheme = data.scheme;
    this.root.querySelector(".locked").hidden = !data.locked;
    this.paint();
    if (!data.locked && this.wasLocked) this.takeOver();
    this.wasLocked = data.locked;
  }

  takeOver() {
    if (isTyping()) return;
    this.root.focus({ preventScroll: true });
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.root.scrollIntoView({ block: "nearest", behavior: isCalm ? "auto" : "smooth" });
    this.say("Scores can be given now.");
  }

  scrollToTop() {
    const host = this.root.getRootNode().host ?? this.root;
    host.closest("[data-testid=stMain]")?.scrollTo({ top: 0 });
  }

  paint() {
    this.cells.forEach((cell, place) => {
      const value = this.value(cell);
      const buttons = [...this.buttons(cell)];
      const chosen = buttons.findIndex((one) => value !== null && one.dataset.value === String(value));
      cell.box.classList.toggle("active", !this.locked && place === this.active);
      buttons.forEach((button, index) => {
        button.setAttribute("aria-checked", String(index === chosen));
        button.tabIndex = index === Math.max(0, chosen) ? 0 : -1;
        button.disabled = this.locked;
      });
    });
    this.root.querySelector(".save").disabled = this.locked;
  }

  end() {
    clearTimeout(this.timer);
    window.removeEventListener("keydown", this.onKey, true);
  }
}

function isTyping() {
  return document.activeElement?.matches?.("input, textarea, select, [contenteditable]") ?? false;
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}
