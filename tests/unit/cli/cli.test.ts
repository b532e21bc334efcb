import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Command,
  type CommandArgs,
  type CommandIo,
  UsageError,
} from "../../../cli/command.ts";
import { importFailure } from "../../../cli/find_connectors.ts";
import { parseArgs } from "../../../cli/parse.ts";
import { runCli } from "../../../cli/run.ts";
import { runtimeCommand } from "../../../cli/runtime/runtime.ts";
import { readSettings } from "../../../cli/runtime/settings.ts";
import { ConnectorError } from "../../../src/core/errors.ts";
import { closest } from "../../../src/core/suggest.ts";

const options: Command["options"] = {
  listen: { kind: "list", metavar: "ADDRESS", env: "V_LISTEN", help: "where" },
  port: { kind: "number", short: "p", env: "V_PORT", help: "port" },
  name: { kind: "string", help: "name" },
  check: { kind: "flag", short: "c", env: "V_CHECK", help: "only check" },
  format: { kind: "string", choices: ["json", "sarif"], help: "format" },
};

function parse(
  argv: string[],
  env: Record<string, string> = {},
  rest: Partial<Command> = {},
): CommandArgs {
  return parseArgs({ options, ...rest }, argv, (name) => env[name]);
}
function usage(
  argv: string[],
  env: Record<string, string> = {},
  rest: Partial<Command> = {},
): string {
  try {
    parse(argv, env, rest);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("arguments", () => {
  test("are read in every usual spelling", () => {
    const args = parse(["--listen", "a", "--listen=b=c", "-p", "80", "-c", "--name="]);
    expect(args.list("listen")).toEqual(["a", "b=c"]);
    expect(args.number("port")).toBe(80);
    expect(args.flag("check")).toBe(true);
    expect(args.string("name")).toBe("");
    expect(args.has("format")).toBe(false);
    expect(args.string("format")).toBeUndefined();
    expect(args.list("listen").length).toBe(2);
  });

  test("one leading -- is the script runner's; a later one ends the options", () => {
    const positionals = [{ name: "FILE", help: "files", rest: true }];
    expect(parse(["--", "--name", "x"]).string("name")).toBe("x");
    expect(parse(["--name", "x", "--", "--check", "-"], {}, { positionals }).positionals).toEqual([
      "--check",
      "-",
    ]);
  });

  test("the environment fills in for absent options", () => {
    const env = { V_LISTEN: "a, b,", V_PORT: "7", V_CHECK: "true" };
    const args = parse([], env);
    expect([args.list("listen"), args.number("port"), args.flag("check")]).toEqual([
      ["a", "b"],
      7,
      true,
    ]);
    expect(parse(["--listen", "x", "-p", "1"], env).list("listen")).toEqual(["x"]);
    expect(parse([], { V_CHECK: "0", V_PORT: "" }).flag("check")).toBe(false);
  });

  const wrong: [argv: string[], message: string][] = [
    [["--lisen", "x"], 'unknown option --lisen. Did you mean "--listen"?'],
    [["--zzz"], "unknown option --zzz."],
    [["-x"], "unknown option -x."],
    [["--name"], "--name needs a value: --name VALUE."],
    [["--listen"], "--listen needs a value: --listen ADDRESS."],
    [["--check=yes"], '--check takes no value, found "yes".'],
    [["--port", "http"], '--port must be a number, found "http".'],
    [["--port", ""], '--port must be a number, found "".'],
    [["--name", "a", "--name", "b"], '--name was given twice ("a" and "b"); give it once.'],
    [
      ["--format", "jsn"],
      '--format must be one of json, sarif; found "jsn". Did you mean "json"?',
    ],
    [["stray"], 'unexpected argument "stray".'],
    [["--constructor"], "unknown option --constructor."],
  ];
  for (const [argv, message] of wrong) {
    test(`${argv.join(" ")}: ${message}`, () => expect(usage(argv)).toBe(message));
  }

  test("wrong values in the environment are reported by name", () => {
    expect(usage([], { V_CHECK: "perhaps" })).toContain("V_CHECK");
    expect(usage([], { V_PORT: "x" })).toContain("--port");
  });

  test("required positionals are asked for, unless help is", () => {
    const positionals = [{ name: "FILE", help: "the file to read", required: true }];
    expect(usage([], {}, { positionals })).toBe("FILE is missing (the file to read).");
    expect(parse(["--help"], {}, { positionals }).flag("help")).toBe(true);
    expect(parse(["a"], {}, { positionals }).positionals).toEqual(["a"]);
  });

  test("asking for an option that is not declared is a mistake of the command", () => {
    expect(() => parse([]).flag("nope")).toThrow(TypeError);
  });
});

describe("vastar", () => {
  function io(env: Record<string, string> = {}): CommandIo & { out: string; err: string } {
    const out = {
      out: "",
      err: "",
      stdout: (text: string) => void (out.out += text),
      stderr: (text: string) => void (out.err += text),
      env: (name: string) => env[name],
      cwd: "/",
      interactive: false,
      onSignal: () => () => {},
    };
    return out;
  }
  const commands = {
    good: () =>
      Promise.resolve({ name: "good", summary: "works", options, run: () => Promise.resolve(0) }),
    bad: () =>
      Promise.resolve({
        name: "bad",
        summary: "fails",
        options: {},
        positionals: [{ name: "HOW", help: "how" }],
        run(args: CommandArgs): Promise<number> {
          if (args.positionals[0] === "usage") throw new UsageError("--x is missing.");
          if (args.positionals[0] === "known") {
            throw new ConnectorError({ errorClass: 2, code: "listen.in_use", message: "taken" });
          }
          return Promise.reject(new RangeError("unforeseen"));
        },
      }),
  };

  test("lists its commands, on stderr and with code 2 when nothing was asked", async () => {
    const one = io();
    expect(await runCli(commands, [], one)).toBe(2);
    expect(one.err).toContain("good  works");
    const two = io();
    expect(await runCli(commands, ["--help"], two)).toBe(0);
    expect(two.out).toBe(one.err);
  });

  test("says its version, which is that of the package", async () => {
    const root = join(import.meta.dirname, "../../..");
    for (const file of ["package.json", "deno.json"]) {
      const { version } = JSON.parse(await readFile(join(root, file), "utf8")) as {
        version: string;
      };
      const out = io();
      expect(await runCli(commands, ["--version"], out)).toBe(0);
      expect(out.out).toBe(`vastar ${version}\n`);
    }
  });

  test("suggests a command for a mistyped one", async () => {
    const out = io();
    expect(await runCli(commands, ["god"], out)).toBe(2);
    expect(out.err).toContain('unknown command "god". Did you mean "good"?');
    expect(await runCli(commands, ["toString"], io())).toBe(2);
  });

  test("shows the options of a command, with their variables", async () => {
    const out = io();
    expect(await runCli(commands, ["good", "--help"], out)).toBe(0);
    expect(out.out).toContain("--listen ADDRESS");
    expect(out.out).toContain("[repeatable; V_LISTEN]");
    expect(out.out).toContain("-p, --port VALUE");
    expect(out.out).toContain("one of json, sarif");
  });

  test("turns failures into exit codes: 2 for the command line, 1 for the work", async () => {
    const outcomes = [];
    for (const how of ["usage", "known", "other"]) {
      const out = io();
      outcomes.push([await runCli(commands, ["bad", how], out), out.err.split("\n")[0]]);
    }
    expect(outcomes).toEqual([
      [2, "vastar bad: --x is missing."],
      [1, "vastar bad: taken (listen.in_use)"],
      [1, "vastar bad: unexpected failure"],
    ]);
  });

  test("runtime: flags before environment before defaults; addresses are checked", async () => {
    const settings = (argv: string[], env: Record<string, string> = {}) =>
      readSettings(parseArgs(runtimeCommand, argv, (name) => env[name]), io(env));
    expect((await settings([])).daemon.listen).toEqual([
      { kind: "unix", path: "/tmp/vastar-connector-runtime.sock" },
    ]);
    const asClients = {
      VASTAR_SOCKET_PATH: "/run/v.sock",
      VASTAR_USE_TCP: "true",
      VASTAR_TCP_PORT: "6000",
    };
    expect((await settings([], asClients)).daemon.listen).toEqual([
      { kind: "unix", path: "/run/v.sock" },
      { kind: "tcp", host: "127.0.0.1", port: 6000 },
    ]);
    const env = { VASTAR_LISTEN: "unix:/a", VASTAR_TOKEN: "0123456789abcdef", VASTAR_DRAIN: "5" };
    const some = await settings(["--admin", "tcp://[::1]:0", "--allow", "10.0.0.0/8"], env);
    expect(some.daemon.listen).toEqual([{ kind: "unix", path: "/a" }]);
    expect(some.admin).toEqual({ kind: "tcp", host: "::1", port: 0 });
    expect(some.engine.egress?.allow).toEqual(["10.0.0.0/8"]);
    expect(some.tokens).toEqual([{ token: "0123456789abcdef" }]);
    expect(some.drainMs).toBe(5_000);
    expect((await settings(["--drain", "0"])).drainMs).toBe(0);
    for (
      const [argv, code] of [
        [["--listen", "embedded:"], "address.invalid"],
        [["--listen", "127.0.0.1:5000"], "address.invalid"],
        [["--config", "/does/not/exist.yaml"], "config.not_readable"],
      ] as const
    ) {
      expect(await settings([...argv]).catch((error: unknown) => (error as ConnectorError).code))
        .toBe(code);
    }
    await expect(settings(["--listen", "foo"])).rejects.toThrow(
      "write unix:/path/to.sock or tcp://host:port",
    );
    await expect(settings(["--listen", "foo"])).rejects.not.toThrow("embedded:");
    await expect(settings(["--drain", "-1"])).rejects.toThrow("--drain must be");
    await expect(settings([], { VASTAR_TOKEN: "short" })).rejects.toThrow(
      "VASTAR_TOKEN is too short",
    );
  });
});

describe("suggestions", () => {
  const known = ["listen", "admin", "allow", "config"];
  for (
    const [typed, meant] of [["lisen", "listen"], ["LISTEN", "listen"], ["lsiten", "listen"], [
      "alow",
      "allow",
    ]]
  ) {
    test(`${typed} means ${meant}`, () => expect(closest(typed!, known)).toBe(meant!));
  }
  test("nothing is suggested for what is close to nothing", () => {
    for (const typed of ["", "x", "zzzzzz", "listenlistenlisten"]) {
      expect(closest(typed, known)).toBeUndefined();
    }
  });
});

describe("connectors that cannot be loaded", () => {
  test("a Node without TypeScript says which version has it", () => {
    const refused = Object.assign(new TypeError("Unknown file extension"), {
      code: "ERR_UNKNOWN_FILE_EXTENSION",
    });
    const told = importFailure("/app/shop/definition.gen.ts", refused);
    expect(told.code).toBe("worker.connectors");
    expect(told.message).toContain("/app/shop/definition.gen.ts");
    expect(told.message).toContain("Node 22.18 or later");
  });
});
