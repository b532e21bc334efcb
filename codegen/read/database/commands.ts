/** What is known of Redis commands: whether they change anything, and what they answer. */
import type { Schema } from "../../model/schema.ts";

const TEXT: Schema = { kind: "string" };
const PERHAPS: Schema = { kind: "string", nullable: true };
const COUNT: Schema = { kind: "integer" };
const TEXTS: Schema = { kind: "array", items: TEXT };
const SOME_TEXTS: Schema = { kind: "array", items: PERHAPS };
const PAIRS: Schema = { kind: "record", values: TEXT };
const UNKNOWN: Schema = { kind: "unknown" };
const RANK: Schema = { kind: "integer", nullable: true };

interface CommandFacts {
  /** As the server says, which a read-only session holds a command to. */
  readonly reads: boolean;
  readonly result: Schema;
  /** A flat list of names and values is an object to the caller. */
  readonly pairs: boolean;
}

type Table = readonly (readonly [names: string, result: Schema])[];

const READS: Table = [
  ["GET HGET LINDEX ZSCORE RANDOMKEY", PERHAPS],
  ["GETRANGE TYPE", TEXT],
  [
    "STRLEN EXISTS TTL PTTL EXPIRETIME PEXPIRETIME LLEN SCARD HLEN HSTRLEN ZCARD ZCOUNT ZLEXCOUNT",
    COUNT,
  ],
  [
    "SISMEMBER HEXISTS GETBIT BITCOUNT BITPOS XLEN PFCOUNT DBSIZE SINTERCARD ZINTERCARD TOUCH",
    COUNT,
  ],
  ["ZRANK ZREVRANK LPOS", RANK],
  ["MGET HMGET", SOME_TEXTS],
  ["LRANGE SMEMBERS SINTER SUNION SDIFF HKEYS HVALS KEYS ZRANGE ZREVRANGE ZRANGEBYSCORE", TEXTS],
  ["ZREVRANGEBYSCORE ZRANGEBYLEX", TEXTS],
  ["SMISMEMBER", { kind: "array", items: COUNT }],
  ["HGETALL", PAIRS],
  [
    "SCAN HSCAN SSCAN ZSCAN SRANDMEMBER HRANDFIELD XRANGE XREVRANGE XREAD GEOPOS GEODIST GEOSEARCH",
    UNKNOWN,
  ],
  ["LCS SORT_RO EVAL_RO EVALSHA_RO FCALL_RO ZMSCORE DUMP", UNKNOWN],
];

/** Or at least not said to read: some of them only ask how the server is. */
const WRITES: Table = [
  ["MSET RENAME LSET LTRIM PSETEX SETEX", TEXT],
  [
    "SET GETSET GETDEL GETEX LPOP RPOP LMOVE RPOPLPUSH SPOP ZINCRBY HINCRBYFLOAT XADD",
    PERHAPS,
  ],
  [
    "APPEND SETRANGE INCR INCRBY DECR DECRBY DEL UNLINK LPUSH LPUSHX RPUSH RPUSHX LREM SADD SREM",
    COUNT,
  ],
  ["HSET HDEL HINCRBY ZADD ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE SUNIONSTORE SINTERSTORE", COUNT],
  ["SDIFFSTORE ZUNIONSTORE ZINTERSTORE SETBIT XDEL XTRIM PFADD PUBLISH LINSERT COPY", COUNT],
  ["EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST SETNX HSETNX MSETNX RENAMENX SMOVE MOVE", COUNT],
  ["INCRBYFLOAT PING ECHO", TEXT],
  [
    "EVAL EVALSHA FCALL ZPOPMIN ZPOPMAX SORT BITFIELD GEOADD OBJECT MEMORY TIME INFO XACK XCLAIM XGROUP XREADGROUP",
    UNKNOWN,
  ],
];

/** On a connection that calls share, these would act upon, or wait in the way of, the calls of others. */
const CONNECTION = new Set(
  ("SELECT AUTH HELLO QUIT RESET CLIENT SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE MONITOR MULTI EXEC " +
    "DISCARD WATCH UNWATCH BLPOP BRPOP BLMOVE BZPOPMIN BZPOPMAX BRPOPLPUSH WAIT SYNC PSYNC SHUTDOWN DEBUG READONLY " +
    "READWRITE ASKING").split(" "),
);

const FACTS = new Map<string, CommandFacts>(
  [[READS, true] as const, [WRITES, false] as const].flatMap(([table, reads]) =>
    table.flatMap(([names, result]) =>
      names.split(" ").map((name): [string, CommandFacts] => [
        name,
        { reads, result, pairs: result === PAIRS },
      ])
    )
  ),
);

/** In capitals. Undefined: of a module, or new. */
export function factsOf(command: string): CommandFacts | undefined {
  return FACTS.get(command);
}

export function isOfConnection(command: string): boolean {
  return CONNECTION.has(command);
}

export const COMMAND_NAMES: readonly string[] = [...FACTS.keys()];
