import { type Attack } from "./attack.ts";

/** Reads from each place to connect to, and tells where anything answers. */
const connectTo = (places: Readonly<Record<string, unknown>>): string => `
const { connect } = await import("node:net");
for (const [name, place] of ${JSON.stringify(Object.entries(places))}) {
  await new Promise((resolve) => {
    const socket = connect(place);
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once("connect", () => through(name));
    socket.on("error", () => undefined);
    socket.once("close", resolve);
    socket.resume();
  });
}`;

/** Attacks on sockets and the network, for a plugin without any grant of one. */
export const networkAttacks: readonly Attack[] = [
  {
    row: 22,
    title: "connects to a socket of the host by its path",
    runtime: "node",
    body: ({ socket }) => connectTo({ socket: { path: socket } }),
  },
  {
    row: 23,
    title: "connects to an abstract socket of the host",
    runtime: "node",
    body: ({ abstract }) => connectTo({ abstract: { path: `\0${abstract}` } }),
  },
  {
    row: 27,
    title: "connects to the loopback of the host and to the metadata service",
    runtime: "node",
    body: ({ port }) =>
      connectTo({
        loopback: { host: "127.0.0.1", port },
        metadata: { host: "169.254.169.254", port: 80 },
      }),
  },
  {
    row: 28,
    title: "asks a name server",
    runtime: "node",
    body: () => `
const { lookup, Resolver } = await import("node:dns/promises");
const resolver = new Resolver({ timeout: 500, tries: 1 });
resolver.setServers(["192.0.2.53"]);
await resolver.resolve4("example.org").then(() => through("resolver"), () => undefined);
await lookup("example.org").then(() => through("lookup"), () => undefined);`,
  },
  {
    row: 29,
    title: "finds a route or an interface beside the loopback",
    runtime: "sh",
    body: () => `[ "$(wc -l < /proc/net/route || echo 0)" -le 1 ] || through route
while read -r name _; do case $name in *:) [ "$name" = lo: ] || through $name ;; esac; done < /proc/net/dev`,
  },
];
