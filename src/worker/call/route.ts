/** `POST /connectors/{id}/{operation}`. */
import { explain } from "../../schema/explain.ts";
import type { Incoming } from "../env.ts";
import { find } from "../find.ts";
import { problemResponse, requestProblem } from "../problem/problem.ts";
import { refuse } from "../problem/refuse.ts";
import { readAsked } from "./asked.ts";
import { answerCall } from "./call.ts";
import { bytesInput, formInput, takesBytes, takesForms, withoutFiles } from "./form.ts";
import { checkSound, readInput } from "./input.ts";

export async function callRoute(context: Incoming): Promise<Response> {
  const found = find(context);
  if (found instanceof Response) return found;
  const { entry, operation } = found;
  if (operation === undefined) return context.notFound();
  const { caller, requestId, served } = context.var;
  const { raw } = context.req;
  const asked = readAsked(context);
  if (asked.all && !operation.paginated) {
    const detail = `${operation.id} has no pages, so ?all has no meaning: leave it out.`;
    return refuse(context, 400, "input.all", detail);
  }
  const body = await readInput(raw, served.options.maxBodyBytes, {
    forms: takesForms(operation),
    bytes: takesBytes(operation),
  });
  const { definition } = entry;
  const input = body instanceof FormData
    ? formInput(body, definition, operation)
    : body instanceof Blob
    ? bytesInput(body, new URL(raw.url).searchParams, definition, operation)
    : body;
  checkSound(input);
  const checked = input === body ? input : withoutFiles(input);
  const errors = explain(entry.check(operation.id, operation.input, checked), checked);
  if (errors.length > 0) {
    const first = errors[0];
    const more = errors.length > 1 ? ` and ${errors.length - 1} more` : "";
    const detail = `The input is invalid: ${first?.path} ${first?.message}${more}.`;
    return problemResponse(requestProblem(400, "input.invalid", detail, requestId, { errors }));
  }
  return await answerCall(entry, operation, input, {
    ...asked,
    signal: raw.signal,
    caller,
    resumes: served.options.resume,
    requestId,
    describe: (error) => served.failure(error, requestId),
  });
}
