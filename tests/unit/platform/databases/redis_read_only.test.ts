/** Everything that could write through a connector that only reads, tried on a Redis of its own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ConnectorError, RuntimeClient } from "../../../../mod.ts";
import { toBase64 } from "../../../../src/core/bytes.ts";
import { ask } from "../../../conformance/databases/ask.ts";
import { redisBinaryMissing, RedisServer } from "../../../support/servers/redis.ts";
import { titled } from "../../../support/runtimes.ts";

type Argument = string | number | { readonly $bytes: string };
type Command = readonly [string, ...Argument[]];

const skip = redisBinaryMissing !== undefined;
const check = (name: string, run: () => Promise<void>) =>
  test.skipIf(skip)(titled(name, redisBinaryMissing), run, 120_000);
const bytes = (text: string) => ({ $bytes: toBase64(new TextEncoder().encode(text)) });

/** Whole, so that each would change something if it were sent. */
const WRITES = `
SET s x | SET s x GET | SETNX n x | SETEX n 9 x | PSETEX n 9 x | MSET s x n y | MSETNX n x m y | GETSET s x | GETDEL s
GETEX s EX 9 | GETEX s PERSIST | APPEND s x | SETRANGE s 0 x | INCR i | DECR i | INCRBY i 2 | DECRBY i 2 | INCRBYFLOAT i 2
DEL s | UNLINK s | RENAME s n | RENAMENX s n | COPY s n | MOVE s 1 | EXPIRE s 9 | PEXPIRE s 9 | EXPIREAT s 9 | PEXPIREAT s 9
PERSIST s | RESTORE n 0 x | LPUSH l x | RPUSH l x | LPUSHX l x | RPUSHX l x | LPOP l | RPOP l | LSET l 0 x | LREM l 0 a
LTRIM l 1 1 | LINSERT l BEFORE a x | LMOVE l m LEFT LEFT | RPOPLPUSH l m | LMPOP 1 l LEFT | BLPOP l 1 | BRPOP l 1
BLMOVE l m LEFT LEFT 1 | BRPOPLPUSH l m 1 | BLMPOP 1 1 l LEFT | SADD e x | SREM e a | SPOP e | SMOVE e n a
SINTERSTORE n e | SUNIONSTORE n e | SDIFFSTORE n e | ZADD z 1 x | ZINCRBY z 1 a | ZREM z a | ZPOPMIN z | ZPOPMAX z
BZPOPMIN z 1 | BZPOPMAX z 1 | ZMPOP 1 z MIN | BZMPOP 1 1 z MIN | ZREMRANGEBYRANK z 0 0 | ZREMRANGEBYSCORE z 0 9
ZREMRANGEBYLEX z - + | ZRANGESTORE n z 0 -1 | ZUNIONSTORE n 1 z | ZINTERSTORE n 1 z | ZDIFFSTORE n 1 z | HSET h f x
HMSET h f x | HSETNX h n x | HDEL h f | HINCRBY h i 1 | HINCRBYFLOAT h i 1 | XADD x * f v | XDEL x 1-1 | XTRIM x MAXLEN 0
XSETID x 9-9 | XGROUP CREATE x n 0 | XGROUP DESTROY x g | XGROUP SETID x g 0 | XGROUP CREATECONSUMER x g n
XGROUP DELCONSUMER x g c | XREADGROUP GROUP g c STREAMS x > | XACK x g 1-1 | XCLAIM x g n 0 1-1 | XAUTOCLAIM x g n 0 0
SETBIT s 0 1 | BITOP NOT n s | BITFIELD s SET u8 0 1 | BITFIELD s INCRBY u8 0 1 | PFADD p x | PFMERGE n p | GEOADD o 1 1 x
GEOSEARCHSTORE n o FROMMEMBER a BYRADIUS 1 m | GEORADIUS o 1 1 9 m STORE n | GEORADIUSBYMEMBER o a 9 m STORE n
SORT l ALPHA STORE n | SORT l ALPHA | PUBLISH c x | SPUBLISH c x | FLUSHDB | FLUSHALL | FLUSHALL ASYNC | SWAPDB 0 1
EVAL redis.call('set','s','x') 0 | EVALSHA SHA 0 | SCRIPT LOAD x=1 | SCRIPT FLUSH | SCRIPT KILL | FCALL writes 0
FUNCTION DELETE lib | FUNCTION FLUSH | FUNCTION RESTORE x | CONFIG SET maxmemory 1 | CONFIG RESETSTAT | CONFIG REWRITE
ACL SETUSER x on | ACL DELUSER default | ACL LOG RESET | ACL SAVE | ACL LOAD | CLIENT KILL TYPE normal | CLIENT PAUSE 9 | CLIENT SETNAME x
CLIENT TRACKING on | CLIENT REPLY OFF | CLUSTER RESET | CLUSTER FLUSHSLOTS | DEBUG FLUSHALL | DEBUG RELOAD | DEBUG SLEEP 0
DEBUG SET-ACTIVE-EXPIRE 0 | MODULE LOAD x | MIGRATE h 1 s 0 1 | REPLICAOF h 1 | SLAVEOF h 1 | FAILOVER | SHUTDOWN NOSAVE
SAVE | BGSAVE | BGREWRITEAOF | LATENCY RESET | SLOWLOG RESET | MEMORY PURGE | MULTI | EXEC | DISCARD | WATCH s | UNWATCH
SELECT 1 | AUTH x | HELLO 2 | RESET | QUIT | MONITOR | SUBSCRIBE c | PSUBSCRIBE c | SSUBSCRIBE c | SYNC | PSYNC ? -1
REPLCONF ACK 1 | READONLY | READWRITE | ASKING | WAIT 0 0 | PFDEBUG TODENSE p | PFSELFTEST | RESTORE-ASKING n 0 x
`.split(/[|\n]/).map((line) => line.trim()).filter((line) => line !== "")
  .map((line) => line.split(" ") as [string, ...string[]]);

/** Commands of which Redis says that they only read, with which somebody could try to write all the same. */
const READS: readonly Command[] = [
  ["SORT_RO", "l", "ALPHA", "STORE", "n"],
  ["GEORADIUS_RO", "o", "1", "1", "9", "m", "STORE", "n"],
  ["GEORADIUSBYMEMBER_RO", "o", "a", "9", "m", "STOREDIST", "n"],
  ["GEOSEARCH", "o", "FROMMEMBER", "a", "BYRADIUS", "9", "m", "STOREDIST"],
  ["BITFIELD_RO", "s", "SET", "u8", "0", "1"],
  ["BITFIELD_RO", "s", "GET", "u8", "0", "INCRBY", "u8", "0", "1"],
  ["ZRANGE", "z", "0", "-1", "STORE", "n"],
  ["XREAD", "GROUP", "g", "c", "STREAMS", "x", ">"],
  ["GET", "s\r\n*3\r\n$3\r\nSET\r\n$1\r\ns\r\n$1\r\nx\r\n"],
  ["MGET", "s", bytes("\r\nSET s x\r\n")],
  ["EVALSHA_RO", "SHA", 0],
  ["FCALL_RO", "writes", 0],
  ["FCALL_RO", "says_it_only_reads", 0],
  ["XPENDING", "x", "g"],
  ["TOUCH", "s"],
  ["DUMP", "s"],
];

const SCRIPTS = [
  "return redis.call('set', 's', 'x')",
  "return redis.pcall('set', 's', 'x')",
  "#!lua flags=allow-oom\nreturn redis.call('set', 's', 'x')",
  "#!lua flags=no-writes\nreturn redis.call('set', 's', 'x')",
  "#!lua\nreturn 1",
  "return redis.call('eval', \"return redis.call('set', 's', 'x')\", 0)",
  "return redis.call('fcall', 'writes', 0)",
  "redis.call('select', 1) return redis.call('set', 's', 'x')",
  "return redis.call('flushall')",
  "return redis.call('publish', 'c', 'x')",
  "return redis.call('spublish', 'c', 'x')",
  "return redis.call('config', 'set', 'maxmemory', '1')",
  "return redis.call('script', 'flush')",
  "return redis.call('function', 'flush')",
  "return redis.call('acl', 'setuser', 'x', 'on')",
  "return redis.call('debug', 'flushall')",
  "return redis.call('swapdb', 0, 1)",
  "return redis.call('shutdown', 'nosave')",
  "return redis.call('replicaof', 'h', 1)",
  "return redis.call('client', 'pause', 9)",
  "return redis.call('restore', 'n', 0, redis.call('dump', 's'))",
  "redis.replicate_commands() redis.set_repl(redis.REPL_NONE) return redis.call('set', 's', 'x')",
  "return os.execute('touch x')",
  "return loadfile('x')",
  "return redis.call('multi')",
  "return redis.call('getex', 's', 'ex', '9')",
  "return redis.call('xreadgroup', 'group', 'g', 'c', 'streams', 'x', '>')",
];

/** Of one command, all that may be taken for another. */
function forms([name, ...args]: Command): Command[] {
  const [sub, ...rest] = args;
  const all: Command[] = [
    [name, ...args],
    [name.toLowerCase(), ...args],
    [name.charAt(0) + name.slice(1).toLowerCase(), ...args],
    [`${name} `, ...args],
    [` ${name}`, ...args],
    [`${name}\r\n`, ...args],
    [`${name}\0`, ...args],
    [`GET\r\n${name}`, ...args],
    // Letters that another case makes into those of ASCII.
    [name.replaceAll("S", "\u017f").replaceAll("K", "\u212a"), ...args],
    ["GET", name, ...args],
  ];
  if (typeof sub === "string") {
    all.push([name, bytes(sub), ...rest], [`${name}|${sub}`, ...rest], [
      name,
      sub.toLowerCase(),
      ...rest,
    ]);
  }
  return all;
}

describe("a connector that only reads", () => {
  let server: RedisServer;
  let client: RuntimeClient;
  let sha = "";
  let heard = 0;
  const listeners: { disconnect(): void }[] = [];

  beforeAll(async () => {
    if (skip) return;
    server = await RedisServer.start();
    const { owner } = server;
    await owner.mset("s", "text", "i", "5");
    await owner.rpush("l", "a", "b");
    await owner.sadd("e", "a", "b");
    await owner.zadd("z", 1, "a", 2, "b");
    await owner.hset("h", "f", "v");
    await owner.pfadd("p", "a");
    await owner.geoadd("o", 1, 1, "a");
    await owner.xadd("x", "1-1", "f", "v");
    await owner.xgroup("CREATE", "x", "g", "0");
    sha = await owner.script("LOAD", "return redis.call('set', 's', 'x')") as string;
    await owner.function(
      "LOAD",
      `#!lua name=lib
      redis.register_function('writes', function() return redis.call('set', 's', 'x') end)
      redis.register_function{ function_name = 'says_it_only_reads', flags = { 'no-writes' },
        callback = function() return redis.call('set', 's', 'x') end }`,
    );
    const listener = owner.duplicate();
    listener.on("message", () => heard++);
    listeners.push(listener);
    await listener.subscribe("c");
    client = new RuntimeClient({
      address: "embedded:",
      engine: {
        egress: { allow: ["loopback"] },
        databases: { named: { held: { url: server.url, connectors: ["*"], readOnly: true } } },
      },
    });
  });
  afterAll(async () => {
    await client?.close();
    for (const listener of listeners) listener.disconnect();
    await server?.stop();
  });

  /** All that the server holds, but for what a look at it changes. */
  const state = async (): Promise<string> => {
    const { owner } = server;
    const config = await owner.config("GET", "*") as string[];
    return JSON.stringify([
      await owner.call("DEBUG", "DIGEST"),
      await owner.keys("*").then((keys) => keys.sort()),
      await owner.pttl("s"),
      await owner.xinfo("GROUPS", "x"),
      await owner.call("ACL", "LIST"),
      (await owner.call("FUNCTION", "LIST") as unknown[]).length,
      await owner.script("EXISTS", sha),
      config,
      heard,
    ]);
  };

  /** Both ways in which a call is held to reading. */
  const ways = (command: Command) => [
    () => ask(client, server.url, { command, readOnly: true }),
    () => ask(client, "database:held", { command }),
    () => ask(client, "database:held", { command, readOnly: false }),
  ];
  const filled = (command: Command): Command =>
    command.map((one) => one === "SHA" ? sha : one) as unknown as Command;

  check("sends nothing that writes, whatever it is called", async () => {
    const before = await state();
    let tried = 0;
    const passed: unknown[] = [];
    for (const command of WRITES) {
      for (const form of forms(filled(command))) {
        // It asks for a key, whatever that is called.
        if (form[0] === "GET") {
          await ask(client, server.url, { command: form, readOnly: true }).catch(() => {});
          continue;
        }
        for (const way of ways(form)) {
          tried++;
          const code = await way().then(
            (value) => ({ value }),
            (error: ConnectorError) => error.code,
          );
          if (code !== "database.read_only" && code !== "database.request") {
            passed.push([form, code]);
          }
        }
      }
    }
    expect(passed).toEqual([]);
    expect(tried).toBeGreaterThan(3_000);
    expect(await state()).toBe(before);
    expect(server.running).toBe(true);
  });

  check("nor any command of the server that it does not say only reads", async () => {
    const before = await state();
    const all = await server.owner.call("COMMAND") as unknown[][];
    const passed: unknown[] = [];
    let tried = 0;
    for (const [name, , flags] of all as [string, number, string[]][]) {
      if (flags.includes("readonly")) continue;
      for (const args of [[], ["s"], ["s", "x"], ["s", "x", "y"]]) {
        tried++;
        const command: Command = [name, ...args];
        const got = await ask(client, "database:held", { command }).then(
          (value) => ({ value }),
          (error: ConnectorError) => error.code,
        );
        if (got !== "database.read_only" && got !== "database.request") passed.push([name, got]);
      }
    }
    expect(passed).toEqual([]);
    expect(tried).toBeGreaterThan(500);
    expect(await state()).toBe(before);
  });

  check("nor does what it sends write: commands that only read, scripts, functions", async () => {
    const before = await state();
    const all: Command[] = [...READS, ...SCRIPTS.map((text): Command => ["EVAL_RO", text, 0])];
    for (const command of all) {
      for (const form of forms(filled(command))) {
        for (const way of ways(form)) await way().catch(() => {});
      }
      expect([command, await state()]).toEqual([command, before]);
    }
    expect(server.running).toBe(true);
    expect(await ask(client, "database:held", { command: ["GET", "s"] })).toBe("text");
  });

  check("which is seen where one does write", async () => {
    const before = await state();
    await ask(client, server.url, { command: ["EVALSHA", sha, 0] });
    expect(await state()).not.toBe(before);
  });
});
