/** How host and plugin recognise each other. */
export interface Handshake {
  /** The application version of the contract. */
  readonly protocolVersion: number;
  /** The environment variable that tells a program it was started by a host. */
  readonly magicCookieKey: string;
  /** Its value. It tells a person who starts a plugin by hand what it is; it protects nothing. */
  readonly magicCookieValue: string;
}

/** The handshake of Sigil plugins. */
export const handshake: Handshake = Object.freeze({
  protocolVersion: 1,
  magicCookieKey: "SIGIL_PLUGIN",
  magicCookieValue: "aGFzaGljb3JwLWdvLXBsdWdpbg==",
});
