/** The runtime's version, which a manifest's `engine` is held against. */
export const ENGINE = "0.1.0";
