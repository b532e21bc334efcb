/** Options of every command that serves HTTP. */
import type { CommandOption } from "../command.ts";

export const hostOption: CommandOption = {
  kind: "string",
  metavar: "ADDRESS",
  env: "VASTAR_HOST",
  help: "address to listen on; 0.0.0.0 for all (default: 127.0.0.1)",
};
