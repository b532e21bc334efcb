/** The files that an imported document may refer to: those of one folder, which links do not lead out of. */
import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { type DocumentFiles, parseDocumentText } from "../../codegen/import/openapi/mod.ts";
import { diskIoFrom } from "../../codegen/load/io.ts";
import { DEFAULT_LIMITS } from "../../codegen/load/limits.ts";
import { readText } from "../../codegen/load/read.ts";
import { ConnectorError, invalidRequest } from "../../src/core/errors.ts";
import { addressOf, sourceName } from "./import_source.ts";

/** Of all files together. */
const MOST_BYTES = 4 * DEFAULT_LIMITS.maxBytes;

/** `path`: of the document, or `-`. Throws `import.refs`. */
export function filesOf(folder: string, path: string, cwd: string): DocumentFiles {
  const top = realFolder(folder, cwd);
  if (addressOf(path) !== undefined) {
    const what = `${sourceName(path)} is not in ${folder}: --refs is for documents in files.`;
    throw invalidRequest("import.refs", what);
  }
  const document = path === "-" ? "" : relative(top, realpathSync(resolve(cwd, path)));
  if (isOutside(document)) {
    throw invalidRequest(
      "import.refs",
      `${path} is not in ${folder}: give a folder that holds it.`,
    );
  }
  let bytes = 0;
  const io = diskIoFrom(top);
  return {
    document: document.replaceAll(sep, "/"),
    read(file) {
      try {
        const real = realpathSync(join(top, file));
        if (isOutside(relative(top, real))) {
          return { problem: "leads out of the folder, by a link" };
        }
        bytes += io.size(real);
      } catch {
        return { problem: `leads to ${file}, which does not exist` };
      }
      if (bytes > MOST_BYTES) {
        return { problem: `is left out: the files have more than ${MOST_BYTES} bytes` };
      }
      const { text, problem } = readText(file, io, DEFAULT_LIMITS);
      if (problem !== undefined) return { problem: `leads to ${file}: ${problem.message}` };
      try {
        return { value: parseDocumentText(text) };
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        return { problem: `leads to ${file}: ${error.message}` };
      }
    },
  };
}

function realFolder(folder: string, cwd: string): string {
  try {
    const real = realpathSync(resolve(cwd, folder));
    if (statSync(real).isDirectory()) return real;
  } catch {
    // Said below.
  }
  throw invalidRequest("import.refs", `${folder} is not a folder.`);
}

function isOutside(path: string): boolean {
  return path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
}
