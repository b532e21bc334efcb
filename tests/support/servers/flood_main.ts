/** A server of its own process: `/flood` is an endless body in chunks of one byte, anything else a small answer. */
import { type AddressInfo, createServer } from "node:net";

const PIECE = new TextEncoder().encode("1\r\nx\r\n".repeat(10_000));
const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.setNoDelay(true);
  const pump = (): void => {
    while (!socket.destroyed) if (!socket.write(PIECE)) return;
  };
  socket.on("data", (bytes: Uint8Array) => {
    if (!new TextDecoder().decode(bytes).startsWith("GET /flood ")) {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsmall");
      return;
    }
    socket.write(HEAD);
    socket.on("drain", pump);
    pump();
  });
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
