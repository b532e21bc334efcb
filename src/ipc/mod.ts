/**
 * The tables of the wire protocol as the FlatBuffers compiler makes them, over the package `flatbuffers`, under the names that
 * the Vastar SDKs give them: for programs that write and read frames themselves. Their getters trust what they read, so
 * give them only what comes from a runtime of yours; everything else here reads frames with every offset checked.
 */
export * from "./gen/mod.ts";
