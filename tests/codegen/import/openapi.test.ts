import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import {
  formatImportReport,
  importOpenApi,
  type ImportOptions,
} from "../../../codegen/import/openapi/mod.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import { halfOf } from "../../support/share.ts";

const FOLDER = "tests/codegen/import/documents";
const SOURCE = readFileSync(`${FOLDER}/bookshop.openapi.yaml`, "utf8");
const DOCUMENT = parse(SOURCE) as Record<string, unknown>;

function operationsOf(options: ImportOptions): string[] {
  const { yaml } = importOpenApi(DOCUMENT, options);
  return Object.keys((parse(yaml) as { operations: object }).operations);
}

function errorsOf(yaml: string): string[] {
  const { diagnostics } = loadConnector({ path: "connector.yaml", text: yaml });
  return diagnostics.filter((one) => one.severity === "error").map((one) =>
    `${one.line}:${one.column} ${one.message}`
  );
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConnectorError) return error.code;
    throw error;
  }
  return "nothing was thrown";
}

describe("uploads", () => {
  const multipart = (file: object): unknown => {
    const { yaml } = importOpenApi({
      openapi: "3.1.0",
      info: { title: "Files", version: "1" },
      servers: [{ url: "https://files.test" }],
      paths: {
        "/files": {
          post: {
            operationId: "upload",
            requestBody: {
              content: {
                "multipart/form-data": {
                  schema: { type: "object", required: ["file"], properties: { file } },
                },
              },
            },
            responses: { "204": { description: "done" } },
          },
        },
      },
    });
    expect(errorsOf(yaml)).toEqual([]);
    const { operations } = parse(yaml) as {
      operations: { upload: { body: { multipart: { properties: { file: unknown } } } } };
    };
    return operations.upload.body.multipart.properties.file;
  };

  test("media types that are not text make files", () => {
    const bytes = { type: "string", format: "binary" };
    for (const type of ["image/png", "application/pdf", "application/octet-stream", "video/*"]) {
      expect(multipart({ type: "string", contentMediaType: type })).toEqual(bytes);
      expect(multipart({ contentMediaType: type })).toEqual(bytes);
    }
  });

  test("text and what is encoded stays text", () => {
    for (const type of ["text/csv", "application/json", "application/ld+json", "image/svg+xml"]) {
      expect(multipart({ type: "string", contentMediaType: type })).toBe("string");
    }
    const encoded = { type: "string", contentMediaType: "image/png", contentEncoding: "base64" };
    expect(multipart(encoded)).toEqual({ type: "string", contentEncoding: "base64" });
  });
});

describe("importOpenApi", () => {
  test("writes the spec and report stored next to the document", () => {
    const { yaml, report } = importOpenApi(SOURCE);
    expect(yaml).toBe(readFileSync(`${FOLDER}/bookshop.connector.yaml`, "utf8"));
    expect(formatImportReport(report)).toBe(readFileSync(`${FOLDER}/bookshop.report.txt`, "utf8"));
  });

  test("writes a valid spec", () => {
    expect(errorsOf(importOpenApi(SOURCE).yaml)).toEqual([]);
  });

  test("gives the same for YAML, JSON and a parsed document", () => {
    const { yaml } = importOpenApi(SOURCE);
    expect(importOpenApi(JSON.stringify(DOCUMENT)).yaml).toBe(yaml);
    expect(importOpenApi(JSON.stringify(DOCUMENT, null, 2)).yaml).toBe(yaml);
    expect(importOpenApi(DOCUMENT).yaml).toBe(yaml);
  });

  test("takes id, name, version and server from the options", () => {
    const { yaml } = importOpenApi(
      { openapi: "3.0.0", paths: { "/a": { get: {} } }, servers: [{ url: "/v1" }] },
      { id: "shop", name: "Shop", version: "2.1.0", server: "https://shop.example/" },
    );
    expect(parse(yaml)).toMatchObject({
      id: "shop",
      name: "Shop",
      version: "2.1.0",
      servers: { default: "https://shop.example/v1" },
    });
  });
});

describe("include and exclude", () => {
  test("by tag, path, operation id and id", () => {
    expect(operationsOf({ include: ["tag:books"] })).toEqual(["books.list", "books.create"]);
    expect(operationsOf({ include: ["/books/*"] })).toEqual([
      "books.get",
      "books.deleteByBookId",
      "books.update",
    ]);
    expect(operationsOf({ include: ["path:/books/**"], exclude: ["books.*"] })).toEqual([
      "covers.uploadCover",
      "covers.replace",
    ]);
    expect(operationsOf({ include: ["books/get", "login"] })).toEqual(["books.get", "login"]);
  });

  test("what is left out takes its types with it, and is counted", () => {
    const { yaml, report } = importOpenApi(DOCUMENT, { include: ["login"] });
    expect(Object.keys((parse(yaml) as { types?: object }).types ?? {})).toEqual([]);
    expect(report).toMatchObject({ operations: 1, types: 0, filtered: 11 });
  });

  test("names do not depend on what else is imported", () => {
    const all = operationsOf({});
    for (const one of ["books.get", "covers.replace", "chat.history"]) {
      expect(all).toContain(one);
      expect(operationsOf({ include: [one] })).toEqual([one]);
    }
  });

  test("nothing left is an error", () => {
    expect(codeOf(() => importOpenApi(DOCUMENT, { include: ["nope"] }))).toBe("import.empty");
  });
});

describe("what is not an OpenAPI document", () => {
  test("is refused with a code", () => {
    expect(codeOf(() => importOpenApi("[1, 2"))).toBe("import.syntax");
    expect(codeOf(() => importOpenApi('{ "openapi": '))).toBe("import.syntax");
    expect(codeOf(() => importOpenApi("hello: world"))).toBe("import.not_openapi");
    expect(codeOf(() => importOpenApi([]))).toBe("import.not_openapi");
    expect(codeOf(() => importOpenApi({ swagger: "2.0", paths: {} }))).toBe(
      "import.unsupported_version",
    );
    expect(codeOf(() => importOpenApi({ openapi: "4.0.0", paths: {} }))).toBe(
      "import.unsupported_version",
    );
    expect(codeOf(() => importOpenApi({ openapi: "3.1.0" }))).toBe("import.empty");
    expect(() => importOpenApi({ openapi: "3.1.0", webhooks: { paid: { post: {} } } }))
      .toThrow("no operations");
  });
});

/** Every container of a document with its keys, to break one of them. */
function places(
  value: unknown,
  found: { holder: Record<string, unknown>; key: string }[] = [],
): typeof found {
  if (typeof value !== "object" || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value as Record<string, unknown>, key });
    places((value as Record<string, unknown>)[key], found);
  }
  return found;
}

describe("broken documents", () => {
  let count = 0;
  beforeAll(() => {
    count = places(DOCUMENT).length;
  });

  const junk = fc.oneof(
    fc.constantFrom<unknown>(
      undefined,
      null,
      true,
      0,
      -1,
      "",
      "x",
      "#/components/schemas/book",
      "#/nowhere",
      [],
      {},
      [{}],
      ["a", 1],
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );

  test("end in a valid spec or an error with a code, whatever is broken in them", () => {
    const spots = fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(spots, (list) => {
        const copy = structuredClone(DOCUMENT);
        for (const [at, value] of list) {
          const all = places(copy);
          const place = all[at % Math.max(1, Math.min(count, all.length))];
          if (place !== undefined) place.holder[place.key] = structuredClone(value);
        }
        let yaml: string;
        try {
          yaml = importOpenApi(copy).yaml;
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectorError);
          return;
        }
        expect(errorsOf(yaml)).toEqual([]);
      }),
      halfOf(120),
    );
  });
});
