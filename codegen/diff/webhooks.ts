/** Compares the webhook events of two versions. */
import type { WebhooksModel } from "../model/mod.ts";
import { pairs, same } from "./changes.ts";
import type { Comparison } from "./comparison.ts";

export function compareWebhooks(
  old: WebhooksModel | undefined,
  now: WebhooksModel | undefined,
  { changes, schemas }: Comparison,
): void {
  if (old !== undefined && now !== undefined) {
    const verification = ({ verify, name }: WebhooksModel): unknown => ({ verify, name });
    if (!same(verification(old), verification(now))) {
      const places = { old: old.at, new: now.at };
      changes.add("webhook.verification", "webhooks", "are verified differently", places);
    }
  }
  for (const pair of pairs(old?.events ?? [], now?.events ?? [], ({ name }) => name)) {
    const places = { old: pair.old?.at, new: pair.new?.at };
    const subject = `webhook ${pair.key}`;
    if (pair.old === undefined) changes.add("webhook.added", subject, "was added", places);
    else if (pair.new === undefined) changes.add("webhook.removed", subject, "was removed", places);
    else {
      if (pair.old.doc !== pair.new.doc || !same(pair.old.example, pair.new.example)) {
        changes.add("webhook.text", subject, "is described differently", places);
      }
      schemas.compare(pair.old.schema, pair.new.schema, "response", subject, places);
    }
  }
}
