// Drives the player, or two plain video elements, and measures both the same way. Needs window.cards (reader.js).
(() => {
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const both = async () => {
    await nextFrame();
    return cards.pictures().map(cards.read);
  };

  function player() {
    const root = cards.pictures()[0].closest(".player");
    const button = root.querySelector("button.play");
    const range = root.querySelector(".timeline input");
    const isPlaying = () => button.getAttribute("aria-label") === "Pause";
    const press = (key) => root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
    return {
      play: () => isPlaying() || button.click(),
      pause: () => isPlaying() && button.click(),
      step: (by) => press(by > 0 ? "ArrowRight" : "ArrowLeft"),
      seek(frame) {
        range.value = frame;
        range.dispatchEvent(new Event("input"));
      },
    };
  }

  function plain(fps) {
    const videos = cards.pictures();
    return {
      play: () => Promise.all(videos.map((video) => video.play())),
      pause: () => videos.forEach((video) => video.pause()),
      step: (by) => videos.forEach((video) => (video.currentTime += by / fps)),
      seek: (frame) => videos.forEach((video) => (video.currentTime = (frame + 0.5) / fps)),
    };
  }

  // Waits until the pictures show what is wanted, or do not change any more.
  async function shows(wanted, limit) {
    const begin = performance.now();
    let seen = [];
    while (performance.now() - begin < limit) {
      seen = await both();
      if (seen.every((frame) => frame === wanted)) return { right: true, ms: performance.now() - begin, seen };
    }
    return { right: false, ms: performance.now() - begin, seen };
  }

  async function drift(kind, milliseconds) {
    await kind.play();
    const samples = await cards.watch(milliseconds);
    await kind.pause();
    return samples;
  }

  // A pause is out of step when the two frames differ once it has settled, or change later.
  async function pauses(kind, count, frames) {
    let wrong = 0;
    for (let turn = 0; turn < count; turn += 1) {
      if (turn % 8 === 0) {
        kind.seek(Math.floor(Math.random() * frames * 0.5));
        await sleep(150);
      }
      await kind.play();
      await sleep(40 + Math.random() * 100);
      await kind.pause();
      await sleep(60);
      const [left, right] = await both();
      await sleep(60);
      const later = await both();
      if (left !== right || later[0] !== left || later[1] !== right || left < 0) wrong += 1;
    }
    return wrong;
  }

  async function steps(kind, count, frames) {
    let at = Math.floor(frames / 2);
    kind.seek(at);
    await shows(at, 3000);
    let wrong = 0;
    for (let turn = 0; turn < count; turn += 1) {
      const by = at <= 2 ? 1 : at >= frames - 3 ? -1 : Math.random() < 0.6 ? 1 : -1;
      kind.step(by);
      const result = await shows(at + by, 1000);
      at += by;
      if (!result.right) {
        wrong += 1;
        kind.seek(at);
        await shows(at, 1000);
      }
    }
    return wrong;
  }

  async function seeks(kind, count, frames) {
    const times = [];
    for (let turn = 0; turn < count; turn += 1) {
      const frame = Math.floor(Math.random() * frames);
      await nextFrame();
      kind.seek(frame);
      times.push((await shows(frame, 3000)).ms);
      await sleep(20);
    }
    return times;
  }

  window.measure = { player, plain, drift, pauses, steps, seeks };
})();
