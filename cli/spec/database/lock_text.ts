/** The lock file as text, and how two of them differ. */
import type {
  Lock,
  LockedColumn,
  LockedInput,
  LockedOperation,
} from "../../../codegen/read/database/lock.ts";

/** A column a line, operations in the order of the spec: a change is seen in a review. */
export function lockText({ lock, protocol, operations }: Lock): string {
  const parts = Object.entries(operations).map(([id, one]) =>
    [
      `    ${JSON.stringify(id)}: {`,
      `      "statement": ${JSON.stringify(one.statement)},`,
      `      "inputs": ${listText(one.inputs)},`,
      `      "columns": ${listText(one.columns)}`,
      "    }",
    ].join("\n")
  );
  const head = `{\n  "lock": ${lock},\n  "protocol": ${JSON.stringify(protocol)},\n`;
  return `${head}  "operations": {${parts.length === 0 ? "" : `\n${parts.join(",\n")}\n  `}}\n}\n`;
}

function listText(list: readonly (LockedInput | LockedColumn)[]): string {
  if (list.length === 0) return "[]";
  const lines = list.map((one) => {
    const facts = Object.entries(one).map(([key, value]) =>
      `${JSON.stringify(key)}: ${valueText(value)}`
    );
    return `        { ${facts.join(", ")} }`;
  });
  return `[\n${lines.join(",\n")}\n      ]`;
}

function valueText(value: unknown): string {
  return Array.isArray(value)
    ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]`
    : JSON.stringify(value);
}

/** A line for each difference, from the view of whoever has the old one. */
export function differences(old: Lock | undefined, now: Lock): string[] {
  const before = old?.operations ?? {};
  const ids = new Set([...Object.keys(before), ...Object.keys(now.operations)]);
  return [...ids].flatMap((id) => {
    const [a, b] = [before[id], now.operations[id]];
    if (a === undefined) return [`${id}: new`];
    if (b === undefined) return [`${id}: gone`];
    return changesOf(a, b).map((change) => `${id}: ${change}`);
  });
}

function changesOf(old: LockedOperation, now: LockedOperation): string[] {
  return [
    ...(old.statement === now.statement ? [] : ["the statement has changed"]),
    ...listChanges("input", old.inputs, now.inputs),
    ...listChanges("column", old.columns, now.columns),
  ];
}

function listChanges(
  what: string,
  old: readonly LockedColumn[],
  now: readonly LockedColumn[],
): string[] {
  const names = [...new Set([...old, ...now].map(({ name }) => name))];
  const changes = names.flatMap((name) => {
    const [a, b] = [old, now].map((list) => list.find((one) => one.name === name));
    if (a === undefined) return [`${what} ${name} is new (${b === undefined ? "" : typeText(b)})`];
    if (b === undefined) return [`${what} ${name} is gone`];
    const [was, is] = [typeText(a), typeText(b)];
    return was === is ? [] : [`${what} ${name} is ${is} and was ${was}`];
  });
  const moved = changes.length === 0 && JSON.stringify(old) !== JSON.stringify(now);
  return moved ? [`the ${what}s have another order`] : changes;
}

function typeText({ type, values, notNull }: LockedColumn): string {
  const name = values === undefined ? type || "of no type" : `${type} (${values.join(", ")})`;
  return notNull === true ? `${name} not null` : name;
}
