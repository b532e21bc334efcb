/** Connection messages of the session protocol: opening it and saying goodbye. */
import { addU64, type Codec, writeString } from "../codec.ts";
import { GoAway as GoAwayTable } from "../gen/go_away.ts";
import { Hello as HelloTable } from "../gen/hello.ts";
import { Welcome as WelcomeTable } from "../gen/welcome.ts";
import { GoAwaySlots, HelloSlots, WelcomeSlots } from "../gen/slots.ts";
import { MessageType } from "./message_type.ts";
import { Table } from "../table.ts";

/** The newest session version this code speaks. */
export const SESSION_VERSION = 1;
/** In `features`: the runtime keeps streamed answers for callers who may come back. */
export const FEATURE_KEEP = 1;

export interface Hello {
  version: number;
  /** Bit set of optional features. */
  features: number;
  maxFrameBytes: number;
  client: string;
  /** Empty: none. */
  token: string;
  /** Bytes of each response body that the client accepts before it grants more. */
  callCredit: number;
  /** Bytes of all response bodies that the client accepts before it grants more. */
  connectionCredit: number;
}

export const hello: Codec<Hello> = {
  type: MessageType.Hello,
  encode(b, m) {
    const client = writeString(b, m.client);
    const token = writeString(b, m.token);
    HelloTable.startHello(b);
    HelloTable.addVersion(b, m.version);
    addU64(b, HelloSlots.features, m.features);
    HelloTable.addMaxFrameBytes(b, m.maxFrameBytes);
    HelloTable.addClient(b, client);
    HelloTable.addToken(b, token);
    HelloTable.addCallCredit(b, m.callCredit);
    HelloTable.addConnectionCredit(b, m.connectionCredit);
    b.finish(HelloTable.endHello(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      version: t.u16(HelloSlots.version),
      features: t.u64(HelloSlots.features),
      maxFrameBytes: t.u32(HelloSlots.maxFrameBytes),
      client: t.string(HelloSlots.client),
      token: t.string(HelloSlots.token),
      callCredit: t.u32(HelloSlots.callCredit),
      connectionCredit: t.u32(HelloSlots.connectionCredit),
    };
  },
};

export interface Welcome {
  version: number;
  features: number;
  maxFrameBytes: number;
  server: string;
  /** Bytes of each request body that the runtime accepts before it grants more. */
  callCredit: number;
  /** Bytes of all request bodies that the runtime accepts before it grants more. */
  connectionCredit: number;
  maxOpenCalls: number;
}

export const welcome: Codec<Welcome> = {
  type: MessageType.Welcome,
  encode(b, m) {
    const server = writeString(b, m.server);
    WelcomeTable.startWelcome(b);
    WelcomeTable.addVersion(b, m.version);
    addU64(b, WelcomeSlots.features, m.features);
    WelcomeTable.addMaxFrameBytes(b, m.maxFrameBytes);
    WelcomeTable.addServer(b, server);
    WelcomeTable.addCallCredit(b, m.callCredit);
    WelcomeTable.addConnectionCredit(b, m.connectionCredit);
    WelcomeTable.addMaxOpenCalls(b, m.maxOpenCalls);
    b.finish(WelcomeTable.endWelcome(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return {
      version: t.u16(WelcomeSlots.version),
      features: t.u64(WelcomeSlots.features),
      maxFrameBytes: t.u32(WelcomeSlots.maxFrameBytes),
      server: t.string(WelcomeSlots.server),
      callCredit: t.u32(WelcomeSlots.callCredit),
      connectionCredit: t.u32(WelcomeSlots.connectionCredit),
      maxOpenCalls: t.u32(WelcomeSlots.maxOpenCalls),
    };
  },
};

export interface GoAway {
  code: string;
  message: string;
}

export const goAway: Codec<GoAway> = {
  type: MessageType.GoAway,
  encode(b, m) {
    const code = writeString(b, m.code);
    const message = writeString(b, m.message);
    GoAwayTable.startGoAway(b);
    GoAwayTable.addCode(b, code);
    GoAwayTable.addMessage(b, message);
    b.finish(GoAwayTable.endGoAway(b));
  },
  decode(payload, meter) {
    const t = Table.root(payload, meter);
    return { code: t.string(GoAwaySlots.code), message: t.string(GoAwaySlots.message) };
  },
};
