// Scores of one pair, by mouse, touch or keyboard. Cells are answered in order; a digit answers the active cell and
// moves on, so that three criteria, a preference and saving take eight key presses.

const NOT_APPLICABLE = "n/a";
const SCALE = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, NOT_APPLICABLE];
const REPORT_AFTER_MS = 250;
const pads = new WeakMap();

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
    this.root.onkeydown = (event) => this.key(event);
    this.active = Math.max(0, this.cells.findIndex((cell) => this.value(cell) === null));
  }

  build(data) {
    this.cells = [];
    const rows = this.root.querySelector(".rows");
    rows.replaceChildren(...data.criteria.map((criterion) => this.row(criterion, data.sides)));
    const steps = this.root.querySelector(".steps");
    this.preference = { field: "preference", choices: data.steps.map((step) => step.value), box: this.root.querySelector(".preference") };
    steps.replaceChildren(...data.steps.map((step) => this.button(this.preference, step.value, step.label)));
    this.cells.push(this.preference);
  }

  row(criterion, sides) {
    const row = element("div", "row");
    const what = element("div", "what");
    what.append(element("b", "", criterion.label), element("span", "", criterion.question));
    const cells = element("div", "cells");
    sides.forEach((side, index) => cells.append(this.cell(criterion, side, index)));
    row.append(what);
    if (criterion.anchors) row.append(element("p", "anchors", criterion.anchors));
    row.append(cells);
    return row;
  }

  cell(criterion, side, index) {
    const box = element("fieldset", "cell");
    const scale = element("div", "scale");
    scale.setAttribute("role", "radiogroup");
    scale.setAttribute("aria-label", `${criterion.label}, ${side}`);
    const cell = { field: criterion.id, index, choices: SCALE, box };
    scale.append(...SCALE.map((value) => this.button(cell, value, String(value))));
    box.append(element("legend", "", side), scale);
    this.cells.push(cell);
    return box;
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
    this.paint();
    this.report();
  }

  key(event) {
    if (this.locked || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = this.cells[this.active];
    const isPreference = cell === this.preference;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (/^[0-9]$/.test(event.key)) {
      const digit = Number(event.key);
      const value = isPreference ? cell.choices[digit - 1] : digit || 10;
      if (value === undefined) return;
      this.answer(value);
    } else if (event.key.toLowerCase() === "n" && !isPreference) this.answer(NOT_APPLICABLE);
    else if (event.key === "Backspace") { this.active = Math.max(0, this.active - 1); this.paint(); }
    else if (move) { this.active = Math.min(Math.max(0, this.active + move), this.cells.length - 1); this.paint(); }
    else if (event.key === "Enter") this.save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  report() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell.setStateValue("values", this.values), REPORT_AFTER_MS);
  }

  save() {
    if (this.locked) return;
    clearTimeout(this.timer);
    this.tell.setTriggerValue("saved", this.values);
  }

  show(data) {
    this.locked = data.locked;
    this.root.dataset.scheme = data.scheme;
    this.root.querySelector(".locked").hidden = !data.locked;
    this.paint();
    if (!data.locked && this.wasLocked) this.root.focus({ preventScroll: true });
    this.wasLocked = data.locked;
  }

  paint() {
    this.root.tabIndex = -1;
    this.cells.forEach((cell, place) => {
      const value = this.value(cell);
      cell.box.classList.toggle("active", !this.locked && place === this.active);
      for (const button of cell.box.querySelectorAll("button")) {
        button.setAttribute("aria-checked", String(value !== null && button.dataset.value === String(value)));
        button.disabled = this.locked;
      }
    });
    this.root.querySelector(".save").disabled = this.locked;
  }

  end() {
    clearTimeout(this.timer);
  }
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}
