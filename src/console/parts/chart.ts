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
  const points = lines.map((values) => linePoints(values, WIDTH, HEIGHT, most));
  const drawn = points.map((line, at) => svg("polyline", { points: line, class: `line${at}` }));
  const [main = ""] = points;
  const [first = ""] = main.split(",");
  const area = main === ""
    ? []
    : [svg("polygon", { points: `${first},${HEIGHT} ${main} ${WIDTH},${HEIGHT}` })];
  return svg(
    "svg",
    {
      viewBox: `0 -2 ${WIDTH} ${HEIGHT + 4}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `${name} over the last minute`,
      class: "chart",
    },
    ...area,
    ...drawn.toReversed(),
  ) as unknown as HTMLElement;
}
