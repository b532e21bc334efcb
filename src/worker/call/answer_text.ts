/** What an API answered as JSON. */
import { badAnswer } from "../../core/errors.ts";

/** @throws ConnectorError `response.too_deep`: an API may nest without end what it answers, and a parser reads it all the same. */
export function answerText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = "The API's answer is nested too deeply to be passed on";
    throw badAnswer("response.too_deep", message, { cause: error });
  }
}
