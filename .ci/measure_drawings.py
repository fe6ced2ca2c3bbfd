"""Measures each label of SVG drawings in headless chromium.

Usage: measure_drawings.py FOLDER-OF-SVG WORK-FOLDER
"""

import html
import json
import pathlib
import re
import subprocess
import sys

# Every label stands in a group whose first rectangle is its box. A pixel of
# tolerance is for the rounding of glyph positions.
SCRIPT = """
const found = { texts: 0, faults: [] };
const boxes = [];
for (const text of document.querySelectorAll('svg text')) {
  const box = text.getBBox();
  const rect = text.parentNode.querySelector(':scope > rect');
  const frame = rect ? rect.getBBox() : null;
  found.texts += 1;
  if (!frame) {
    found.faults.push(`no box around: ${text.textContent}`);
  } else if (box.x < frame.x - 1 || box.y < frame.y - 1
      || box.x + box.width > frame.x + frame.width + 1
      || box.y + box.height > frame.y + frame.height + 1) {
    found.faults.push(`out of its box: ${text.textContent}`
      + ` [${[box.x, box.y, box.width, box.height].map(Math.round)}]`
      + ` in [${[frame.x, frame.y, frame.width, frame.height].map(Math.round)}]`);
  }
  boxes.push([box, text.textContent]);
}
boxes.sort((a, b) => a[0].y - b[0].y);
boxes.forEach(([a, one], at) => {
  for (const [b, other] of boxes.slice(at + 1)) {
    if (b.y > a.y + a.height - 1) break;
    if (a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width) {
      found.faults.push(`overlapping: ${one} / ${other}`);
    }
  }
});
const view = document.querySelector('svg').viewBox.baseVal;
const all = document.querySelector('svg').getBBox();
if (all.width > view.width + 1 || all.height > view.height + 1) found.faults.push('larger than its sheet');
const result = document.createElement('pre');
result.id = 'result';
result.textContent = JSON.stringify(found);
document.body.append(result);
"""


def measure(svg: pathlib.Path, work: pathlib.Path) -> dict:
    page = work / "page.html"
    page.write_text(
        "<!doctype html><meta charset=utf-8><body>"
        + svg.read_text(encoding="utf-8")
        + f"<script>{SCRIPT}</script>",
        encoding="utf-8",
    )
    dom = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
         f"--user-data-dir={work}/profile", page.as_uri()],
        check=True, capture_output=True, text=True, timeout=120,
    ).stdout
    result = re.search(r'<pre id="result">(.*?)</pre>', dom, re.S)
    if not result:
        sys.exit(f"{svg.name}: chromium measured nothing")
    return json.loads(html.unescape(result.group(1)))


def main() -> None:
    folder, work = map(pathlib.Path, sys.argv[1:3])
    drawings, texts, faults = 0, 0, 0
    for svg in sorted(folder.glob("*.svg")):
        found = measure(svg, work)
        drawings += 1
        texts += found["texts"]
        for fault in found["faults"]:
            faults += 1
            print(f"{svg.name}: {fault}")
    print(f"{drawings} drawings, {texts} labels, {faults} faults")
    sys.exit(1 if faults or not texts else 0)


main()
