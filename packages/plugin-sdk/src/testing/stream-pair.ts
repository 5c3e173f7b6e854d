import { Duplex } from "node:stream";

/** Two ends of a stream in one process. Unlike those of `duplexPair` they hold bytes, as sockets do, so both may write at once. */
export function streamPair(): readonly [Duplex, Duplex] {
  const near: Duplex = end(() => far);
  const far: Duplex = end(() => near);
  return [near, far];
}

function end(other: () => Duplex): Duplex {
  return new Duplex({
    read: () => undefined,
    write(chunk, _encoding, done) {
      setImmediate(() => {
        if (!other().destroyed) other().push(chunk);
        done();
      });
    },
    final(done) {
      setImmediate(() => {
        if (!other().destroyed) other().push(null);
        done();
      });
    },
    destroy(error, done) {
      const peer = other();
      if (!peer.destroyed) setImmediate(() => peer.destroy());
      done(error);
    },
  });
}
