"""The JavaScript reader that docs/simulator.md publishes, on a real <video> in Chromium."""

from __future__ import annotations

import base64
import os
import re
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

from sora_compare.simulator.studio.order import Order
from sora_compare.simulator.studio.render import render_clip
from tests.browser.chromium import FLAGS, find_chromium

DOCUMENT = Path(__file__).parents[3] / "docs" / "simulator.md"
SHOW = """
async ([url, number, rate, wide, high]) => {
  if (!window.video) {
    window.video = document.createElement("video");
    window.video.muted = true;
    window.video.src = url;
    await new Promise((done) => (window.video.onloadeddata = done));
  }
  const shown = new Promise((done) => window.video.requestVideoFrameCallback(done));
  window.video.currentTime = (number + 0.5) / rate;
  await shown;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  context.drawImage(window.video, 0, 0, wide, high);
  return readFrameNumber(context.getImageData(0, 0, wide, high).data, wide, high);
}
"""


@pytest.mark.browser
def test_the_documented_reader_reads_every_frame_in_a_browser(tmp_path: Path) -> None:
    reader = re.search(r"```js\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert reader is not None
    path, rate = tmp_path / "card.mp4", Fraction(30000, 1001)
    render_clip(path, Order("testcard", seconds=1.0, width=640, height=360, seed=1, fps=rate))
    url = "data:video/mp4;base64," + base64.b64encode(path.read_bytes()).decode()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        except Error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip("no Chromium here")
        page = browser.new_page()
        page.evaluate(f"window.readFrameNumber = {reader[1]}")
        numbers = [page.evaluate(SHOW, [url, number, float(rate), 320, 180]) for number in range(1, 30)]
        assert numbers == list(range(1, 30))
        assert page.evaluate("readFrameNumber(new Uint8ClampedArray(4 * 64 * 36), 64, 36)") is None
        browser.close()
