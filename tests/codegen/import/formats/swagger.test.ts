/** Swagger 2.0, through the converter, and what the converter leaves out. */
import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { importOpenApi, OpenApiDocument } from "../../../../codegen/import/openapi/mod.ts";
import { convertSwagger } from "../../../../codegen/import/openapi/document/swagger.ts";
import { Losses } from "../../../../codegen/import/openapi/loss.ts";
import { loadConnector } from "../../../../codegen/load_connector.ts";

const DOCUMENT = {
  swagger: "2.0",
  info: { title: "Pets", version: "1" },
  host: "api.example.com",
  basePath: "/v1",
  schemes: ["https"],
  consumes: ["application/json"],
  produces: ["application/json"],
  securityDefinitions: { key: { type: "apiKey", in: "header", name: "X-Key" } },
  security: [{ key: [] }],
  parameters: {
    Pet: { name: "pet", in: "body", required: true, schema: { $ref: "#/definitions/Pet" } },
    Codes: { name: "codes", in: "formData", type: "array", items: { type: "string" } },
  },
  paths: {
    "/pets": {
      get: {
        operationId: "list",
        parameters: [
          {
            name: "tags",
            in: "query",
            type: "array",
            items: { type: "string" },
            collectionFormat: "pipes",
          },
          {
            name: "tabs",
            in: "query",
            type: "array",
            items: { type: "string" },
            collectionFormat: "tsv",
          },
        ],
        responses: {
          200: {
            description: "ok",
            schema: { type: "array", items: { $ref: "#/definitions/Pet" } },
          },
        },
      },
      post: {
        operationId: "add",
        parameters: [{ $ref: "#/parameters/Pet" }],
        responses: { 201: { description: "done" } },
        schemes: ["http"],
      },
    },
    "/forms": {
      post: {
        operationId: "send",
        consumes: ["application/x-www-form-urlencoded"],
        parameters: [
          { $ref: "#/parameters/Codes" },
          {
            name: "names",
            in: "formData",
            type: "array",
            items: { type: "string" },
            collectionFormat: "multi",
          },
        ],
        responses: { 204: { description: "done" } },
      },
    },
    "/files": {
      post: {
        operationId: "upload",
        consumes: ["multipart/form-data"],
        parameters: [{ name: "file", in: "formData", type: "file", required: true }],
        responses: { 200: { description: "it", schema: { type: "file" } } },
        produces: ["image/png"],
      },
    },
  },
  definitions: {
    Pet: {
      type: "object",
      discriminator: "kind",
      required: ["kind"],
      properties: { kind: { type: "string" }, name: { type: "string", "x-nullable": true } },
    },
    Cat: {
      allOf: [{ $ref: "#/definitions/Pet" }, {
        type: "object",
        properties: { lives: { type: "integer" } },
      }],
    },
  },
};

describe("Swagger 2.0", () => {
  test("becomes a valid spec", async () => {
    const before = structuredClone(DOCUMENT);
    const { yaml } = importOpenApi(await OpenApiDocument.read(JSON.stringify(DOCUMENT)));
    expect(DOCUMENT).toEqual(before);
    const { diagnostics } = loadConnector({ path: "connector.yaml", text: yaml });
    expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
    expect(parse(yaml)).toMatchObject({
      servers: { default: "https://api.example.com/v1" },
      auth: { type: "apiKey", in: "header", name: "X-Key", value: "${config.apiKey}" },
      operations: {
        list: { input: { tags: { style: "pipeDelimited" } }, result: { items: "Pet" } },
        add: { body: "Pet" },
        // A list of a form is one text with commas, unless it says otherwise.
        send: { body: { form: {}, parts: { codes: { arrays: "comma" } } } },
        upload: {
          body: { multipart: { properties: { file: { type: "string", format: "binary" } } } },
          result: { binary: "image/png" },
        },
      },
      types: {
        Pet: {
          anyOf: ["Cat", "PetBase"],
          discriminator: { mapping: { Cat: "Cat", Pet: "PetBase" } },
        },
        PetBase: { properties: { name: { type: "string", nullable: true } } },
      },
    });
  });

  test("what was lost on the way is reported", async () => {
    const { report } = importOpenApi(await OpenApiDocument.read(JSON.stringify(DOCUMENT)));
    expect(report.losses).toEqual([
      {
        kind: "conversion",
        where: "GET /pets tabs",
        message: "CollectionFormat:tsv is no longer supported.",
      },
      { kind: "conversion", where: "POST /pets", message: "Its own schemes (http) are left out." },
    ]);
  });

  test("without the converter, or where that fails, says what to do and why", async () => {
    const convert = (load: () => Promise<unknown>): Promise<unknown> =>
      convertSwagger(DOCUMENT, new Losses(), load);
    await expect(convert(() => import("not-installed" as string))).rejects.toThrow(
      "Swagger 2.0 needs the package swagger2openapi, which is not installed where this runs: npm install swagger2openapi",
    );
    const failing = { convertObj: () => Promise.reject(new Error("no paths")) };
    await expect(convert(() => Promise.resolve(failing))).rejects.toThrow(
      "Swagger 2.0 was not converted: no paths",
    );
  });
});
