/** Drivers that are not installed, and those that are. */
import { expect, test } from "bun:test";
import { loadDriver } from "../../../../src/platform/shared/database/load_driver.ts";
import { failure } from "../../../conformance/databases/ask.ts";

test("a package that is missing is named, with how to install it", async () => {
  // A name that is not in the text of an import, as that of a driver.
  const name = ["@vastar", "not-there"].join("/");
  const error = await failure(loadDriver(() => import(name), "pglite", "pglite:"));
  expect([error.code, error.sent]).toEqual(["database.driver_missing", "no"]);
  expect(error.message).toContain("npm install postgres @electric-sql/pglite");
});

test("another failure of a module stays what it is", async () => {
  const broken = loadDriver(() => Promise.reject(new Error("broken")), "postgres", "postgres:");
  await expect(broken).rejects.toThrow("broken");
});
