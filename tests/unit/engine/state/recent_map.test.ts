import { expect, test } from "bun:test";
import fc from "fast-check";
import { RecentMap } from "../../../../src/engine/state/recent_map.ts";
import { TenantMap } from "../../../../src/engine/state/tenant_map.ts";

test("keeps what was used last, and never more than it may", () => {
  const uses = fc.array(fc.nat(30), { maxLength: 300, size: "max" });
  fc.assert(fc.property(uses, fc.integer({ min: 2, max: 20 }), (keys, most) => {
    const map = new RecentMap(most, (key) => ({ key }));
    const values = new Map<string, object>();
    let recent: string[] = [];
    let right = true;
    for (const key of keys.map(String)) {
      const value = map.get(key);
      right &&= value.key === key;
      if (recent.slice(0, Math.floor(most / 2)).includes(key)) {
        right &&= values.get(key) === value;
      }
      values.set(key, value);
      recent = [key, ...recent.filter((other) => other !== key)];
      right &&= map.size <= most;
    }
    expect(right).toBe(true);
    const held = [...map.entries()].map(([key]) => key);
    expect(new Set(held).size).toBe(held.length);
    for (const key of recent.slice(0, Math.floor(most / 2))) expect(held).toContain(key);
  }));
});

test("a tenant that calls a thousand hosts pushes out no other tenant's state", () => {
  const map = new TenantMap((key) => ({ key }), { tenants: 4, keysPerTenant: 10 });
  const mine = map.get("quiet", "a.example");
  for (let i = 0; i < 1_000; i++) map.get("loud", `${i}.example`);
  expect(map.get("quiet", "a.example")).toBe(mine);
  expect([...map.entries()].filter(([tenant]) => tenant === "loud").length).toBeLessThanOrEqual(10);
});
