/** `webhooks.gen.ts`: the events that the API sends, as a union, and how they are verified. */
import type { Writer } from "../writer.ts";
import type { WebhookEvent, WebhooksModel, WebhookVerification } from "../../model/mod.ts";
import { typesOf } from "../../model/types/resolve.ts";
import { Digits } from "../data/digits.ts";
import { writeDigits } from "./data.ts";
import { hookCode } from "../data/auth.ts";
import { writeDoc } from "../doc.ts";
import { createFile, type GeneratedFile } from "../file.ts";
import { Code, type Literal, PureExpression, quote, writeLiteral } from "../literal.ts";
import type { ConnectorPlan } from "../plan.ts";
import { pathData, templateData } from "../data/runtime.ts";
import type { Imports } from "../scope.ts";
import { type TypeScope, writeType } from "../types/type_writer.ts";
import { TYPES_FILE } from "./types.ts";

export const WEBHOOKS_FILE = "./webhooks.gen.ts";

export function webhooksFile(plan: ConnectorPlan, model: WebhooksModel): GeneratedFile {
  return createFile("webhooks.gen.ts", plan.model, plan.names, plan.runtime, (writer, imports) => {
    const types: TypeScope = {
      model: plan.model,
      names: plan.types,
      flavour: "response",
      imports,
      typesFile: TYPES_FILE,
    };
    const event = plan.names.claim(`${plan.className}WebhookEvent`);
    const data = plan.names.claim(`${plan.dataName.replace(/Connector_*$/, "")}WebhooksData`);
    // All names first: an import must not be named like a later event.
    const names = model.events.map((one) => plan.names.claim(`${one.typeName}Event`));
    model.events.forEach((one, index) => writeEvent(writer, names[index] ?? "", one, types));
    writeDoc(writer, {
      text:
        `An event of ${plan.model.title}; \`name\` tells them apart. APIs add events: those not known here come with an unknown payload.`,
    });
    writer.write(`export type ${event} =`).newLine().indent(() => {
      for (const name of names) writer.writeLine(`| ${name}`);
      writer.writeLine(
        `| ${imports.type("WebhookEvent")}<${imports.type("Unrecognized")}, unknown>;`,
      );
    }).blankLine();
    const digits = new Digits(typesOf(plan.model), () => plan.names.claim("webhookDigits"));
    const parsers = model.events.flatMap((one) => {
      const parse = digits.with("digitsJson", one.schema, imports);
      return parse === undefined ? [] : [[one.name, parse] as const];
    });
    writeDigits(writer, digits, imports);
    writer.write(`const ${data}: ${imports.type("WebhooksData")} = `);
    writeLiteral(writer, {
      verify: verifyData(model.verify, plan, imports),
      name: model.name.kind === "header"
        ? { header: model.name.header }
        : { body: pathData(model.name.selector) },
      parse: parsers.length === 0 ? undefined : Object.fromEntries(parsers),
    });
    writer.write(";").newLine().blankLine();
    const handle = `${imports.type("Webhooks")}<${event}>`;
    writeDoc(writer, { text: `Verifies and reads the webhooks of ${plan.model.title}.` });
    writer.writeLine(`export type ${plan.webhooksName} = ${handle};`).blankLine();
    const client = `${imports.type("ConnectorClient")}<${quote(plan.model.id)}>`;
    writeDoc(writer, { text: "The same without the class." });
    writer.write(
      `export function ${plan.createWebhooksName}(client: ${client}): ${plan.webhooksName}`,
    ).block(() => writer.writeLine(`return ${imports.value("webhooks")}(client, ${data});`));
  });
}

function writeEvent(
  writer: Writer,
  name: string,
  event: WebhookEvent,
  types: TypeScope,
): void {
  writeDoc(writer, { text: event.doc, deprecated: event.deprecated });
  writer.write(
    `export type ${name} = ${types.imports.type("WebhookEvent")}<${quote(event.name)}, `,
  );
  writeType(writer, event.schema, types);
  writer.write(">;").newLine().blankLine();
}

function verifyData(verify: WebhookVerification, plan: ConnectorPlan, imports: Imports): Literal {
  switch (verify.type) {
    case "hmac":
      return new PureExpression(imports.value("hmacWebhook"), [{
        algorithm: verify.algorithm,
        secret: templateData(verify.secret),
        secretEncoding: verify.secretEncoding,
        secretPrefix: verify.secretPrefix,
        signature: { ...verify.signature },
        encoding: verify.encoding,
        timestamp: verify.timestamp && { ...verify.timestamp },
        id: verify.id && { ...verify.id },
        sign: templateData(verify.sign),
        toleranceMs: verify.toleranceMs,
      }]);
    case "ed25519":
      return new PureExpression(imports.value("ed25519Webhook"), [{
        publicKey: templateData(verify.publicKey),
        keyEncoding: verify.keyEncoding,
        signature: { ...verify.signature },
        encoding: verify.encoding,
        timestamp: verify.timestamp && { ...verify.timestamp },
        sign: templateData(verify.sign),
        toleranceMs: verify.toleranceMs,
      }]);
    case "token":
      return new PureExpression(imports.value("tokenWebhook"), [
        verify.header,
        templateData(verify.token),
      ]);
    case "hook":
      return new PureExpression(imports.value("hookWebhook"), [
        hookCode(verify.hook, plan.model, imports),
      ]);
    case "none":
      return new Code(imports.value("unverifiedWebhook"));
  }
}
