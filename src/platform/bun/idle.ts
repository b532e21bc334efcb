/** How long connections to Bun's server may be idle: as long as an answer takes, and a minute without one. */

/** Seconds without a byte, after which a connection is closed that waits for a request. */
export const IDLE_SECONDS = 60;

/** What of Bun's server is used. */
export interface IdleServer {
  timeout(request: Request, seconds: number): void;
}

/**
 * While it is answered, a connection is idle as long as its upstream is, which the engine limits. Bun keeps that for all later
 * requests on the connection, too: unless it is taken back, whoever asked once could stay for good.
 */
export async function whileAnswering(
  request: Request,
  server: IdleServer,
  answer: () => Response | Promise<Response>,
  onError: (error: unknown) => void,
): Promise<Response> {
  server.timeout(request, 0);
  const end = () => server.timeout(request, IDLE_SECONDS);
  let response: Response;
  try {
    response = await answer();
  } catch (error) {
    end();
    throw error;
  }
  // A body with a content-length is whole; wrapping it would only make Bun send it in chunks.
  if (!response.headers.has("content-length") && response.body !== null) {
    return new Response(reporting(response.body, onError, end), response);
  }
  end();
  return response;
}

/**
 * Reports a stream's failure and then fails without a reason: Bun prints reasons to stderr by itself, with whatever
 * they contain, and breaks the connection either way.
 */
function reporting(
  body: ReadableStream<Uint8Array>,
  onError: (error: unknown) => void,
  end: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (left) return;
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        if (left) return;
        onError(error);
        controller.error(undefined);
      }
    },
    cancel(reason: unknown) {
      left = true;
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/** Whether a host is Bun's server. */
export function isIdleServer(host: unknown): host is IdleServer {
  return typeof host === "object" && host !== null && "timeout" in host &&
    typeof host.timeout === "function";
}
