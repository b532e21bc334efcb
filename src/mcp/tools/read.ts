/** The tool that reads answers on which were too long for one result. */
import { failedResult } from "../call/failure.ts";
import type { ToolSession } from "../call/session.ts";
import { requestProblem } from "../../worker/problem/problem.ts";
import { stringOf, stringsOf, type Tool } from "./tool.ts";

export function readTool(session: ToolSession): Tool {
  return {
    run({ handle, select }, request) {
      const known = stringOf(handle);
      if (known === undefined) {
        const detail = "handle is missing: it is in the answer that was cut.";
        return Promise.resolve(
          failedResult(requestProblem(400, "input.invalid", detail, request.requestId)),
        );
      }
      return Promise.resolve(session.read(known, stringsOf(select), request));
    },
  };
}
