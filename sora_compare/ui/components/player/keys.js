// Every command the player knows, by name, and the one table of keys. The table is what `?` shows.

const COMMANDS = {
  playPause: (player) => player.playPause(),
  stepBack: (player) => player.lock.step(-1),
  stepForward: (player) => player.lock.step(1),
  stepBack10: (player) => player.lock.step(-10),
  stepForward10: (player) => player.lock.step(10),
  toStart: (player) => player.lock.seekFrame(0),
  toEnd: (player) => player.lock.seekFrame(player.lock.frameCount - 1),
  slower: (player) => player.changeSpeed(-1),
  faster: (player) => player.changeSpeed(1),
  normalSpeed: (player) => player.setSpeed(1),
  loop: (player) => player.toggleLoop(),
  loopFrom: (player) => player.setLoopEdge("from"),
  loopTo: (player) => player.setLoopEdge("to"),
  clearLoop: (player) => player.clearLoop(),
  hearNext: (player) => player.hearNext(),
  loudness: (player) => player.toggleLoudness(),
  viewSide: (player) => player.views.set("side"),
  viewWipe: (player) => player.setView("wipe"),
  viewDifference: (player) => player.setView("difference"),
  viewFlip: (player) => player.setView("flip"),
  showLeft: (player) => player.face("left"),
  showRight: (player) => player.face("right"),
  flip: (player) => player.flip(),
  zoomIn: (player) => player.views.zoomBy(ZOOM_STEP),
  zoomOut: (player) => player.views.zoomBy(1 / ZOOM_STEP),
  zoomReset: (player) => player.views.resetZoom(),
  fullScreen: (player) => player.views.fullScreen(),
  markLeft: (player) => player.markers.add("left"),
  markRight: (player) => player.markers.add("right"),
  readout: (player) => player.toggleReadout(),
  copyLink: (player) => player.copyLink(),
  help: (player) => player.toggleHelp(),
};

// [group, keys, command, words]. {left} and {right} become the labels of the two sides.
const KEYS = [
  ["Play", ["Space", "k"], "playPause", "Play or pause"],
  ["Play", ["ArrowRight", "."], "stepForward", "One frame forward"],
  ["Play", ["ArrowLeft", ","], "stepBack", "One frame back"],
  ["Play", ["Shift+ArrowRight"], "stepForward10", "Ten frames forward"],
  ["Play", ["Shift+ArrowLeft"], "stepBack10", "Ten frames back"],
  ["Play", ["Home"], "toStart", "First frame"],
  ["Play", ["End"], "toEnd", "Last frame"],
  ["Play", ["]"], "faster", "Faster"],
  ["Play", ["["], "slower", "Slower"],
  ["Play", ["Backspace"], "normalSpeed", "Normal speed"],
  ["Loop", ["l"], "loop", "Loop on or off"],
  ["Loop", ["i"], "loopFrom", "Section begins here"],
  ["Loop", ["o"], "loopTo", "Section ends here"],
  ["Loop", ["u"], "clearLoop", "Forget the section"],
  ["Sound", ["s"], "hearNext", "Hear {left}, {right}, neither"],
  ["Sound", ["g"], "loudness", "Matched or raw loudness"],
  ["View", ["1"], "viewSide", "Side by side"],
  ["View", ["2"], "viewWipe", "Wipe"],
  ["View", ["3"], "viewDifference", "Difference"],
  ["View", ["4"], "viewFlip", "Flip"],
  ["View", ["a"], "showLeft", "Show {left} alone"],
  ["View", ["b"], "showRight", "Show {right} alone"],
  ["View", ["x"], "flip", "Swap the side shown"],
  ["View", ["+", "="], "zoomIn", "Zoom in"],
  ["View", ["-"], "zoomOut", "Zoom out"],
  ["View", ["0"], "zoomReset", "Whole picture"],
  ["View", ["f"], "fullScreen", "Full screen"],
  ["Notes", ["m"], "markLeft", "Mark {left} here"],
  ["Notes", ["Shift+m"], "markRight", "Mark {right} here"],
  ["Notes", ["d"], "readout", "Measured drift"],
  ["Notes", ["y"], "copyLink", "Copy a link to this view"],
  ["Notes", ["?"], "help", "This table"],
];

const SHIFTED_SIGNS = new Set(["?", "+"]); // typed with Shift on most keyboards: the sign itself is the key

const COMMAND_OF = new Map(KEYS.flatMap(([, keys, command]) => keys.map((key) => [key, command])));

// The player that keys go to when nothing has the focus: the one used last.
let lastUsed = null;

function keyName(event) {
  const base = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && !SHIFTED_SIGNS.has(event.key) ? `Shift+${base}` : base;
}

function isTyping(target) {
  if (!target?.matches) return false;
  if (target.matches("input[type=range], input[type=button], input[type=checkbox], input[type=radio]")) return false;
  return target.matches("input, textarea, select, [contenteditable], [role=textbox], [role=combobox]");
}

// Space and Enter on a focused button press that button; Home and the arrows on the wipe line move it.
function belongsToControl(event, target) {
  return (event.key === " " || event.key === "Enter") && target?.matches?.("button, a, summary");
}

class Keys {
  constructor(player) {
    this.player = player;
    this.root = player.root;
    this.onKey = (event) => this.handle(event);
    this.onUse = () => {
      lastUsed = player;
    };
    // Capture: Streamlit listens on the document too, and its "c" and "r" must not fire for our keys.
    document.addEventListener("keydown", this.onKey, true);
    this.root.addEventListener("pointerdown", this.onUse, true);
    this.root.addEventListener("focusin", this.onUse);
    lastUsed ??= player;
  }

  handle(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    const inside = event.composedPath().includes(this.root);
    const nowhere = target === document.body || target === document.documentElement;
    if (!inside && !(nowhere && (lastUsed === this.player || lastUsed === null))) return;
    if (isTyping(target) || belongsToControl(event, target) || target.matches?.(".wipe")) return;
    if (event.key === "Escape" && this.player.closeDialogs()) return this.taken(event);
    const command = COMMAND_OF.get(keyName(event));
    if (!command) return;
    this.taken(event);
    this.player.run(command);
  }

  taken(event) {
    event.preventDefault();
    event.stopPropagation();
    event.stopImmediatePropagation();
  }

  destroy() {
    document.removeEventListener("keydown", this.onKey, true);
    if (lastUsed === this.player) lastUsed = null;
  }
}

function keySign(key) {
  const signs = { ArrowLeft: "←", ArrowRight: "→", Backspace: "⌫", Space: "Space" };
  const parts = key.split("+").filter(Boolean);
  if (!parts.length) return "+";
  return parts.map((part) => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ");
}

function drawKeyTable(list, labels) {
  const words = (text) => text.replace("{left}", labels.left).replace("{right}", labels.right);
  const groups = [...new Set(KEYS.map(([group]) => group))];
  list.replaceChildren(...groups.map((group) => keyGroup(group, words)));
}

function keyGroup(group, words) {
  const section = document.createElement("section");
  const heading = document.createElement("h3");
  heading.textContent = group;
  const rows = KEYS.filter(([one]) => one === group).map(([, keys, , says]) => {
    const row = document.createElement("p");
    const signs = document.createElement("span");
    signs.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: keySign(key) })));
    row.append(signs, words(says));
    return row;
  });
  section.append(heading, ...rows);
  return section;
}
