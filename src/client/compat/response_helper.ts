/** Checks on a response, with the names of the existing SDK. */
import { decodeText } from "../response_body.ts";

/** What the helpers need: ours, or any response shaped like the existing SDK's. */
export interface ResponseLike {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

// A class of statics, not functions, because code for the existing SDK calls HTTPResponseHelper.is2xx(response).
export class HTTPResponseHelper {
  static is2xx(response: Pick<ResponseLike, "statusCode">): boolean {
    return hundred(response) === 2;
  }

  static is3xx(response: Pick<ResponseLike, "statusCode">): boolean {
    return hundred(response) === 3;
  }

  static is4xx(response: Pick<ResponseLike, "statusCode">): boolean {
    return hundred(response) === 4;
  }

  static is5xx(response: Pick<ResponseLike, "statusCode">): boolean {
    return hundred(response) === 5;
  }

  /** `encoding` as for ResponseBody.toString; default `utf-8`. */
  static getBodyAsString(response: Pick<ResponseLike, "body">, encoding = "utf-8"): string {
    return typeof response.body === "string" ? response.body : decodeText(response.body, encoding);
  }

  /** Throws a SyntaxError when the body is not JSON. */
  static getBodyAsJSON<T = unknown>(response: Pick<ResponseLike, "body">): T {
    return JSON.parse(HTTPResponseHelper.getBodyAsString(response)) as T;
  }

  /** `name` is case-insensitive. */
  static getHeader(response: Pick<ResponseLike, "headers">, name: string): string | undefined {
    const wanted = name.toLowerCase();
    for (const [key, value] of Object.entries(response.headers)) {
      if (key.toLowerCase() === wanted) return value;
    }
    return undefined;
  }
}

function hundred(response: Pick<ResponseLike, "statusCode">): number {
  return Math.floor(response.statusCode / 100);
}
