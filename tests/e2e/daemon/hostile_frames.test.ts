/** Frames that expand to far more than their size, sent to a real daemon while another client uses it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ErrorClass } from "../../../src/core/errors.ts";
import { MessageType } from "../../../src/wire/mod.ts";
import { manyHeaders, manyWaits } from "../../support/runner/aliasing.ts";
import { runtime } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { frame, WireClient } from "../../unit/daemon/support/wire_client.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const ATTACKS: [what: string, payload: () => Uint8Array][] = [
  ["8 KB of waits that are one", () => manyWaits(1_600)],
  ["64 KB of waits that are one", () => manyWaits(13_000)],
  ["10 MB of headers that are one", () => manyHeaders(2_600_000)],
];

let upstream: UpstreamServer;
let folder = "";
beforeAll(async () => {
  upstream = await startUpstream();
  folder = mkdtempSync(join(tmpdir(), "vh-"));
});
afterAll(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  if (missing !== undefined) {
    test.skip(`the daemon on ${name}: ${missing}`, () => {});
    continue;
  }
  describe(`the daemon on ${name}`, () => {
    let daemon: DaemonProcess;
    let bystander: WireClient;
    beforeAll(async () => {
      const listen = `unix:${join(folder, `${name}.sock`)}`;
      const allow = `127.0.0.1:${upstream.port}`;
      daemon = await startDaemonProcess(name, ["--listen", listen, "--allow", allow]);
      bystander = new WireClient(daemon.addresses[0]!);
      await bystander.hello();
    }, 30_000);
    afterAll(async () => {
      bystander.close();
      await daemon.kill();
    });

    let calls = 0;
    for (const [what, payload] of ATTACKS) {
      test(`refuses ${what}, and serves the others`, async () => {
        const attacker = new WireClient(daemon.addresses[0]!);
        await attacker.hello();
        attacker.bytes(frame(MessageType.CallStart, payload()));
        for (let i = 0; i < 5; i++) {
          bystander.start(++calls, { url: `${upstream.url}/json` });
          expect((await bystander.next("head", calls)).message.status).toBe(200);
        }
        const { message } = await attacker.next("response");
        expect([message.requestId, message.errorClass]).toEqual([0n, ErrorClass.InvalidRequest]);
        expect(message.errorMessage).toMatch(/a vector of \d+ entries: at most \d+ are accepted/);
        // It may go on.
        attacker.start(1, { url: `${upstream.url}/json` });
        await attacker.next("head", 1);
        attacker.close();
      }, 60_000);
    }
  });
}
