/** Each status has the body that the document declares. */
import { expect, test } from "bun:test";
import {
  AuthenticationError,
  ConflictError,
  Failing,
  RateLimitError,
  UnprocessableEntityError,
} from "../golden/imported_errors/mod.gen.ts";
import { Served } from "./served.ts";

const served = Served.forThisFile();

async function failure(status: number, body: unknown): Promise<unknown> {
  served.json(body, status);
  const call = new Failing(served.options).listThings();
  return await call.then(() => undefined, (error: unknown) => error);
}

test("a status has its own type of body", async () => {
  const invalid = await failure(422, { fields: ["name"] });
  if (!(invalid instanceof UnprocessableEntityError)) throw invalid;
  const fields: string[] = invalid.body.fields;
  expect(fields).toEqual(["name"]);
  // What other statuses have is not there.
  const hasTitle: "title" extends keyof UnprocessableEntityError["body"] ? true : false = false;
  expect("title" in invalid.body).toBe(hasTitle);

  const refused = await failure(401, { title: "who?" });
  if (!(refused instanceof AuthenticationError)) throw refused;
  const title: string = refused.body.title;
  expect([title, refused.apiMessage]).toEqual(["who?", "who?"]);
});

test("a status with several types has each of them", async () => {
  const found = await failure(409, { etag: "1" });
  if (!(found instanceof ConflictError)) throw found;
  const { body } = found;
  expect("etag" in body ? body.etag : body.title).toBe("1");
});

test("a status that the document does not know has a body of no type", async () => {
  const found = await failure(429, "slow down");
  if (!(found instanceof RateLimitError)) throw found;
  const isUnknown: unknown extends RateLimitError["body"] ? true : false = true;
  expect([isUnknown, found.body]).toEqual([true, "slow down"]);
});
