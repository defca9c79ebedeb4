// Reads the test card's frame number from pixels, as docs/simulator.md describes the cells. Defines window.cards.
(() => {
  const COLUMNS = 8;
  const ROWS = 4;
  const EDGES = { left: 0.1, top: 0.08, right: 0.9, bottom: 0.52 };
  const small = document.createElement("canvas");
  small.width = COLUMNS * 4;
  small.height = ROWS * 4;
  const context = small.getContext("2d", { willReadFrequently: true });

  function crc8(number) {
    let check = 0;
    for (const byte of [(number >> 16) & 255, (number >> 8) & 255, number & 255]) {
      check ^= byte;
      for (let bit = 0; bit < 8; bit += 1) check = check & 0x80 ? ((check << 1) ^ 0x07) & 0xff : (check << 1) & 0xff;
    }
    return check;
  }

  // The frame number that a video or canvas shows now; -1 when its cells cannot be read.
  function read(source) {
    const width = source.videoWidth || source.width;
    const height = source.videoHeight || source.height;
    const box = [EDGES.left * width, EDGES.top * height, (EDGES.right - EDGES.left) * width, (EDGES.bottom - EDGES.top) * height];
    context.drawImage(source, ...box, 0, 0, small.width, small.height);
    const { data } = context.getImageData(0, 0, small.width, small.height);
    const level = (index) => {
      const x = (index % COLUMNS) * 4 + 2;
      const y = Math.floor(index / COLUMNS) * 4 + 2;
      return data[(y * small.width + x) * 4 + 1];
    };
    const threshold = (level(0) + level(1)) / 2;
    if (level(0) - level(1) < 40) return -1;
    let number = 0;
    let check = 0;
    for (let index = 2; index < 22; index += 1) number = number * 2 + (level(index) > threshold ? 1 : 0);
    for (let index = 22; index < 30; index += 1) check = check * 2 + (level(index) > threshold ? 1 : 0);
    return crc8(number) === check ? number : -1;
  }

  // What a viewer sees of each side: the player's canvases, or the video elements of plain pages.
  function pictures(nth = 0) {
    const players = [];
    for (const host of document.querySelectorAll("*")) {
      const found = host.shadowRoot?.querySelector(".player") ?? (host.matches(".player") ? host : null);
      if (found) players.push(found);
    }
    if (!players.length) return [...document.querySelectorAll("[data-testid=stVideo]")];
    return [...players[nth].querySelectorAll(".pane")].map((pane) =>
      getComputedStyle(pane.querySelector("canvas")).visibility === "visible"
        ? pane.querySelector("canvas")
        : pane.querySelector("video"),
    );
  }

  function seen(nth = 0) {
    return pictures(nth).map(read);
  }

  // Both numbers, read in one animation frame, for as long as asked.
  function watch(milliseconds, nth = 0) {
    const sources = pictures(nth);
    const samples = [];
    const begin = performance.now();
    return new Promise((resolve) => {
      const look = () => {
        samples.push([performance.now() - begin, ...sources.map(read)]);
        if (performance.now() - begin < milliseconds) requestAnimationFrame(look);
        else resolve(samples);
      };
      requestAnimationFrame(look);
    });
  }

  function now(nth = 0) {
    return new Promise((resolve) => requestAnimationFrame(() => resolve(seen(nth))));
  }

  window.cards = { read, pictures, seen, watch, now };
})();
