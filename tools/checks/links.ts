/** Links between the documents lead somewhere: the file exists and has that heading. */
import { posix } from "node:path";
import { listFiles, readText } from "../lib/files.ts";
import { lineAt, type Problem } from "../lib/problem.ts";

const LINK = /\[[^\]]*\]\(([^()\s]+)\)/g;

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
}

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, " "));
}

function anchors(text: string): Set<string> {
  const plain = text.replace(/```[\s\S]*?```/g, "");
  return new Set([...plain.matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? "")));
}

export async function checkLinks(root: string): Promise<Problem[]> {
  const files = new Set(await listFiles(root));
  const folders = new Set([...files].map((file) => posix.dirname(file)));
  const problems: Problem[] = [];
  for (const file of files) {
    if (!file.endsWith(".md")) continue;
    const text = await readText(root, file);
    for (const match of withoutCode(text).matchAll(LINK)) {
      const [path = "", anchor] = (match[1] ?? "").split("#");
      if (/^[a-z]+:/.test(path)) continue;
      const target = path === ""
        ? file
        : posix.normalize(posix.join(posix.dirname(file), path)).replace(/\/$/, "");
      const line = lineAt(text, match.index);
      if (!files.has(target) && !folders.has(target)) {
        problems.push({ file, line, message: `links to ${path}, which does not exist.` });
      } else if (
        anchor !== undefined && target.endsWith(".md") &&
        !anchors(await readText(root, target)).has(anchor)
      ) {
        problems.push({
          file,
          line,
          message: `links to #${anchor}, but ${target} has no such heading.`,
        });
      }
    }
  }
  return problems;
}
