/** Names of tools: what clients and models take, and the same for an operation whatever else is served. */

/** Models' APIs take letters, digits, `_` and `-`, and no more than 64 of them. */
export const MAX_NAME = 64;
const PLAIN_CONNECTOR = /^[A-Za-z\d-]+$/;
const PLAIN_OPERATION = /^[A-Za-z\d]+(?:\.[A-Za-z\d]+)*$/;

/**
 * `openai_chat_completions_create`. An id that says more than the name can carry is marked by a hash of the whole of it, after a
 * `-`, which an unmarked name never has behind its first `_`: so no two operations share a name.
 */
export function toolName(connectorId: string, operationId: string): string {
  const name = `${connectorId}_${operationId}`.replace(/[^A-Za-z\d-]/g, "_");
  const isPlain = PLAIN_CONNECTOR.test(connectorId) && PLAIN_OPERATION.test(operationId);
  if (isPlain && name.length <= MAX_NAME) return name;
  const mark = `-${hash(`${connectorId}\n${operationId}`)}`;
  return name.slice(0, MAX_NAME - mark.length) + mark;
}

/** FNV-1a, 64 bits. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  }
  return value.toString(36).padStart(13, "0");
}
