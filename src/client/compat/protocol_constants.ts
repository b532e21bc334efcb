/** What the existing SDK exports about its protocol. */
import {
  DEFAULT_SOCKET_PATH,
  DEFAULT_TCP_HOST,
  DEFAULT_TCP_PORT,
  DEFAULT_TIMEOUT_MS,
} from "../options.ts";

export const PROTOCOL_CONSTANTS: {
  readonly FRAME_LENGTH_SIZE: number;
  readonly MESSAGE_TYPE_SIZE: number;
  readonly MAX_PAYLOAD_SIZE: number;
  readonly DEFAULT_TIMEOUT_MS: number;
  readonly DEFAULT_SOCKET_PATH: string;
  readonly DEFAULT_TCP_HOST: string;
  readonly DEFAULT_TCP_PORT: number;
} = {
  FRAME_LENGTH_SIZE: 4,
  MESSAGE_TYPE_SIZE: 1,
  MAX_PAYLOAD_SIZE: 10 * 1024 * 1024,
  DEFAULT_TIMEOUT_MS,
  DEFAULT_SOCKET_PATH,
  DEFAULT_TCP_HOST,
  DEFAULT_TCP_PORT,
};
