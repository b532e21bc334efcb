export const WEBHOOKS_FILE = "./webhooks.gen.ts";
