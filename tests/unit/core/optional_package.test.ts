import { expect, test } from "bun:test";
import { loadPackage } from "../../../src/core/optional_package.ts";
import { failure } from "../../conformance/context.ts";

test("a package that is missing is named, with how to install it", async () => {
  // A name that is not in the text of an import, as that of a driver.
  const name = ["@vastar", "not-there"].join("/");
  const load = (): Promise<unknown> => import(name);
  const error = await failure(
    loadPackage(load, "pglite: needs", "postgres", "@electric-sql/pglite"),
  );
  expect([error.code, error.sent]).toEqual(["package.missing", "no"]);
  expect(error.message).toBe(
    "pglite: needs the packages postgres and @electric-sql/pglite, which are not installed where this runs: " +
      "npm install postgres @electric-sql/pglite",
  );
});

test("another failure of a module stays what it is", async () => {
  const broken = loadPackage(() => Promise.reject(new Error("broken")), "It needs", "postgres");
  await expect(broken).rejects.toThrow("broken");
});
