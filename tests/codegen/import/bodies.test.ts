/** How the bodies of a document are sent, byte for byte. */
import { describe, expect, test } from "bun:test";
import { Bodies } from "../golden/imported_bodies/mod.gen.ts";
import { partsOf, Served } from "./served.ts";

const served = Served.forThisFile();

describe("files", () => {
  test("go as multipart where the document offers JSON beside it", async () => {
    const image = new File(["png"], "a.png", { type: "image/png" });
    await new Bodies(served.options).editImage({ prompt: "A cat", image });
    expect(partsOf(served.last)).toEqual([
      { head: 'name="prompt"', content: "A cat" },
      { head: 'name="image"; filename="a.png"; Content-Type: image/png', content: "png" },
    ]);
  });

  test("are what `contentEncoding: binary` marks", async () => {
    await new Bodies(served.options).upload({ files: [new Blob(["1"]), new Uint8Array([50])] });
    expect(partsOf(served.last).map(({ content }) => content)).toEqual(["1", "2"]);
  });
});
