/**
 * Imports modules and prints what of the machine each asked for meanwhile: files, network, processes, environment.
 * For Node: Deno's permissions say it better, and on Bun a replaced function of `node:fs` is not what others import.
 */
import childProcess from "node:child_process";
import dns from "node:dns";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import os from "node:os";
import process from "node:process";
import tls from "node:tls";

const touched: string[] = [];

// The loader asks thousands of times, and only the third line is read.
Error.stackTraceLimit = 3;

/** The loader of modules reads files and variables too, for the same reason that it is called a loader. */
function note(what: string): void {
  const [, , caller = ""] = (new Error().stack ?? "").split("\n").slice(1);
  if (!/\(?node:|\[native|internal[/:]/.test(caller)) touched.push(`${what}${caller}`);
}

const modules = { childProcess, dns, fs, "fs.promises": fs.promises, http, https, net, os, tls };
for (const [name, module] of Object.entries(modules)) {
  for (const key of Object.keys(module)) {
    const original: unknown = Reflect.get(module, key);
    if (typeof original !== "function" || /^[A-Z_]/.test(key)) continue;
    Reflect.set(module, key, (...args: unknown[]): unknown => {
      note(`${name}.${key}`);
      return Reflect.apply(original, module, args);
    });
  }
}
syncBuiltinESMExports();
globalThis.fetch = Object.assign(() => {
  note("fetch");
  return Promise.reject(new Error("not now"));
}, { preconnect: () => {} });
process.env = new Proxy(process.env, {
  get(target, key) {
    note(`env ${String(key)}`);
    return Reflect.get(target, key) as unknown;
  },
  has(target, key) {
    note(`env ${String(key)}`);
    return Reflect.has(target, key);
  },
  ownKeys(target) {
    note("env");
    return Reflect.ownKeys(target);
  },
});

const seen = [];
for (const file of process.argv.slice(2)) {
  const exported: object = await import(file);
  seen.push({ exported: Object.keys(exported).length, touched: touched.splice(0) });
}
console.log(JSON.stringify(seen));
