import type { Simulator } from "../../../src/simulator/mod.ts";

export const BASE = "http://simulator.test";

export function post(
  simulator: Simulator,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return simulator.fetch(
    new Request(`${BASE}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  );
}

export function get(
  simulator: Simulator,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return simulator.fetch(new Request(`${BASE}${path}`, { headers }));
}

/** The data of each event, as text. */
export async function events(response: Response): Promise<string[]> {
  return (await response.text()).split("\n\n").filter((block) => block !== "").map((block) =>
    block.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join(
      "\n",
    )
  );
}

/** Looks a dotted path up in parsed JSON. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const key of path.split(".")) {
    here = typeof here === "object" && here !== null
      ? (here as Record<string, unknown>)[key]
      : undefined;
  }
  return here;
}

export function hello(extra: object = {}): object {
  return { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }], ...extra };
}
