/** A small line chart. Its numbers stand beside it as text. */
import { linePoints } from "../figures/series.ts";
import { svg } from "../parts/dom.ts";

const WIDTH = 240;
const HEIGHT = 44;

/** The first line is the one that matters; all have one scale. */
export function chart(
  name: string,
  lines: readonly (readonly (number | undefined)[])[],
): HTMLElement {
  const most = Math.max(0, ...lines.flat().map((value) => value ?? 0));
  const drawn = lines.map((values, at) => {
    const points = linePoints(values, WIDTH, HEIGHT, most);
    const line = svg("polyline", { points, class: `line${at}` });
    if (at > 0 || points === "") return line;
    const [first = ""] = points.split(",");
    const area = svg("polygon", { points: `${first},${HEIGHT} ${points} ${WIDTH},${HEIGHT}` });
    return svg("g", {}, area, line);
  });
  return svg("svg", {
    viewBox: `0 -2 ${WIDTH} ${HEIGHT + 4}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": `${name} over the last minute`,
    class: "chart",
  }, ...drawn.toReversed()) as unknown as HTMLElement;
}
