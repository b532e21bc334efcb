/** The documents of a folder: whatever says that it is OpenAPI or Swagger. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listFiles } from "../lib/files.ts";

const MARK = /(?:^|[{,\s])["']?(?:openapi|swagger)["']?\s*:\s*["']?[23]\b/;

/** Paths in the folder, in order. */
export async function documentsIn(folder: string): Promise<string[]> {
  const files = await listFiles(folder);
  return files.filter((file) =>
    /\.(?:json|ya?ml)$/i.test(file) && MARK.test(readFileSync(join(folder, file), "utf8"))
  );
}
