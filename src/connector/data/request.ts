/** A request under construction, and the data that its parameters and body are made from. */
import type { Observed } from "./observe.ts";
import type { CallReply } from "../../core/call.ts";
import type { Json } from "../../core/json.ts";

/** One object with parameters and body. */
export type Input = Readonly<Record<string, unknown>>;

/** Lower-case names. Without a prototype, so that no name is special. */
export type HeaderBag = Record<string, string>;

export interface OutgoingRequest {
  readonly operation: string;
  method: string;
  /** Absolute. */
  url: string;
  readonly headers: HeaderBag;
  body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** Lower-case names of headers that must not be shown or sent to another origin. */
  readonly secretHeaders: Set<string>;
  /** Values derived from secrets for this request alone, such as a signature. They must not be shown. */
  readonly secrets: string[];
}

export interface Exchange {
  readonly reply: CallReply;
  /** As it was sent. */
  readonly request: OutgoingRequest;
  readonly observed?: Observed | undefined;
}

export interface ParameterStyle {
  readonly wire: string;
  readonly explode: boolean;
  /** Escapes a name or value for its place. */
  readonly escape: (text: string) => string;
}

/** Writes a value: in a query whole `name=value` pairs, elsewhere the value. Undefined: nothing is written. */
export type ParameterEncoder = (value: unknown, style: ParameterStyle) => string | undefined;

export interface ParameterData {
  /** Property of the input. */
  readonly name: string;
  /** Default: `name`. */
  readonly wire?: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: true;
  /** Sent if the caller gives none. */
  readonly send?: Json;
  /** Default: `form` for query and cookie, `simple` for path and header. */
  readonly encode?: ParameterEncoder;
  /** Default: true with `form`, else false. */
  readonly explode?: boolean;
  readonly allowReserved?: true;
}

/** Accepted where an API takes bytes. */
export type BinaryInput = Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array> | string;

/** Accepted where a form takes a file; the last variant gives it a name and a type. A File brings its own. */
export type FileInput = BinaryInput | NamedFile;

export interface NamedFile {
  readonly data: BinaryInput;
  readonly name?: string;
  readonly type?: string;
  /** Of its part, beside those that the spec gives it. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EncodedBody {
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  readonly contentType: string;
}

export type BodyEncoder = (
  value: unknown,
  data: BodyEncoding,
) => EncodedBody | Promise<EncodedBody>;

export interface BodyData extends BodyEncoding {
  readonly required?: true;
  /** The property of the input that is the body. Absent: all properties that are not parameters. */
  readonly key?: string;
}

/** How the items of a list are named in a form, or what they are joined with. */
export type ListStyle = "repeat" | "brackets" | "indices" | "comma" | "space" | "pipe";

/** A value inside of a form, and the names that lead to it → JSON. */
export type FormJson = (value: unknown, path: readonly (string | number)[]) => string;

/** How a body is written. */
export interface BodyEncoding {
  readonly encode: BodyEncoder;
  readonly contentType: string;
  /** What it may be sent as besides, by media type. */
  readonly others?: Readonly<Record<string, BodyEncoding>>;
  /** Form and multipart. Default: `brackets`. With `json`, an object in multipart is one part. */
  readonly nested?: "dots" | "json";
  /** Form and multipart. Default: `repeat`. Lists of objects have `indices` in any case. */
  readonly arrays?: Exclude<ListStyle, "repeat">;
  /** Overrides `arrays`, by property. */
  readonly arraysOf?: Readonly<Record<string, ListStyle>>;
  /** Content types by property: of the parts of a multipart body; `application/json` in other forms means JSON text. */
  readonly parts?: Readonly<Record<string, string>>;
  /** Form and multipart: how JSON text is written. Default: `JSON.stringify`. */
  readonly json?: FormJson;
  /** Multipart: headers of the parts of a property. */
  readonly partHeaders?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
