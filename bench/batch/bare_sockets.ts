/** The least that a batch can take: a request written to each of so many sockets that are open, and their answers counted. */
const END = /\r\n\r\n[^]*\n$/;

/** One request on each socket: ms from the first write, with all of them open, until the last answer is whole. */
export async function bareSocketsMs(count: number, port: number, path: string): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const answers = new Map<Bun.Socket, string>();
  let left = count;
  const open = (): Promise<Bun.Socket> =>
    Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data(socket, bytes) {
          const text = (answers.get(socket) ?? "") + bytes.toString();
          answers.set(socket, text);
          if (!END.test(text)) return;
          if (!text.startsWith("HTTP/1.1 200")) reject(new Error(text));
          if (--left === 0) resolve();
        },
        close: () => reject(new Error("the upstream closed a connection")),
      },
    });
  const sockets = await Promise.all(Array.from({ length: count }, open));
  try {
    const begin = performance.now();
    for (const socket of sockets) socket.write(request);
    await promise;
    return performance.now() - begin;
  } finally {
    for (const socket of sockets) socket.end();
  }
}
