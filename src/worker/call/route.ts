/** `POST /connectors/{id}/{operation}`. */
import { bodyFormOf } from "../../connector/definition/body_forms.ts";
import { explain } from "../../schema/explain.ts";
import type { Incoming } from "../env.ts";
import { find } from "../find.ts";
import { problemResponse, requestProblem } from "../problem/problem.ts";
import { refuse } from "../problem/refuse.ts";
import { readAsked } from "./asked.ts";
import { answerCall } from "./call.ts";
import {
  bytesInput,
  declaredForms,
  formInput,
  takesBytes,
  takesForms,
  withoutFiles,
} from "./form.ts";
import { checkSound, readInput } from "./input.ts";

export async function callRoute(context: Incoming): Promise<Response> {
  const found = find(context);
  if (found instanceof Response) return found;
  const { entry, operation } = found;
  if (operation === undefined) return context.notFound();
  const requestId = context.get("requestId");
  const served = context.get("served");
  const { raw } = context.req;
  const asked = readAsked(context);
  if (asked.all && !operation.paginated) {
    const detail = `${operation.id} has no pages, so ?all has no meaning: leave it out.`;
    return refuse(context, 400, "input.all", detail);
  }
  // The API gets the form of its body that the request has, or else the spec's first one.
  const form = bodyFormOf(operation, raw.headers.get("content-type") ?? "");
  const body = await readInput(raw, served.options.maxBodyBytes, {
    forms: takesForms(operation),
    bytes: takesBytes(operation),
    named: form?.kind,
    declared: () => declaredForms(operation).map(({ contentType }) => contentType),
  });
  const { definition } = entry;
  const other = form?.contentType === operation.body?.contentType ? undefined : form;
  const schema = other?.input ?? operation.input;
  const input = body instanceof FormData
    ? formInput(body, definition, schema)
    : body instanceof Blob
    ? bytesInput(body, new URL(raw.url).searchParams, definition, operation)
    : body;
  checkSound(input);
  const checked = input === body ? input : withoutFiles(input);
  const named = other === undefined ? operation.id : `${operation.id} ${other.contentType}`;
  const errors = explain(entry.check(named, schema, checked), checked);
  if (errors.length > 0) {
    const first = errors[0];
    const more = errors.length > 1 ? ` and ${errors.length - 1} more` : "";
    const detail = `The input is invalid: ${first?.path} ${first?.message}${more}.`;
    return problemResponse(requestProblem(400, "input.invalid", detail, requestId, { errors }));
  }
  return await answerCall(entry, operation, input, {
    ...asked,
    contentType: other?.contentType,
    signal: raw.signal,
    caller: context.get("caller"),
    resumes: served.options.resume,
    requestId,
    describe: (error) => served.failure(error, requestId),
  });
}
