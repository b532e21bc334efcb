/** Streams with an idempotency key on workerd, where no call can join another: refused while they run, given again afterwards. */
import { expect, test } from "bun:test";
import { createKey } from "../../../src/worker/mod.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { gatedApi } from "../support/resuming.ts";
import { hostWorker } from "../support/worker_host.ts";
import { CHAT, hello } from "./worker_support.ts";

const { missing } = runtime("bun");

test.skipIf(missing !== undefined)(
  titled("a stream with a key on workerd is asked for once", missing),
  async () => {
    const { key, text } = await createKey({ tenant: "acme" }, new Date());
    const api = await gatedApi(6);
    const worker = await hostWorker("workerd", {
      OPENAI_API_KEY: "sk-test",
      OPENAI_BASE_URL: `${api.server.url}/v1`,
      VASTAR_ALLOW: new URL(api.server.url).host,
    }, [key]);
    try {
      const ask = () =>
        fetch(worker.url + CHAT, {
          method: "POST",
          // workerd closes connections whose request it refused.
          keepalive: false,
          headers: {
            "content-type": "application/json",
            authorization: `Bearer ${text}`,
            "idempotency-key": "k",
          },
          body: JSON.stringify(hello({ stream: true, user: "u" })),
        });
      api.allow(2);
      const reader = (await ask()).body!.getReader();
      await reader.read();
      const refused = await ask();
      expect([refused.status, (await refused.json() as { code: string }).code]).toEqual([
        409,
        "idempotency.in_progress",
      ]);
      api.allow(6);
      while (!(await reader.read()).done);
      const again = await ask();
      expect(again.status).toBe(200);
      const items = [...(await again.text()).matchAll(/"u:(\d)"/g)].map(([, at]) => at);
      expect(items).toEqual(["0", "1", "2", "3", "4", "5"]);
      expect(api.asked()).toBe(1);
    } finally {
      await worker.stop();
      await api.server.stop(0);
    }
  },
  60_000,
);
