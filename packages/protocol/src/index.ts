/**
 * Holds what plugin and gateway agree on: protobuf contract, WIT world, handshake and limits.
 *
 * @packageDocumentation
 */

export {};
