import { describe, expect, test } from "bun:test";
import { formatDiagnostics } from "../../../codegen/read/report/format.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";

describe("SARIF", () => {
  const uri = (path: string): unknown => {
    const { diagnostics } = loadConnector({ path, text: "a" });
    const { runs } = JSON.parse(formatDiagnostics(diagnostics, "sarif")) as {
      runs: {
        results: {
          locations: { physicalLocation: { artifactLocation: { uri: string } } }[];
        }[];
      }[];
    };
    return runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri;
  };

  test("names files by URIs, relative ones from the checkout", () => {
    expect(uri("shop/connector.yaml")).toBe("shop/connector.yaml");
    expect(uri("my shop/50%/connector?#.yaml")).toBe("my%20shop/50%25/connector%3F%23.yaml");
    expect(uri("/srv/shop/connector.yaml")).toBe("file:///srv/shop/connector.yaml");
    expect(uri("shop\\connector.yaml")).toBe("shop/connector.yaml");
    expect(uri("C:\\shop\\connector.yaml")).toBe("file:///C:/shop/connector.yaml");
  });
});

test("a spec without its first key is told the current version", () => {
  const { diagnostics } = loadConnector({ path: "connector.yaml", text: "id: a\n" });
  expect(diagnostics.map(({ help }) => help)).toContain(
    "Add `connector: 1`, the version of the format.",
  );
});
