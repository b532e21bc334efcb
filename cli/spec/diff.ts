/** Implements `vastar spec diff`. */
import { diffConnectors, formatChanges, judge } from "../../codegen/diff/mod.ts";
import type { CommandArgs, CommandIo, ExitCode } from "../command.ts";
import { findSpec, loadSound } from "./files.ts";

const GRAVITY = ["fix", "feature", "breaking"];

export function diffSpecs(args: CommandArgs, io: CommandIo): ExitCode {
  const [oldPath = "", newPath = ""] = args.positionals;
  const old = loadSound(findSpec(oldPath, io.cwd), io);
  const now = loadSound(findSpec(newPath, io.cwd), io);
  if (old === undefined || now === undefined) return 1;
  const changes = diffConnectors(old, now);
  const verdict = judge(changes, old, now);
  io.stdout(formatChanges(changes, verdict, args.string("format") === "json" ? "json" : "text"));
  const limit = args.string("fail-on");
  if (limit === undefined) return 0;
  if (limit === "version") return verdict.enough ? 0 : 1;
  return GRAVITY.indexOf(verdict.level ?? "") >= GRAVITY.indexOf(limit) ? 1 : 0;
}
