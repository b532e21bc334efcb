/** Which credentials a call of an imported client needs, and what it sends of them. */
import { describe, expect, test } from "bun:test";
import { Signed } from "../golden/imported_auth/mod.gen.ts";
import { Served } from "./served.ts";

const served = Served.forThisFile();

type Options = NonNullable<ConstructorParameters<typeof Signed>[0]>;

function client(options: Options = {}): Signed {
  return new Signed({ ...served.options, env: () => undefined, ...options });
}

async function failureOf(call: PromiseLike<unknown>): Promise<unknown> {
  return await call.then(() => undefined, (error: unknown) => error);
}

function sent(): [url: string, authorization: unknown, user: unknown] {
  const { url, headers } = served.last;
  return [url, headers["authorization"], headers["x-user"]];
}

describe("credentials", () => {
  test("are asked for by the call that needs them, and by no other", async () => {
    const token = client({ token: "t" });
    await token.needToken();
    expect(sent()).toEqual(["/token", "Bearer t", undefined]);
    await client().needNothing();
    const before = served.seen.length;
    expect(await failureOf(token.needKey())).toMatchObject({
      code: "config.missing",
      message: "signed needs key: give key or set SIGNED_KEY",
    });
    expect(await failureOf(client().needToken())).toMatchObject({ code: "config.missing" });
    expect(served.seen.length).toBe(before);
  });

  test("of alternatives are the first that there are values for", async () => {
    await client({ token: "t", key: "k", userApiKey: "u" }).needEither();
    expect(sent()).toEqual(["/either", "Bearer t", undefined]);
    await client({ key: "k", userApiKey: "u" }).needEither();
    expect(sent()).toEqual(["/either?api_key=k", undefined, "u"]);
    expect(await failureOf(client({ key: "k" }).needEither())).toMatchObject({
      code: "config.missing",
      message: expect.stringContaining("token or userApiKey"),
    });
  });

  test("that may be left out are sent where there are any", async () => {
    await client().needMaybe();
    expect(sent()).toEqual(["/maybe", undefined, undefined]);
    await client({ token: "t" }).needMaybe();
    expect(sent()).toEqual(["/maybe", "Bearer t", undefined]);
  });
});

describe("parameters", () => {
  test("a key that is declared as a parameter too is sent once, and what is required has its default", async () => {
    await client({ key: "k" }).needKey();
    expect([served.last.url, served.last.headers["x-api-version"]]).toEqual([
      "/key?unit=metric&api_key=k",
      "2",
    ]);
    await client({ key: "k" }).needKey({ unit: "us", xApiVersion: "3", page: 2 });
    expect([served.last.url, served.last.headers["x-api-version"]]).toEqual([
      "/key?unit=us&page=2&api_key=k",
      "3",
    ]);
  });
});
