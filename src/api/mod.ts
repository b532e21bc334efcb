/** A client for one API over a runtime, and batches of requests. */
export { ApiClient, type ApiClientOptions, type ApiRetryOptions } from "./api_client.ts";
export type { BatchItem, BatchOptions, BatchResult } from "./batch.ts";
export type { ApiRequest, ApiRequestOptions, Fields, FileInput } from "./request.ts";
export {
  BadRequestError,
  ClientError,
  ContentTooLargeError,
  ForbiddenError,
  HttpStatusError,
  NotFoundError,
  RequestTimeoutError,
  ServerError,
  TooManyRequestsError,
  UnauthorizedError,
} from "./status_error.ts";
